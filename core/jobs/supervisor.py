"""One process a database and machine: claims jobs, has them forked, renews the leases of living workers, and
is the one that sorts out what was lost. `python -m core.jobs.supervisor`; killed at any moment, its successor
adopts what still lives.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil
from sqlalchemy import Engine, delete, insert, or_, select, update
from sqlalchemy.exc import OperationalError

from core.errors import Interrupted
from core.jobs.devices import devices
from core.jobs.launch import LOCK, ROOT, WANTED, environment
from core.jobs.logs import log_to_stderr
from core.results import Device, Job
from core.serving.address import socket_path
from core.settings import Settings, settings
from core.storage.database import LOCAL_SPACE, engine_for
from core.storage.jobs import RETRIES, claim
from core.storage.records import new_id, to_json
from core.storage.tables import jobs, now, supervisors

TICK_SECONDS = 0.2
LEASES_EVERY = 1.0
CANCEL_SECONDS = 1.5
IDLE_SECONDS = 900.0
BARE_KINDS = ("ingest",)
FLAVOURS = {"project": "maps"}
log = logging.getLogger("hourglass.supervisor")


@dataclass
class ForkServer:
    """A fork server and our end of its socket."""

    process: subprocess.Popen[bytes]
    link: socket.socket

    @classmethod
    def start(cls, deployment: Settings, flavour: str) -> ForkServer:
        ours, theirs = socket.socketpair()
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "core.jobs.forkserver", str(theirs.fileno()), flavour],
            cwd=ROOT,
            env=environment(deployment),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        return cls(process, ours)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def fork(self, job: Job) -> None:
        """Ask for a child. The child writes its own process id into the job."""
        self.link.sendall(f"{job.id} {job.attempt}\n".encode())


class Supervisor:
    """The loop. Each tick is short; nothing here waits for a job."""

    def __init__(self, deployment: Settings) -> None:
        self.settings = deployment
        self.engine: Engine = engine_for(deployment)
        self.reader = self.engine.execution_options(sqlite_begin="DEFERRED")
        self.id = new_id("s")
        self.host = socket.gethostname()
        self.forkers: dict[str, ForkServer] = {}
        self.bare: list[subprocess.Popen[bytes]] = []
        self.serving: subprocess.Popen[bytes] | None = None
        self.cancelled: dict[tuple[str, int], float] = {}
        self.leased = 0.0
        self.busy = time.monotonic()
        self.ending = False

    def run(self) -> None:
        """Work until told to end, until nobody wants it any more, or until its home is gone."""
        signal.signal(signal.SIGTERM, self._end)
        self._register()
        while not self.ending and (self.settings.home / LOCK).exists():
            try:
                self._tick()
            except OperationalError:
                log.exception("the database did not answer")
                time.sleep(1.0)
            time.sleep(TICK_SECONDS)
        self._leave()

    def _end(self, _signal: int, _frame: Any) -> None:
        self.ending = True

    def _tick(self) -> None:
        self._keep_helpers()
        if time.monotonic() - self.leased >= LEASES_EVERY:
            self.leased = time.monotonic()
            self._heartbeat()
        running = self._mine()
        self._reconcile(running)
        if len(running) < self.settings.slots:
            job = claim(self.engine, self.id, self.settings.lease_seconds)
            if job is not None:
                self.busy = time.monotonic()
                self._start(job)
        elif running:
            self.busy = time.monotonic()
        wanted = self.settings.home / WANTED
        asked = time.time() - wanted.stat().st_mtime if wanted.exists() else IDLE_SECONDS + 1
        if time.monotonic() - self.busy > IDLE_SECONDS and asked > IDLE_SECONDS:
            self.ending = True

    # --- helpers ---------------------------------------------------------------------------------------

    def _keep_helpers(self) -> None:
        for flavour in ("train", "maps"):
            forker = self.forkers.get(flavour)
            if forker is None or not forker.alive:
                if forker is not None:
                    forker.link.close()
                    log.warning("the %s fork server ended; starting another", flavour)
                self.forkers[flavour] = ForkServer.start(self.settings, flavour)
        if self.serving is None or self.serving.poll() is not None:
            self.serving = subprocess.Popen(
                [sys.executable, "-m", "core.serving.server"],
                cwd=ROOT,
                env=environment(self.settings),
                stdin=subprocess.DEVNULL,
            )
        self.bare = [process for process in self.bare if process.poll() is None]

    def _start(self, job: Job) -> None:
        if job.kind in BARE_KINDS:
            self.bare.append(
                subprocess.Popen(  # noqa: S603
                    [sys.executable, "-m", "core.jobs.bare", job.id, str(job.attempt)],
                    cwd=ROOT,
                    env=environment(self.settings),
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
            return
        try:
            self.forkers[FLAVOURS.get(job.kind, "train")].fork(job)
        except OSError:
            log.warning("%s could not be forked; its lease will run out", job.id)

    # --- leases and what was lost ----------------------------------------------------------------------

    def _mine(self) -> list[Any]:
        """Running jobs that this machine is answerable for, and any whose lease has run out."""
        here = select(supervisors.c.id).where(supervisors.c.host == self.host)
        query = select(jobs, (jobs.c.lease_until < now()).label("expired")).where(
            jobs.c.state == "running", or_(jobs.c.supervisor_id.in_(here), jobs.c.lease_until < now())
        )
        with self.reader.connect() as connection:
            return list(connection.execute(query))

    def _reconcile(self, running: list[Any]) -> None:
        for row in running:
            if row.pid is None:
                # Claimed, but its child has not reported: wait for the lease, it may still be starting.
                if row.expired:
                    self._lost(row)
            elif not is_alive(row.pid, row.pid_started):
                self._lost(row)
            elif row.command == "cancel":
                self._insist(row)

    def _insist(self, row: Any) -> None:
        """Kill a worker that has not obeyed a cancel in time."""
        since = self.cancelled.setdefault((row.id, row.attempt), time.monotonic())
        if time.monotonic() - since > CANCEL_SECONDS:
            log.info("%s does not cancel by itself: killed", row.id)
            os.kill(row.pid, signal.SIGKILL)
            self._write(row, state="cancelled", finished_at=now(), lease_until=None)

    def _lost(self, row: Any) -> None:
        """A worker is gone without a word: cancelled if that was asked, tried once more, else interrupted."""
        log.warning("%s attempt %s was lost", row.id, row.attempt)
        if row.command == "cancel":
            self._write(row, state="cancelled", finished_at=now(), lease_until=None)
        elif row.lost < RETRIES:
            self._write(row, state="queued", lost=row.lost + 1, lease_until=None, pid=None, pid_started=None)
        else:
            words = Interrupted(
                "the process that worked on this was lost twice",
                where=f"{row.fraction:.0%} done",
                fix="press Resume to go on from the last checkpoint; if it happens again, lower what it needs",
            )
            self._write(
                row,
                state="interrupted",
                finished_at=now(),
                error=words.to_json(),
                lease_until=None,
                pid=None,
                pid_started=None,
            )

    def _write(self, row: Any, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id == row.id, jobs.c.attempt == row.attempt, jobs.c.state == "running")
                .values(**values)
            )

    def _heartbeat(self) -> None:
        alive = [row.id for row in self._mine() if row.pid is not None and is_alive(row.pid, row.pid_started)]
        with self.engine.begin() as connection:
            connection.execute(update(supervisors).where(supervisors.c.id == self.id).values(seen_at=now()))
            if alive:
                connection.execute(
                    update(jobs)
                    .where(jobs.c.id.in_(alive), jobs.c.state == "running")
                    .values(lease_until=now() + self.settings.lease_seconds)
                )

    # --- coming and going ------------------------------------------------------------------------------

    def _register(self) -> None:
        process = psutil.Process()
        with self.engine.begin() as connection:
            connection.execute(
                insert(supervisors).values(
                    id=self.id,
                    space_id=LOCAL_SPACE,
                    host=self.host,
                    pid=process.pid,
                    pid_started=process.create_time(),
                    seen_at=now(),
                    devices=to_json(tuple[Device, ...], devices(self.settings)),
                    serving_socket=str(socket_path(self.settings)),
                )
            )

    def _leave(self) -> None:
        for forker in self.forkers.values():
            forker.link.close()
            forker.process.terminate()
        if self.serving is not None:
            self.serving.terminate()
        if (self.settings.home / LOCK).exists():
            with self.engine.begin() as connection:
                unused = (
                    ~select(jobs.c.id)
                    .where(jobs.c.supervisor_id == supervisors.c.id, jobs.c.state == "running")
                    .exists()
                )
                connection.execute(
                    delete(supervisors).where(supervisors.c.host == self.host, unused, supervisors.c.id != self.id)
                )


def is_alive(pid: int, started: float | None) -> bool:
    """Whether this very process lives: the id counts only together with its start time."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and (
            started is None or abs(process.create_time() - started) < 0.05
        )
    except psutil.NoSuchProcess:
        return False


def _take(lock: IO[str]) -> bool:
    """The lock, or False. Tried for a moment: whoever looks whether a supervisor runs holds it for an instant."""
    for _ in range(20):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return True
    return False


def main() -> None:
    """Take the lock or leave: another supervisor runs."""
    deployment = settings()
    lock = (Path(deployment.home) / LOCK).open("a+")
    if not _take(lock):
        return
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    log_to_stderr()
    Supervisor(deployment).run()


if __name__ == "__main__":
    main()
