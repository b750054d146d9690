"""The form is drawn from the settings: a widget a field, with its bounds and its help."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.specs import LAYERS, OBJECTIVES, SettingsModel, Training
from core.thresholds import THRESHOLDS
from dashboard.forms import bounds

MODELS: dict[str, type[SettingsModel]] = {
    "training": Training,
    **{f"objective {name}": OBJECTIVES.get(name).settings for name in OBJECTIVES},
    **{f"layers {name}": LAYERS.get(name).settings for name in LAYERS},
    **{f"threshold {name}": THRESHOLDS.get(name).parameters for name in THRESHOLDS},
}


@pytest.mark.parametrize("name", MODELS)
def test_every_field_has_a_help_a_title_and_a_widget(name: str) -> None:
    model = MODELS[name]
    for field in model.model_fields.values():
        assert field.title
        assert field.description

    def page(model):  # no types: the text of this function runs by itself
        import streamlit as st

        from dashboard.forms import settings_form

        values = settings_form(model, {}, key="form")
        st.session_state["values"] = model.read(values)

    app = AppTest.from_function(page, args=(model,), default_timeout=30).run()
    assert not app.exception
    assert app.session_state["values"] == model()


def test_bounds_that_are_not_allowed_themselves_are_left_out() -> None:
    low, high = bounds(Training.model_fields["learning_rate"])
    assert low is not None
    assert 0 < low < 1e-6
    assert high == 1.0
