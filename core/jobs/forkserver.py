"""Forks one child a job, with everything heavy imported before: `python -m core.jobs.forkserver FD FLAVOUR PID`.

Flavour *train* preloads torch and sklearn, *maps* UMAP, t-SNE and PaCMAP (compiled by tiny fits) and no torch. It runs no torch
operation and never touches a GPU, or its children would hang. It says "ready" once; then a request is a line "JOB ATTEMPT"
and the answer "JOB ATTEMPT PID". When the supervisor's end of the socket closes, it leaves; its children go on.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys

from core.jobs.logs import log_to_stderr
from core.jobs.orphan import leave_with
from core.settings import Settings, settings

PRELOAD = {
    "train": ("torch", "faiss", "sklearn.covariance", "core.jobs.worker", "core.jobs.tasks.train"),
    "maps": (
        "faiss",
        "umap",
        "openTSNE",
        "pacmap",
        "core.jobs.worker",
        "core.jobs.tasks.project",
        "core.jobs.tasks.trust",
    ),
}


def main() -> None:
    """Preload, then fork on request for ever."""
    log_to_stderr()
    link = socket.socket(fileno=int(sys.argv[1]))
    flavour = sys.argv[2]
    watch = leave_with(int(sys.argv[3]))  # only while it imports: later a closed socket says the same
    for name in PRELOAD[flavour]:
        importlib.import_module(name)
    if flavour == "maps":
        os.nice(10)  # compiling must not slow down a first training
        _warm_maps()
        os.nice(-10) if os.geteuid() == 0 else None
    watch.set()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the system
    try:
        _serve(link, settings())
    except ConnectionError:  # the supervisor is gone; its successor starts a fork server of its own
        return


def _serve(link: socket.socket, deployment: Settings) -> None:
    link.sendall(b"ready\n")
    with link.makefile("r") as requests:
        for line in requests:
            job_id, attempt = line.split()
            pid = os.fork()
            if pid == 0:
                _child(link, deployment, job_id, int(attempt))
            link.sendall(f"{job_id} {attempt} {pid}\n".encode())


def _child(link: socket.socket, deployment: Settings, job_id: str, attempt: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.close(link.detach())  # closed for real, although a file object still wraps it
    os.setsid()
    from core.jobs.threads import use_threads
    from core.jobs.worker import run_and_exit

    use_threads(deployment.threads_per_job)
    run_and_exit(deployment, job_id, attempt)


def _warm_maps() -> None:
    """Compile what maps compile, so that no user waits for it."""
    import numpy as np

    from core.latent.drawing import draw
    from core.projections import PROJECTIONS

    codes = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    for method in PROJECTIONS:
        draw(method, codes, seed=0)


if __name__ == "__main__":
    main()
