"""A value that is very likely wrong in a row that isn't flagged is pointed at beside the flags."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.datasets.profile.compute import profile
from core.profiles import Profile, Suspicion
from core.results import Dataset
from core.specs import RunSpec, Training
from core.storage.records import to_json
from core.storage.store import Store
from dashboard.blocks.doubtful_rows import doubts_by_row, not_flagged
from tests.conftest import add_csv
from tests.pages.conftest import Browser, finished, said

GROSS = 17  # the row, from 0, whose age no one has


def people(rows: int = 300) -> str:
    random = np.random.default_rng(0)
    ages = random.normal(45, 9, rows).round().astype(int)
    weights, heights = random.normal(70, 8, rows), random.normal(170, 7, rows)
    ages[GROSS], weights[40] = 199, 2_000.0
    lines = [f"{age},{weight:.1f},{height:.1f}" for age, weight, height in zip(ages, weights, heights, strict=True)]
    return "\n".join(["*age*,weight,height", *lines]) + "\n"


def counted(store: Store, dataset: Dataset) -> Dataset:
    cells = store.artifacts.local_path(store.space, dataset.cells_address)
    found = profile(cells, dataset.columns, dataset.rows)
    store.datasets.change(dataset.id, profile_address=store.artifacts.put_json(store.space, to_json(Profile, found)))
    return store.datasets.get(dataset.id)


@pytest.fixture
def run_id(store: Store, tmp_path: Path) -> str:
    """Of a run that flags one row of three hundred."""
    dataset = counted(store, add_csv(store, tmp_path, people()))
    return finished(store, dataset, RunSpec(training=Training(epochs=2), contamination=1 / 300)).id


def test_they_are_listed_with_what_is_doubted(pages: Browser, run_id: str) -> None:
    app = pages("anomalies", run=run_id)
    (listed,) = [box for box in app.expander if "very likely wrong" in box.label]
    assert listed.label.endswith("not flagged: 1 row")
    (table,) = [frame.value for frame in listed.dataframe]
    whole = {GROSS + 1, 41}
    assert len(table) == 1 and set(table.index) < whole  # the other of both is the one that is flagged
    assert "lies far above the rest" in table["very likely wrong"].iloc[0]
    assert "in 2 rows (flagged: 1)" in said(app)


def test_a_damaged_profile_hides_no_flag(pages: Browser, run_id: str, store: Store) -> None:
    dataset = store.datasets.get(store.runs.get(run_id).dataset_id)
    Path(store.artifacts.path(store.space, dataset.profile_address)).write_text("{")
    app = pages("anomalies", run=run_id)
    assert app.error and "Is the autoencoder worth it here?" in said(app)


def test_the_columns_are_counted_without_a_visit_to_the_data(pages: Browser, store: Store, tmp_path: Path) -> None:
    run = finished(store, add_csv(store, tmp_path, people()))
    app = pages("anomalies", run=run.id)
    assert not [box for box in app.expander if "very likely wrong" in box.label]
    assert "Each column is being looked at" in said(app)
    (job,) = store.jobs.find(dataset_id=run.dataset_id, kind="profile")
    store.jobs.request(job.id, "cancel")
    assert "Each column is being looked at" not in said(pages("anomalies", run=run.id))


def test_rows_are_named_once_with_all_that_is_doubted() -> None:
    one = Suspicion("a", "1 cell is infinite", 1, ("inf",), (3,), 0.8)
    other = replace(one, column="b", what="2 cells lie far out", cells=2, rows=(3, 9), doubt=0.85)
    likely, of_many = replace(one, rows=(5,), doubt=0.6), replace(one, rows=(6, 7), cells=90)
    doubted = doubts_by_row((one, other, likely, of_many))
    assert doubted == {2: ["a: 1 cell is infinite", "b: 2 cells lie far out"], 8: ["b: 2 cells lie far out"]}
    assert not_flagged(doubted, np.asarray([8, 1])).tolist() == [2]
    assert not_flagged({}, np.asarray([8, 1])).tolist() == []
