"""Which rows are kept to validate on: by chance, the last ones by time, whole groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.datasets.ingest import change_columns
from core.errors import SettingsRefused
from core.results import Dataset
from core.scoring.material.parts import Split
from core.specs import RunSpec, Training
from core.storage.store import Store
from tests.conftest import add_csv

ROWS = 200


@pytest.fixture
def dataset(store: Store, tmp_path: Path) -> Dataset:
    """Rows in no order of time, of ten machines; two have no time."""
    order = np.random.default_rng(0).permutation(ROWS)
    lines = ["when,who,a,b"]
    for i, day in enumerate(order):
        when = "" if i < 2 else f"20{10 + day // 100}-{1 + day // 10 % 10:02d}-{1 + day % 10:02d}"
        lines.append(f"{when},M{i % 10:02d},{day % 7},{i % 13}")
    made = add_csv(store, tmp_path, "\n".join(lines) + "\n")
    return change_columns(store, made, {"when": {"role": "time"}, "who": {"role": "group"}})


def split(store: Store, dataset: Dataset, by: str, **more: object) -> Split:
    spec = RunSpec(training=Training(validation=by, validation_share=0.2, **more)).checked()
    return Split.of(store, dataset, spec, np.arange(dataset.rows))


def times(store: Store, dataset: Dataset) -> np.ndarray:
    cells = store.datasets.cells(dataset, ["when"])["when"].to_pylist()
    return np.asarray([cell or "" for cell in cells], object)


def groups(store: Store, dataset: Dataset) -> np.ndarray:
    return np.asarray(store.datasets.cells(dataset, ["who"])["who"].to_pylist())


@pytest.mark.parametrize("by", ["random", "by time", "by group"])
def test_all_kept_rows_are_on_one_side_and_none_on_both(store: Store, dataset: Dataset, by: str) -> None:
    found = split(store, dataset, by)
    assert sorted([*found.train, *found.validation]) == list(range(ROWS))
    assert len(found.validation) == 40
    again = split(store, dataset, by)
    assert np.array_equal(found.train, again.train)


def test_by_time_the_last_rows_are_kept_and_rows_without_a_time_are_trained_on(store: Store, dataset: Dataset) -> None:
    found, when = split(store, dataset, "by time"), times(store, dataset)
    known = found.train[when[found.train] != ""]
    assert when[known].max() < when[found.validation].min()
    assert {0, 1} <= set(found.train.tolist())


def test_by_group_whole_groups_are_kept_and_the_seed_says_which(store: Store, dataset: Dataset) -> None:
    chosen = []
    for seed in range(3):
        found, who = split(store, dataset, "by group", seed=seed), groups(store, dataset)
        assert not set(who[found.train]) & set(who[found.validation])
        chosen.append(tuple(sorted(set(who[found.validation]))))
    assert len(set(chosen)) > 1


def test_without_the_column_it_is_refused_with_what_to_do(store: Store, tmp_path: Path) -> None:
    plain = add_csv(store, tmp_path, "a,b\n" + "\n".join(f"{i},{i % 7}" for i in range(60)) + "\n")
    for by, role in (("by time", "time"), ("by group", "group")):
        with pytest.raises(SettingsRefused, match=f"must have the role {role}"):
            split(store, plain, by)


def test_one_group_alone_is_refused(store: Store, dataset: Dataset) -> None:
    spec = RunSpec(training=Training(validation="by group")).checked()
    only = np.flatnonzero(groups(store, dataset) == "M03")
    with pytest.raises(SettingsRefused, match="one group"):
        Split.of(store, dataset, spec, only)
