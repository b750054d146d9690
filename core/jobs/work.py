"""What a task is given: its job, the store, and ways to say how far it is and to hear what the user wants."""

from __future__ import annotations

import os
import re
import threading
import time

from sqlalchemy import select

from core.errors import Cancelled
from core.jobs.checkpoints import Checkpoints
from core.results import Job
from core.settings import Settings
from core.storage.jobs import Fence
from core.storage.store import Store
from core.storage.tables import jobs

COMMAND_SECONDS = 0.5
PROGRESS_SECONDS = 0.3
DIGITS = re.compile(r"[\d,]+")  # in which the messages of one stage differ
SUPERSEDED_EXIT = 75


class Work:
    """One attempt at one job."""

    def __init__(self, job: Job, store: Store, fence: Fence) -> None:
        self.job = job
        self.store = store
        self.fence = fence
        self.settings: Settings = store.settings
        self.threads = store.settings.threads_per_job
        self.checkpoints = Checkpoints(store.settings.home, job.id, job.attempt)
        self.stop_requested = False
        self._cancelled = False
        self._told, self._stage = 0.0, ""
        self._started = time.monotonic()

    def check(self) -> None:
        """Raises Cancelled once the user has said so. Cheap enough for every batch."""
        if self._cancelled:
            raise Cancelled("the job was cancelled", where=self.job.id, fix="start it again when you like")

    def progress(self, fraction: float, message: str, seconds_left: float | None = None) -> None:
        """Record how far the job is: a new stage at once, a step of it at most every third of a second.

        Raises Cancelled, Superseded.
        """
        self.check()
        now, stage = time.monotonic(), DIGITS.sub("", message)
        if stage != self._stage or now - self._told >= PROGRESS_SECONDS or fraction in (0.0, 1.0):
            self._told, self._stage = now, stage
            self.fence.progress(fraction, message, seconds_left)

    def tell(self, fraction: float, message: str) -> None:
        """Record how far the job is, with the time left as it went so far. Raises Cancelled, Superseded."""
        spent = time.monotonic() - self._started
        left = spent * (1 - fraction) / fraction if fraction > 0.02 and spent > 1.0 else None
        self.progress(fraction, message, left)

    def listen(self) -> None:
        """Start reading the user's commands, also while the task computes."""
        threading.Thread(target=self._listen, name="commands", daemon=True).start()

    def _listen(self) -> None:
        query = select(jobs.c.command, jobs.c.state, jobs.c.attempt).where(jobs.c.id == self.job.id)
        reader = self.store.engine.execution_options(sqlite_begin="DEFERRED")
        while True:
            with reader.connect() as connection:
                row = connection.execute(query).first()
            if row is None or row.attempt != self.job.attempt:
                os._exit(SUPERSEDED_EXIT)  # another attempt has the job: nothing here may be written any more
            if row.state != "running":
                return
            self.stop_requested = self.stop_requested or row.command == "stop"
            self._cancelled = self._cancelled or row.command == "cancel"
            time.sleep(COMMAND_SECONDS)
