"""The Compare page: what it says of runs on the same rows, on different ones, of one alone, and of runs that are gone."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from core.results import Dataset, Run
from core.settings import Settings
from core.specs import RunSpec, Training
from core.storage.database import migrate
from core.storage.store import Store
from dashboard.blocks.compared import RANKS
from dashboard.latent_map import bounds
from tests.conftest import add_csv, grid_csv
from tests.pages.conftest import Browser, finished, hostile_csv, opened, said, sound


@dataclass(frozen=True)
class Pair:
    """A deployment of this module's own: the newest run of the shared one is what other pages are told on."""

    store: Store
    dataset: Dataset
    first: Run
    second: Run
    other: Run  # on other rows


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("compare")
    deployment = Settings(home=folder / "home")
    migrate(deployment)
    store = Store.open(deployment)
    dataset = add_csv(store, folder, grid_csv(), name="two <i>runs</i>.csv", label="kind")
    other = finished(store, add_csv(store, folder, hostile_csv(), name="other.csv"))
    first = finished(store, dataset)
    second = finished(store, dataset, RunSpec(training=Training(epochs=3, seed=1)))
    yield Pair(store, dataset, first, second, other)
    store.close()


@pytest.fixture
def pages(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    yield from opened(pair.store.settings.home, monkeypatch)


def test_two_runs_are_compared_to_the_end(pages: Browser, pair: Pair) -> None:
    first, second = pair.first, pair.second
    app = sound(pages("compare", compare=f"{first.id},{second.id}"))
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


def test_one_run_alone_says_what_to_do(pages: Browser, pair: Pair) -> None:
    app = sound(pages("compare", dataset=pair.other.dataset_id))
    assert "Two finished runs on the same data are needed" in said(app)


def test_runs_that_are_gone_are_said(pages: Browser, pair: Pair) -> None:
    first, second = pair.first, pair.second
    app = sound(pages("compare", compare=f"{first.id},{second.id},r-gone"))
    assert "1 run of this link was deleted" in said(app)
    assert "Do they agree?" in said(app)


def test_runs_without_a_row_in_common_are_not_compared(pages: Browser, pair: Pair) -> None:
    app = sound(pages("compare", compare=f"{pair.first.id},{pair.other.id}"))
    assert "too few to compare" in said(app)


def test_the_runs_of_a_dataset_lead_to_their_comparison(pages: Browser, pair: Pair) -> None:
    dataset, first, second = pair.dataset, pair.first, pair.second
    for params in ({"dataset": dataset.id}, {"compare": f"{first.id},{second.id}"}):
        app = sound(pages("train", **params))
        assert "Compare what they find" in [link.proto.label for link in app.main.get("page_link")]
    app = sound(pages("compare", dataset=dataset.id))
    assert len(next(box for box in app.multiselect if box.label == "Runs").value) == 2


def test_errors_on_other_rows_held_back_are_not_ranked(pages: Browser, pair: Pair, tmp_path: Path) -> None:
    store = pair.store
    dataset = add_csv(store, tmp_path, grid_csv(200), name="two.csv")
    runs = [
        finished(store, dataset, RunSpec(training=Training(epochs=epochs, seed=seed)))
        for epochs, seed in ((2, 0), (8, 0), (8, 1))
    ]
    same = said(pages("compare", compare=f"{runs[0].id},{runs[1].id}"))
    assert "held back different rows" not in same
    assert "rebuilds rows held back best" in same or "can't be told apart by what they rebuild" in same
    other = said(pages("compare", compare=f"{runs[0].id},{runs[2].id}"))
    assert "They held back different rows" in other
    assert "For expected values look at" not in other


def test_compare_begins_with_the_run_that_led_there_and_carries_it_on(pages: Browser, pair: Pair) -> None:
    app = pages("compare", run=pair.first.id)
    choice = next(box for box in app.multiselect if box.label == "Runs")
    assert choice.value[0] == pair.first.id
    assert len(choice.value) == 2
    app = pages("compare", compare=f"{pair.second.id},{pair.first.id}")
    table = next(frame.value for frame in app.dataframe if "detector" in frame.value.columns).set_index("detector")
    assert table.loc[["PCA", "IsolationForest", "kNN"], "seconds"].notna().all()


def test_of_many_runs_it_is_chosen_whose_maps_stand_side_by_side(pages: Browser, pair: Pair, tmp_path: Path) -> None:
    dataset = add_csv(pair.store, tmp_path, grid_csv(90), name="many.csv")
    runs = [finished(pair.store, dataset, RunSpec(training=Training(epochs=1, seed=seed))) for seed in range(4)]
    app = sound(pages("compare", compare=",".join(run.id for run in runs[:3])))
    assert "Maps side by side" not in [box.label for box in app.multiselect]  # they all fit, beside the ranks
    app = sound(pages("compare", compare=",".join(run.id for run in runs)))
    beside = next(box for box in app.multiselect if box.label == "Maps side by side")
    assert len(beside.options) == 5
    assert beside.value == [RANKS, 0, 1, 2]
    app = sound(beside.set_value([3, 1]).run())
    assert "Ranks across" not in [box.label for box in app.selectbox]
    memory = app.session_state[f"compared_maps_{'_'.join(run.id for run in runs)}_memory"]
    length = struct.unpack("<I", memory.data[:4])[0]
    one, other = (each["bounds"] for each in json.loads(memory.data[4 : 4 + length])["maps"])
    assert one == other  # what is laid over another map is not stretched to fill its own
    base = memory.bases[memory.token]
    assert base.boxes[0] == base.boxes[1] == bounds(np.concatenate(base.points))
    sound(next(box for box in app.multiselect if box.label == "Maps side by side").set_value([]).run())


def test_losses_of_two_sorts_are_not_drawn_on_one_scale(pages: Browser, pair: Pair, tmp_path: Path) -> None:
    dataset = add_csv(pair.store, tmp_path, grid_csv(80), name="sorts.csv")
    sorts = [RunSpec(objective=name, training=Training(epochs=1)) for name in ("vanilla", "variational", "denoising")]
    app = sound(pages("compare", compare=",".join(finished(pair.store, dataset, spec).id for spec in sorts)))
    charts = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    drawn = {chart["layout"]["title"]["text"]: len(chart["data"]) for chart in charts if "title" in chart["layout"]}
    by_loss = {title: count for title, count in drawn.items() if "Reconstruction loss" in title}
    assert sorted(by_loss.values()) == [1, 2]
    assert any("(likelihood)" in title for title in by_loss)
    lines = [
        line for chart in charts if "Reconstruction" in str(chart["layout"].get("title")) for line in chart["data"]
    ]
    assert len({line["line"]["color"] for line in lines}) == 3
    assert "can't be read off one scale" in said(app)
    assert said(app).count("is of rows that were spoilt on purpose, and so higher") == 1


def test_curves_of_rows_that_were_spoilt_or_hidden_are_called_so(pages: Browser, pair: Pair, tmp_path: Path) -> None:
    dataset = add_csv(pair.store, tmp_path, grid_csv(80), name="spoilt.csv")

    def run(objective: str) -> Run:
        return finished(pair.store, dataset, RunSpec(objective=objective, training=Training(epochs=1)))

    plain, sparse, denoising, masked = map(run, ("vanilla", "sparse", "denoising", "masked"))
    pair.store.runs.rename(denoising.id, "<b>one</b>")
    assert "on purpose" not in said(sound(pages("compare", compare=f"{plain.id},{sparse.id}")))
    text = said(sound(pages("compare", compare=f"{plain.id},{denoising.id},{masked.id}")))
    assert "The loss of **<b>one</b>** is of rows that were spoilt on purpose, and so higher" in text
    assert "is of cells that were hidden on purpose, and so higher" in text
