"""A real PostgreSQL server for tests, in a temporary folder, over a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binary(name: str) -> str:
    """The newest installed server's program; none is an error, not a reason to skip."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    assert found, "PostgreSQL is not installed: apt-get install postgresql"
    return str(found[-1])


@contextmanager
def running_postgres() -> Iterator[str]:
    """A SQLAlchemy URL of an empty database; the server goes with the context."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    data, sockets = folder / "data", folder
    user = None
    if os.geteuid() == 0:  # the server refuses to run as root
        user = "postgres"
        owner = pwd.getpwnam(user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    run = {"user": user, "check": True, "capture_output": True, "cwd": "/tmp"}
    try:
        subprocess.run([binary("initdb"), "-D", str(data), "-U", "hourglass", "-A", "trust", "-E", "UTF8"], **run)
        options = f"-k {sockets} -c listen_addresses= -c fsync=off -c max_connections=60"
        log = str(folder / "log")
        subprocess.run(
            [binary("pg_ctl"), "-D", str(data), "-w", "-l", log, "-o", options, "start"],
            user=user, check=True, cwd="/tmp", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        yield f"postgresql+psycopg://hourglass@/postgres?host={sockets}"
    finally:
        subprocess.run([binary("pg_ctl"), "-D", str(data), "-m", "immediate", "stop"], **{**run, "check": False})
        shutil.rmtree(folder, ignore_errors=True)
