"""Starting the app: what could go wrong is said in a sentence before Streamlit takes over."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from core.errors import DiskFull, InputRefused
from core.settings import LEAST_FREE, Settings
from core.storage.database import make_home, migrate

ROOT = Path(__file__).resolve().parents[1]


def prepare(settings: Settings) -> str | None:
    """Check port and disk, back up and update the database; the backup's path, if one was made.

    Raises InputRefused (port taken), DiskFull, NewerDatabase, StorageFailed.
    """
    make_home(settings)
    free = settings.free_bytes
    if free < LEAST_FREE:
        raise DiskFull(
            f"only {free / 1e6:.0f} MB are free",
            where=str(settings.home),
            fix="free some disk space, or set HOURGLASS_HOME to another disk",
        )
    _port_is_free(settings)
    return migrate(settings)


def _port_is_free(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.address, settings.port))
        except OSError as error:
            raise InputRefused(
                f"port {settings.port} can't be used: {(error.strerror or str(error)).lower()}",
                where=settings.address,
                fix=f"stop what uses it, or choose another: make run PORT={settings.port + 99}",
            ) from error


def serve(settings: Settings) -> NoReturn:
    """Prepare, then become the Streamlit server."""
    saved = prepare(settings)
    if saved:
        print(f"The database was backed up to {saved} before it was updated.", flush=True)
    print(f"Hourglass: http://{settings.address}:{settings.port} (data in {settings.home})", flush=True)
    os.chdir(ROOT)
    environment = {**os.environ, "HOURGLASS_HOME": str(settings.home), "HOURGLASS_PORT": str(settings.port)}
    options = {
        "server.port": settings.port,
        "server.address": settings.address,
        "server.maxUploadSize": 100,  # MB a file: images, and what comes back from Excel; tables come in by our own routes
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    os.execve(  # noqa: S606
        sys.executable, [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", *arguments], environment
    )
