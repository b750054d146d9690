"""Does one job, in a process of its own: forked from the fork server, or a bare interpreter."""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import sys

import psutil
from sqlalchemy import select

from core.access import Principal
from core.errors import Cancelled, HourglassError, OutOfMemory
from core.jobs.work import Work
from core.results import Job
from core.settings import Settings
from core.storage.database import storage_failure
from core.storage.jobs import Fence, Superseded, as_job
from core.storage.store import Store
from core.storage.tables import jobs, runs

log = logging.getLogger("hourglass.worker")


def run(settings: Settings, job_id: str, attempt: int) -> None:
    """Do the job and end it: succeeded, failed with words, or cancelled. Writes are fenced by `attempt`."""
    store = Store.open(settings)
    fence = Fence(store.engine, job_id, attempt)
    try:
        with store.engine.begin() as connection:
            fence.write(connection, pid=os.getpid(), pid_started=psutil.Process().create_time())
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one()
            author = connection.scalar(select(runs.c.author).where(runs.c.job_id == job_id))
        job = as_job(dict(row._mapping))
        who = Principal(job.space_id, author or store.who.author)
        work = Work(job, Store(settings, store.engine, who), fence)
        work.listen()
        _do(work, fence, job)
    except Superseded:
        log.info("%s attempt %s was taken over", job_id, attempt)


def _do(work: Work, fence: Fence, job: Job) -> None:
    try:
        task = importlib.import_module(f"core.jobs.tasks.{job.kind}")
        result = task.run(work)
    except Cancelled:
        fence.finish("cancelled")
        make_room(work)
        return
    except HourglassError as error:
        failure = error
    except MemoryError:
        failure = out_of_memory(job)
    except Superseded:
        raise
    except Exception as error:
        log.exception("%s failed", job.id)
        failure = storage_failure(error, work.settings) or HourglassError(
            f"an unexpected error stopped the job ({type(error).__name__})",
            where=job.id,
            fix=f"try again; if it comes back, report it with the log in {work.settings.home / 'logs'}",
        )
    else:
        if result is not None:
            fence.finish("succeeded", result=result)
        work.checkpoints.clear()
        make_room(work)
        return
    # Only here nothing holds the files open any more that the job was writing.
    failure.__traceback__ = None
    make_room(work)
    fence.finish("failed", error=failure.to_json())


def make_room(work: Work) -> None:
    """Remove what the job has on disk for itself. Of a failed one before its end is written: that needs room, too."""
    shutil.rmtree(work.settings.home / "scratch" / work.job.id, ignore_errors=True)


def out_of_memory(job: Job) -> OutOfMemory:
    """What to lower, by kind of job."""
    if job.kind in ("ingest", "recognise"):
        return OutOfMemory(
            "reading this file needs more memory than a job may use",
            where=str(job.args.get("source_name", "")),
            fix="upload a part of it, or have the limit raised (HOURGLASS_INGEST_MEMORY_MB)",
        )
    if job.kind == "profile":
        return OutOfMemory(
            "counting what this table holds needs more memory than a job may use",
            where=job.dataset_id or "",
            fix="take a sample of its rows, or have the limit raised (HOURGLASS_INGEST_MEMORY_MB)",
        )
    if job.kind == "export":
        return OutOfMemory(
            "writing this file needs more memory than a job may use",
            where=job.run_id or "",
            fix="take fewer rows, or Parquet, or have the limit raised (HOURGLASS_INGEST_MEMORY_MB)",
        )
    return OutOfMemory(
        "the job needs more memory than there is", where=job.id, fix="lower the batch size or the hidden width"
    )


def run_and_exit(settings: Settings, job_id: str, attempt: int) -> None:
    """`run`, then leave without the interpreter's clean-up, which hangs in forked children of some libraries."""
    code = 0
    try:
        run(settings, job_id, attempt)
    except BaseException:
        log.exception("worker of %s ended", job_id)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
