"""The Compare page: what it says of runs on the same rows, on different ones, of one alone, and of runs that are gone."""

from __future__ import annotations

import pytest

from core.results import Dataset, Run
from core.specs import RunSpec, Training
from tests.conftest import add_csv, grid_csv
from tests.pages.conftest import Browser, Made, finished, said, sound


@pytest.fixture(scope="module")
def pair(made: Made, tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Run, Run]:
    folder = tmp_path_factory.mktemp("compare")
    dataset = add_csv(made.store, folder, grid_csv(), name="two <i>runs</i>.csv", label="kind")
    first = finished(made.store, dataset)
    second = finished(made.store, dataset, RunSpec(training=Training(epochs=3, seed=1)))
    return dataset, first, second


def test_two_runs_are_compared_to_the_end(full: Browser, pair: tuple[Dataset, Run, Run]) -> None:
    _, first, second = pair
    app = sound(full("compare", compare=f"{first.id},{second.id}"))
    text = said(app)
    for heading in ("Do they agree?", "What each costs, and which to trust", "Side by side", "Contested"):
        assert heading in text
    table = next(frame.value for frame in app.dataframe if "detector" in frame.value.columns)
    assert {"PCA", "IsolationForest", "kNN"} <= set(table["detector"])
    assert "can't be told apart" in text or "trust" in text
    choice = next(box for box in app.multiselect if box.label == "Runs")
    assert choice.value == [first.id, second.id]
    budget = next(each for each in app.get("button_group") if each.label == "Flags")
    assert budget is not None


def test_one_run_alone_says_what_to_do(full: Browser, made: Made) -> None:
    app = sound(full("compare", dataset=made.hostile.dataset_id))
    assert "Two finished runs on the same data are needed" in said(app)


def test_runs_that_are_gone_are_said(full: Browser, pair: tuple[Dataset, Run, Run]) -> None:
    _, first, second = pair
    app = sound(full("compare", compare=f"{first.id},{second.id},r-gone"))
    assert "1 run of this link was deleted" in said(app)
    assert "Do they agree?" in said(app)


def test_runs_without_a_row_in_common_are_not_compared(full: Browser, made: Made) -> None:
    app = sound(full("compare", compare=f"{made.plain.id},{made.hostile.id}"))
    assert "too few to compare" in said(app)


def test_the_runs_of_a_dataset_lead_to_their_comparison(full: Browser, pair: tuple[Dataset, Run, Run]) -> None:
    dataset, first, second = pair
    for params in ({"dataset": dataset.id}, {"compare": f"{first.id},{second.id}"}):
        app = sound(full("train", **params))
        assert "Compare what they find" in [link.proto.label for link in app.main.get("page_link")]
    app = sound(full("compare", dataset=dataset.id))
    assert len(next(box for box in app.multiselect if box.label == "Runs").value) == 2
