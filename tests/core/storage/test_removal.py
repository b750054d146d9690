"""Delete lists what will go, removes exactly that with its files, and spares what others need."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from core.access import Principal
from core.errors import InputRefused, NotFound
from core.jobs.supervisor import Supervisor
from core.results import Run
from core.specs import RunSpec
from core.storage import removal
from core.storage.jobs import Fence, Superseded, claim
from core.storage.store import Store
from core.storage.tables import jobs
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


DAY = 86_400.0


def exported(store: Store, run: Run, rows: list[int], data: bytes | None) -> str:
    """An export job that is running; data: what it has written and ended with."""
    address = store.artifacts.put_array(store.space, np.asarray(rows))
    job = store.jobs.submit("export", {"rows": address}, dataset_id=run.dataset_id, run_id=run.id)
    assert claim(store.engine, "here", 600, kinds=("export",)) is not None
    if data is not None:
        found = {"address": store.artifacts.put_bytes(store.space, data)}
        Fence(store.engine, job.id, 1).finish("succeeded", result=found)
    return job.id


def aged(store: Store, *names: str, days: float = 2) -> None:
    """As if these files had been written, and all jobs had ended, so many days ago."""
    then = time.time() - days * DAY
    for path in (store.settings.home / "artifacts").rglob("*"):
        if path.name in names:
            os.utime(path, (then, then))
    with store.engine.begin() as connection:
        connection.execute(update(jobs).where(jobs.c.finished_at.is_not(None)).values(finished_at=then))


def test_exported_files_go_after_a_day_and_take_nothing_that_is_needed(store: Store, tmp_path: Path) -> None:
    run = finished_run(store, add_csv(store, tmp_path, grid_csv()))
    before = stored(store)
    old = exported(store, run, [1, 2], b"old")
    again = exported(store, run, [1, 2], store.artifacts.read_bytes(store.space, run.artifacts["scores"]))
    aged(store, *stored(store))
    new = exported(store, run, [3], b"new")
    fresh = {job.id for job in store.jobs.find()} - {old, again}
    assert removal.sweep_exports(store.engine, store.artifacts) == 2
    assert {job.id for job in store.jobs.find()} == fresh >= {new}
    assert len(stored(store) - before) == 2  # the rows and the file of the new one
    assert store.artifacts.read_bytes(store.space, store.jobs.get(new).result["address"]) == b"new"
    assert store.runs.scores(run).values.shape == (60,)
    assert removal.sweep_exports(store.engine, store.artifacts) == 0
    store.runs.delete(run.id)  # with what is left of its exports
    assert stored(store) < before


def test_what_a_running_export_reads_and_writes_is_not_swept(store: Store, tmp_path: Path) -> None:
    run = finished_run(store, add_csv(store, tmp_path, grid_csv()))
    exported(store, run, [1, 2], b"the same")
    running = exported(store, run, [1, 2], None)  # of the same rows, and it will write the same file
    aged(store, *stored(store))
    address = store.artifacts.put_bytes(store.space, b"the same")  # written, but not said yet
    assert removal.sweep_exports(store.engine, store.artifacts) == 1
    job = store.jobs.get(running)
    assert job.state == "running"
    assert store.artifacts.get_array(store.space, job.args["rows"]).tolist() == [1, 2]
    Fence(store.engine, running, 1).finish("succeeded", result={"address": address})
    assert store.artifacts.read_bytes(store.space, address) == b"the same"


def test_a_supervisor_sweeps_them_as_it_begins(store: Store, tmp_path: Path) -> None:
    run = finished_run(store, add_csv(store, tmp_path, grid_csv()))
    before = stored(store)
    old = exported(store, run, [1, 2], b"old")
    aged(store, *stored(store))
    Supervisor(store.settings)._sweep()
    assert stored(store) == before
    with pytest.raises(NotFound, match="there is no job"):
        store.jobs.get(old)
