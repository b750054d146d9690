"""The form is drawn from the settings: a widget a field, with its bounds and its help."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import SettingsRefused
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


@pytest.mark.parametrize(
    ("label", "typed", "words"),
    [
        ("Epochs (passes)", 99_999, "Epochs: 99,999 can't be taken, it is a whole number from 1 to 5,000"),
        ("Epochs (passes)", 0, "Epochs: 0 can't be taken, it is a whole number from 1 to 5,000"),
        ("Epochs (passes)", -3, "Epochs: -3 can't be taken"),
        ("Epochs (passes)", 2.5, "Epochs: 2.5 can't be taken, it is a whole number"),
        ("Epochs (passes)", 1e30, "Epochs: 1e+30 can't be taken"),
        ("Learning rate", 0, "Learning rate: 0 can't be taken, it is a number above 0, at most 1"),
        ("Validation share (%)", 51, "Validation share: 51 % can't be taken, it is a number from 0 to 50 %"),
        ("Validation share (%)", 50, ""),
        ("Epochs (passes)", 5_000, ""),
        ("Seed", 2**31 - 1, ""),
        ("Seed", 2**31, "Seed: 2,147,483,648 can't be taken"),
    ],
)
def test_a_number_out_of_its_bounds_arrives_and_is_refused_in_place(label: str, typed: float, words: str) -> None:
    def page():  # no types: the text of this function runs by itself
        import streamlit as st

        from core.specs import Training
        from dashboard.forms import out_of_bounds, settings_form

        st.session_state["values"] = settings_form(Training, {}, key="form")
        st.session_state["refused"] = out_of_bounds(Training.model_fields, st.session_state["values"])

    app = AppTest.from_function(page, default_timeout=30).run()
    box = next(each for each in app.number_input if each.label == label)
    assert not box.proto.has_min
    assert not box.proto.has_max
    app = box.set_value(typed).run()
    refused, said = app.session_state["refused"], [box.value for box in app.caption]
    if not words:
        assert refused is None
        assert Training.read(app.session_state["values"])
        assert not said
        return
    assert refused.what.startswith(words)
    assert len(said) == 1
    assert refused.what.partition(": ")[2] in said[0]
    with pytest.raises(SettingsRefused):
        Training.read(app.session_state["values"])
