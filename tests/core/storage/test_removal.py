"""Delete lists what will go, removes exactly that with its files, and spares what others need."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.access import Principal
from core.errors import InputRefused, NotFound
from core.specs import RunSpec
from core.storage.jobs import Fence, Superseded, claim
from core.storage.store import Store
from tests.conftest import add_csv, grid_csv
from tests.core.storage.filled import finished_run


def stored(store: Store) -> set[str]:
    return {path.name for path in (store.settings.home / "artifacts").rglob("*") if path.is_file()}


def test_deleting_a_run_leaves_its_data_and_other_runs(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    before = stored(store)
    first = finished_run(store, dataset, "first", seed=1)
    with_first = stored(store)
    second = finished_run(store, dataset, "second", seed=2)
    store.views.new(second.id, "map", {}, ("a",))
    store.thresholds.new(second.id, "count", {"rows": 3}, 1.5, 3)
    lines = store.runs.would_remove(second.id).lines()
    assert any("second" in line for line in lines)
    assert any("1 saved threshold" in line for line in lines)
    assert any("1 shared link" in line for line in lines)
    store.runs.delete(second.id)
    assert stored(store) == with_first
    assert store.runs.scores(first).values.shape == (60,)
    store.runs.delete(first.id)
    assert stored(store) == before


def test_files_that_another_run_shares_stay(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    first, second = finished_run(store, dataset, seed=1), finished_run(store, dataset, seed=1)
    store.runs.delete(first.id)
    assert store.runs.scores(second).values.shape == (60,)


def test_deleting_a_dataset_takes_everything(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    run = finished_run(store, dataset)
    assert any(run.name in line for line in store.datasets.would_remove(dataset.id).lines())
    store.datasets.delete(dataset.id)
    assert stored(store) == set()
    with pytest.raises(NotFound, match="there is no run"):
        store.runs.get(run.id)


def test_a_busy_run_is_not_deleted(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    run = store.runs.submit(dataset.id, RunSpec())
    with pytest.raises(InputRefused, match="still working"):
        store.runs.delete(run.id)
    with pytest.raises(InputRefused, match="still working"):
        store.datasets.delete(dataset.id)
    store.jobs.request(run.job_id, "cancel")
    store.runs.delete(run.id)


@pytest.mark.parametrize("claimed", [False, True])
def test_a_map_that_is_still_drawn_goes_with_its_run(store: Store, tmp_path: Path, claimed: bool) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    run = finished_run(store, dataset)
    map_job = store.jobs.submit("project", {"run_id": run.id}, dataset_id=dataset.id, run_id=run.id)
    if claimed:
        taken = claim(store.engine, "s-1", 60.0, ["project"])
        assert taken is not None
    store.runs.delete(run.id)
    assert store.jobs.get(map_job.id).state == "cancelled"
    if claimed:
        with pytest.raises(Superseded):
            Fence(store.engine, map_job.id, 1).progress(0.5, "")


def test_another_space_sees_and_removes_nothing(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    run = finished_run(store, dataset)
    stranger = Store(store.settings, store.engine, Principal("elsewhere", "stranger"))
    assert stranger.datasets.find() == stranger.runs.find() == stranger.jobs.find() == []
    for attempt in (stranger.datasets.get, stranger.datasets.delete):
        with pytest.raises(NotFound):
            attempt(dataset.id)
    with pytest.raises(NotFound):
        stranger.runs.submit(dataset.id, RunSpec())
    with pytest.raises(NotFound):
        stranger.runs.rename(run.id, "mine")
    assert stranger.thresholds.of_run(run.id) == []
    assert stranger.runs.metrics(run.id) == []


def test_names_notes_and_tags_are_searched(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    store.datasets.rename(dataset.id, "  Pumps \n of plant 7 ")
    store.datasets.change(dataset.id, note="with 100% of faults", tags=["winter", "größe"])
    assert store.datasets.get(dataset.id).name == "Pumps of plant 7"
    for words in ("pumps plant", "WINTER", "GRÖßE", "100%", "fault"):
        assert len(store.datasets.find(words)) == 1, words
    assert store.datasets.find("100_") == []
    with pytest.raises(InputRefused, match="can't be empty"):
        store.datasets.rename(dataset.id, " \n ")
