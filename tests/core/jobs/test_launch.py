"""Starting and stopping the supervisor, and what it does where a job was lost."""

from __future__ import annotations

import psutil
import pytest
from sqlalchemy import select

from core.jobs.launch import ensure_supervisor, stop_supervisor
from core.jobs.supervisor import Supervisor
from core.results import JobCommand
from core.settings import Settings
from core.storage.jobs import claim
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


def test_a_supervisor_that_is_still_starting_is_stopped_as_well(deployment: Settings) -> None:
    before = set(psutil.Process().children())
    ensure_supervisor(deployment)
    (started,) = set(psutil.Process().children()) - before
    stop_supervisor(deployment)
    assert not started.is_running()
