"""Starting and stopping the supervisor, and what it does where a job was lost."""

from __future__ import annotations

import psutil
import pytest
from sqlalchemy import select

from core.errors import from_json
from core.jobs.checkpoints import Checkpoints
from core.jobs.launch import ensure_supervisor, environment, stop_supervisor
from core.jobs.supervisor import Supervisor
from core.results import JobCommand
from core.settings import Settings
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from core.storage.tables import jobs


@pytest.mark.parametrize(("command", "state"), [(None, "queued"), ("cancel", "cancelled")])
def test_what_a_lost_job_had_on_disk_for_itself_goes(store: Store, command: JobCommand | None, state: str) -> None:
    job = store.jobs.submit("ingest", {"upload": "t.csv", "source_name": "t.csv"})
    supervisor = Supervisor(store.settings)
    assert claim(store.engine, supervisor.id, 600) is not None
    if command is not None:
        store.jobs.request(job.id, command)
    scratch = store.settings.home / "scratch" / job.id
    scratch.mkdir(parents=True)
    (scratch / "cells.parquet").write_bytes(b"half a table")
    with store.engine.connect() as connection:
        row = connection.execute(select(jobs).where(jobs.c.id == job.id)).one()
    supervisor._lost(row)
    assert store.jobs.get(job.id).state == state
    assert not scratch.exists()


@pytest.mark.parametrize(
    ("kind", "kept", "words"),
    [
        ("train", False, ("most likely because memory ran out", "a smaller network", "no checkpoint, so Resume would")),
        ("train", True, ("was lost twice", "press Resume to go on from the last checkpoint")),
        ("project", False, ("most likely because memory ran out", "no checkpoint, so Resume would begin anew")),
        ("search", False, ("was lost twice", "press Resume to go on after its last trial")),
    ],
)
def test_who_was_lost_twice_is_told_what_there_is_to_go_on_from(
    store: Store, kind: str, kept: bool, words: tuple[str, ...]
) -> None:
    job = store.jobs.submit(kind, {})
    supervisor = Supervisor(store.settings)
    for attempt in (1, 2):
        assert claim(store.engine, supervisor.id, 600) is not None
        if kind == "search":
            Fence(store.engine, job.id, attempt).keep({"trials": [{"run": "r-1"}]})
        if kept and attempt == 1:
            Checkpoints(store.settings.home, job.id, attempt).save(1, {"weights": b""})
        with store.engine.connect() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job.id)).one()
        supervisor._lost(row)
    now = store.jobs.get(job.id)
    assert now.state == "interrupted"
    assert now.resumable
    said = from_json(now.error or {}).line()
    assert all(part in said for part in words), said
    assert ("checkpoint" in said and "no checkpoint" not in said) == kept


def test_a_supervisor_that_is_still_starting_is_stopped_as_well(deployment: Settings) -> None:
    before = set(psutil.Process().children())
    ensure_supervisor(deployment)
    (started,) = set(psutil.Process().children()) - before
    stop_supervisor(deployment)
    assert not started.is_running()


def test_threads_that_wait_sleep_and_cards_are_counted_as_they_are_published(deployment: Settings) -> None:
    found = environment(deployment)
    assert found["OMP_WAIT_POLICY"] == "PASSIVE"
    assert found["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
