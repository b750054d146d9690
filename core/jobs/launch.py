"""Starting the supervisor where none runs, and stopping it. Cheap enough to be called at every submit."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from core.settings import Settings
from core.storage.database import make_home

ROOT = Path(__file__).resolve().parents[2]
LOCK = "supervisor.lock"
WANTED = "supervisor.wanted"
SPAWN_SECONDS = 5.0
_spawned: dict[Path, float] = {}


def ensure_supervisor(settings: Settings) -> None:
    """Start a supervisor for this deployment if none holds its lock."""
    make_home(settings)
    (settings.home / WANTED).touch()
    if is_running(settings):
        return
    if time.monotonic() - _spawned.get(settings.home, -SPAWN_SECONDS) < SPAWN_SECONDS and _starting(settings):
        return
    _spawned[settings.home] = time.monotonic()
    logs = settings.home / "logs"
    logs.mkdir(exist_ok=True)
    with (logs / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "core.jobs.supervisor"],
            cwd=ROOT,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _children[settings.home] = process


_children: dict[Path, subprocess.Popen[bytes]] = {}


def _starting(settings: Settings) -> bool:
    """Whether the supervisor that we started is still on its way to the lock."""
    child = _children.get(settings.home)
    return child is not None and child.poll() is None


def is_running(settings: Settings) -> bool:
    """Whether some process holds the supervisor's lock."""
    child = _children.get(settings.home)
    if child is not None:
        child.poll()  # reaps it when it is gone
    with (settings.home / LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def environment(settings: Settings) -> dict[str, str]:
    """The deployment's settings as a child process reads them."""
    own = {f"HOURGLASS_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
    libraries = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    threads = dict.fromkeys(libraries, str(settings.threads_per_job))
    fixed = {
        "NUMBA_THREADING_LAYER": "workqueue",
        # What maps compile is compiled once (core.projections._compiled).
        "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", str(settings.home / "compiled")),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        # Cards in nvidia-smi's order, by which they are published; CUDA's own puts the fastest first.
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        # A thread that waits for others sleeps: one that spins keeps its core from them, and two trainings side by side then
        # take many times as long as one after the other.
        "OMP_WAIT_POLICY": "PASSIVE",
        # Arrow's own allocator asks for a gigabyte of addresses before it has any use for them: a quarter of a reader's.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
    return {**os.environ, **own, **threads, **fixed}


def supervisor_pid(settings: Settings) -> int | None:
    """The process id in the lock file, if that process holds it."""
    path = settings.home / LOCK
    if not path.exists() or not is_running(settings):
        return None
    text = path.read_text().strip()
    return int(text) if text else None


def stop_supervisor(settings: Settings, timeout: float = 10.0) -> None:
    """End the supervisor and all that it started, also one of ours that is still on its way to the lock."""
    pid = supervisor_pid(settings)
    if pid is None and _starting(settings):
        pid = _children[settings.home].pid
    if pid is None:
        return
    family = psutil.Process(pid).children(recursive=True)
    os.kill(pid, signal.SIGTERM)
    _gone, alive = psutil.wait_procs([*family, psutil.Process(pid)] if psutil.pid_exists(pid) else family, timeout)
    for process in alive:
        process.kill()
