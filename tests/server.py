"""The app as a real server process, for tests that talk to it or kill it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from core.jobs.launch import stop_supervisor
from core.settings import Settings
from core.storage.database import migrate

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 90.0
UPLOAD_LIMIT_MB = 5


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answering(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until a Streamlit server answers; fails with its log where it ended or says nothing."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/_stcore/health", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.2)
    raise AssertionError(f"the server did not answer: {log.read_text()}")


@dataclass
class Server:
    """The app as a process that can be killed and started again on the same port."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home)

    def start(self) -> None:
        environment = {
            **os.environ,
            "HOURGLASS_HOME": str(self.home),
            "HOURGLASS_UPLOAD_LIMIT_MB": str(UPLOAD_LIMIT_MB),
        }
        log = (self.home / "server.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "core.cli", "serve", "--port", str(self.port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        answering(self.process, self.url, self.home / "server.log")

    @classmethod
    @contextmanager
    def running(cls, home: Path) -> Iterator[Server]:
        """A server on a fresh deployment, for as long as the context lasts."""
        server = cls(home, free_port())
        migrate(server.settings)
        server.start()
        try:
            yield server
        finally:
            server.kill()
            stop_supervisor(server.settings)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
