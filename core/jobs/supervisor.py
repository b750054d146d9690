"""One process a database and machine: claims jobs, has them forked, renews the leases of living workers, and
is the one that sorts out what was lost. `python -m core.jobs.supervisor`; killed at any moment, its successor
adopts what still lives.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
from sqlalchemy import Engine, delete, insert, or_, select, update
from sqlalchemy.exc import OperationalError

from core.datasets import uploads
from core.errors import Interrupted, StorageFailed
from core.jobs.checkpoints import any_kept
from core.jobs.devices import devices
from core.jobs.launch import LOCK, ROOT, WANTED, environment
from core.jobs.logs import log_to_stderr
from core.jobs.worker import out_of_memory
from core.results import Device, Job
from core.serving.address import socket_path
from core.settings import Settings, settings
from core.storage import removal
from core.storage.artifacts import Artifacts
from core.storage.database import LOCAL_SPACE, engine_for
from core.storage.jobs import LANES, RETRIES, as_job, claim
from core.storage.records import new_id, to_json
from core.storage.tables import jobs, now, supervisors

TICK_SECONDS = 0.2
LEASES_EVERY = 1.0
CANCEL_SECONDS = 1.5
ABORTED = (-signal.SIGABRT, -signal.SIGSEGV, 127)  # 127: the C library had no memory left for a thread
IDLE_SECONDS = 300.0
# How each kind of job is started: in a bare interpreter, or by the fork server of a flavour.
LAUNCHERS = {
    "recognise": "bare",
    "ingest": "bare",
    "profile": "bare",
    "export": "bare",
    "train": "train",
    "score": "train",
    "rescore": "train",
    "stability": "train",
    "search": "train",
    "project": "maps",
    "trust": "maps",
    "clusters": "maps",
}
FLAVOURS = ("train", "maps")
Key = tuple[str, int]  # job and attempt
log = logging.getLogger("hourglass.supervisor")


@dataclass
class ForkServer:
    """A fork server, our end of its socket, and what it has said so far."""

    process: subprocess.Popen[bytes]
    link: socket.socket
    ready: bool = False
    heard: bytes = b""
    children: dict[Key, tuple[int, float]] = field(default_factory=dict)  # process id and when it started

    @classmethod
    def start(cls, deployment: Settings, flavour: str) -> ForkServer:
        ours, theirs = socket.socketpair()
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "core.jobs.forkserver", str(theirs.fileno()), flavour, str(os.getpid())],
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

    def listen(self) -> None:
        """Take in what it has said, without waiting."""
        try:
            while piece := self.link.recv(4096, socket.MSG_DONTWAIT):
                self.heard += piece
        except (BlockingIOError, ConnectionError):
            pass
        *lines, self.heard = self.heard.split(b"\n")
        for line in lines:
            if line == b"ready":
                self.ready = True
            else:
                job_id, attempt, pid = line.decode().split()
                self.children[job_id, int(attempt)] = (int(pid), started(int(pid)))


class Supervisor:
    """The loop. Each tick is short; nothing here waits for a job."""

    def __init__(self, deployment: Settings) -> None:
        self.settings = deployment
        self.engine: Engine = engine_for(deployment)
        self.reader = self.engine.execution_options(sqlite_begin="DEFERRED")
        self.id = new_id("s")
        self.host = socket.gethostname()
        self.forkers: dict[str, ForkServer] = {}
        self.bare: dict[Key, subprocess.Popen[bytes]] = {}
        self.asked: dict[Key, ForkServer] = {}
        self.serving: subprocess.Popen[bytes] | None = None
        self.cancelled: dict[tuple[str, int], float] = {}
        self.leased = 0.0
        self.busy = time.monotonic()
        self.ending = False

    def run(self) -> None:
        """Work until told to end, until nobody wants it any more, or until its home is gone."""
        signal.signal(signal.SIGTERM, self._end)
        self._register()
        self._sweep()
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
        for lane in LANES:
            free = self.settings.slots - sum(job.kind in lane for job in running)
            kinds = [kind for kind in lane if self._startable(kind)]
            if free > 0 and kinds:
                job = claim(self.engine, self.id, self.settings.lease_seconds, kinds)
                if job is not None:
                    self._start(job)
                    running.append(job)
        if running:
            self.busy = time.monotonic()
        wanted = self.settings.home / WANTED
        asked = time.time() - wanted.stat().st_mtime if wanted.exists() else IDLE_SECONDS + 1
        if time.monotonic() - self.busy > IDLE_SECONDS and asked > IDLE_SECONDS:
            self.ending = True

    # --- helpers ---------------------------------------------------------------------------------------

    def _keep_helpers(self) -> None:
        for flavour in FLAVOURS:
            forker = self.forkers.get(flavour)
            if forker is not None:
                forker.listen()
            if forker is None or not forker.alive:
                if forker is not None:
                    forker.link.close()
                    log.warning("the %s fork server ended; starting another", flavour)
                self.forkers[flavour] = ForkServer.start(self.settings, flavour)
            if not self.forkers[flavour].ready:
                break  # one after the other: imports that run side by side keep the first job waiting
        if self.serving is None or self.serving.poll() is not None:
            self.serving = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "core.serving.server", str(os.getpid())],
                cwd=ROOT,
                env=environment(self.settings),
                stdin=subprocess.DEVNULL,
            )

    def _startable(self, kind: str) -> bool:
        """Whether the launcher of such jobs is ready: nothing is claimed that would have to wait for an import."""
        launcher = LAUNCHERS[kind]
        return launcher == "bare" or (launcher in self.forkers and self.forkers[launcher].ready)

    def _start(self, job: Job) -> None:
        key = (job.id, job.attempt)
        if LAUNCHERS[job.kind] == "bare":
            self.bare[key] = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "core.jobs.bare", job.id, str(job.attempt)],
                cwd=ROOT,
                env=environment(self.settings),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            return
        forker = self.forkers[LAUNCHERS[job.kind]]
        self.asked[key] = forker
        try:
            forker.fork(job)
        except OSError:
            log.warning("%s could not be forked: its fork server is gone", job.id)

    # --- leases and what was lost ----------------------------------------------------------------------

    def _mine(self) -> list[Any]:
        """Running jobs that this machine is answerable for, and any whose lease has run out."""
        here = jobs.c.supervisor_id.in_(select(supervisors.c.id).where(supervisors.c.host == self.host))
        query = select(jobs, (jobs.c.lease_until < now()).label("expired"), here.label("here")).where(
            jobs.c.state == "running", or_(here, jobs.c.lease_until < now())
        )
        with self.reader.connect() as connection:
            return list(connection.execute(query))

    def _lives(self, row: Any) -> bool:
        """Whether somebody still works on a running job, as far as this machine can know."""
        key = (row.id, row.attempt)
        if not row.here:
            return not row.expired
        if row.pid is not None:
            return is_alive(row.pid, row.pid_started)
        if key in self.bare:
            return self.bare[key].poll() is None
        if (forker := self.asked.get(key)) is not None:
            child = forker.children.get(key)
            return forker.alive if child is None else is_alive(*child)
        return not row.expired  # claimed by a predecessor, whose child may still be starting

    def _reconcile(self, running: list[Any]) -> None:
        for row in running:
            if not self._lives(row):
                self._lost(row)
            elif row.command == "cancel" and row.here and row.pid is not None:
                self._insist(row)
        known = {(row.id, row.attempt) for row in running}
        self.asked = {key: forker for key, forker in self.asked.items() if key in known}
        self.bare = {key: process for key, process in self.bare.items() if key in known or process.poll() is None}

    def _insist(self, row: Any) -> None:
        """Kill a worker that has not obeyed a cancel in time."""
        since = self.cancelled.setdefault((row.id, row.attempt), time.monotonic())
        if time.monotonic() - since > CANCEL_SECONDS:
            log.info("%s does not cancel by itself: killed", row.id)
            os.kill(row.pid, signal.SIGKILL)
            self._write(row, state="cancelled", finished_at=now(), lease_until=None)

    def _lost(self, row: Any) -> None:
        """A worker is gone without a word: cancelled if that was asked, tried once more, else interrupted."""
        process = self.bare.get((row.id, row.attempt))
        ended = f" (exit code {process.poll()})" if process is not None else ""
        log.warning("%s attempt %s was lost%s", row.id, row.attempt, ended)
        if row.command == "cancel":
            self._write(row, state="cancelled", finished_at=now(), lease_until=None)
        elif row.lost < RETRIES:
            self._write(row, state="queued", lost=row.lost + 1, lease_until=None, pid=None, pid_started=None)
        elif self._aborted(row):
            self._write(
                row, state="failed", finished_at=now(), error=out_of_memory(as_job(dict(row._mapping))).to_json()
            )
        else:
            self._write(
                row,
                state="interrupted",
                finished_at=now(),
                error=self._lost_twice(row).to_json(),
                lease_until=None,
                pid=None,
                pid_started=None,
            )

    def _lost_twice(self, row: Any) -> Interrupted:
        """Why, as far as it can be known, and whether anything is there to go on from."""
        what, where = "the process that worked on this was lost twice", f"{row.fraction:.0%} done"
        if row.kind == "ingest":
            again = "the file may be damaged: save it anew, as CSV if you can, and upload that; or press Resume"
        elif row.kind == "search" and row.result:
            again = "press Resume to go on after its last trial"
        elif any_kept(self.settings.home, row.id):
            again = "press Resume to go on from the last checkpoint; if it happens again, lower what it needs"
        else:  # a system that is short of memory kills who has most of it, and nobody is told
            what += ", most likely because memory ran out"
            smaller = (
                "train a smaller network, with smaller batches or fewer members, or " if row.kind == "train" else ""
            )
            again = f"{smaller}make room in memory; there is no checkpoint, so Resume would begin anew"
        return Interrupted(what, where=where, fix=again)

    def _aborted(self, row: Any) -> bool:
        """Whether a job under a memory limit ended by itself where the limit lies in its way: deep in a library, which
        then has no better word than to abort."""
        process = self.bare.get((row.id, row.attempt))
        return process is not None and process.poll() in ABORTED

    def _write(self, row: Any, **values: Any) -> None:
        """Say what became of a lost job. What it had on disk for itself is of no use to another attempt."""
        shutil.rmtree(self.settings.home / "scratch" / row.id, ignore_errors=True)
        with self.engine.begin() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id == row.id, jobs.c.attempt == row.attempt, jobs.c.state == "running")
                .values(**values)
            )

    def _heartbeat(self) -> None:
        # A claim without a process yet is renewed only by who made it: only that supervisor knows of its child.
        alive = [
            row.id
            for row in self._mine()
            if row.here and (row.pid is not None or row.supervisor_id == self.id) and self._lives(row)
        ]
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

    def _sweep(self) -> None:
        """Remove checkpoints, temporary files and uploads that no job will ask for again, and files that were exported long ago."""
        with self.reader.connect() as connection:
            unfinished = connection.execute(select(jobs).where(jobs.c.state != "succeeded"))
            known = [as_job(dict(row._mapping)) for row in unfinished]
        needed = {job.id: str(job.args.get("upload", "")) for job in known if job.resumable or not job.ended}
        for kept in ("checkpoints", "scratch"):
            for folder in (self.settings.home / kept).glob("j-*"):
                if folder.name not in needed:
                    shutil.rmtree(folder, ignore_errors=True)
        uploads.sweep(self.settings, needed=needed.values())
        try:
            removal.sweep_exports(self.engine, Artifacts(self.settings))
        except StorageFailed:  # jobs that need no artifact can be done all the same
            log.exception("exported files were not swept")

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


def started(pid: int) -> float:
    """When a process started, in seconds since 1970; 0 for one that is already gone."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0


def is_alive(pid: int, since: float) -> bool:
    """Whether this very process lives: the id counts only together with its start time."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - since) < 0.05
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
