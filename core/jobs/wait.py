"""Waiting for a job, for the command line and tests."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.jobs.launch import ensure_supervisor
from core.results import Job
from core.storage.store import Store


def wait(
    store: Store,
    job_id: str,
    on_progress: Callable[[Job], None] = lambda job: None,
    *,
    poll: float = 0.1,
    timeout: float | None = None,
) -> Job:
    """The job once it has ended. Sees to it that a supervisor runs meanwhile. Raises TimeoutError."""
    began = time.monotonic()
    while True:
        ensure_supervisor(store.settings)
        job = store.jobs.get(job_id)
        on_progress(job)
        if job.ended:
            return job
        if timeout is not None and time.monotonic() - began > timeout:
            raise TimeoutError(f"{job_id} is still {job.state} after {timeout:.0f} s: {job.message}")
        time.sleep(poll)
