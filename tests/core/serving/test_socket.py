"""The inference process can be reached at its path, or ends: one that started late may have taken it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx

from core.serving.address import socket_path
from core.settings import Settings
from core.storage.database import migrate
from tests.waiting import eventually


def start(deployment: Settings) -> subprocess.Popen[bytes]:
    """An inference process whose parent is this one."""
    return subprocess.Popen(
        [sys.executable, "-m", "core.serving.server", str(os.getpid())],
        env={**os.environ, "HOURGLASS_HOME": str(deployment.home)},
    )


def answers(path: Path) -> bool:
    """Whether someone listens there."""
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
            return client.post("http://serving/ping", json={"space_id": "local"}, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_who_lost_its_path_to_another_ends_and_the_other_answers(tmp_path: Path) -> None:
    deployment = Settings(home=tmp_path / "home")
    migrate(deployment)
    path = socket_path(deployment)
    first = start(deployment)
    try:
        eventually(lambda: answers(path), "the first does not answer")
        assert path.stat().st_mode & 0o077 == 0  # nobody else's
        second = start(deployment)
        try:
            eventually(lambda: first.poll() == 1, "the first goes on where nobody can reach it")
            eventually(lambda: answers(path), "the second does not answer")
            path.unlink()
            eventually(lambda: second.poll() == 1, "the second goes on without a path")
        finally:
            second.kill()
    finally:
        first.kill()
