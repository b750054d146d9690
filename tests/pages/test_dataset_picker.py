"""The list that a page shows while no dataset is chosen."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.settings import settings
from core.storage.store import Store
from dashboard.blocks import dataset_picker
from tests.conftest import add_csv, grid_csv
from tests.pages.conftest import Browser, sound


def listed(app: AppTest) -> list[str]:
    return [button.label.split(" ·")[0] for button in app.button if (button.key or "").startswith("pick_")]


def test_of_many_datasets_the_newest_are_listed_and_the_others_are_found(
    empty: Browser, tmp_path: Path, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(dataset_picker, "DATASETS", 2)
    store = Store.open(settings())
    for rows in (20, 21):
        add_csv(store, tmp_path, grid_csv(rows), name=f"t{rows}.csv")
    assert not empty("train").text_input
    add_csv(store, tmp_path, grid_csv(22), name="t22.csv")
    app = empty("train")
    assert listed(app) == ["t22", "t21"]
    (search,) = app.text_input
    assert listed(sound(search.set_value("t20").run())) == ["t20"]
    app = sound(app.text_input[0].set_value("nothing").run())
    assert listed(app) == [] and "Nothing is called that." in [each.value for each in app.markdown]
    store.close()
