"""Starting the app: what could go wrong is a sentence before anything is started."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from pathlib import Path
from typing import NamedTuple

import pytest

from core.errors import DiskFull, InputRefused, NewerDatabase, StorageFailed
from core.serve import prepare
from core.settings import Settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def fresh(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", port=free_port())


def test_a_fresh_folder_becomes_a_deployment(fresh: Settings) -> None:
    assert prepare(fresh) is None
    assert (fresh.home / "hourglass.db").exists()
    assert prepare(fresh) is None


def test_a_taken_port_is_named(fresh: Settings) -> None:
    with socket.socket() as other:
        other.bind((fresh.address, 0))
        other.listen()
        port = other.getsockname()[1]
        taken = fresh.model_copy(update={"port": port})
        with pytest.raises(InputRefused, match=rf"port {port} can't be used: .*in use.*make run PORT="):
            prepare(taken)
    assert not (fresh.home / "hourglass.db").exists()


def test_a_database_of_a_later_version_is_refused_and_left_alone(fresh: Settings) -> None:
    prepare(fresh)
    path = fresh.home / "hourglass.db"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(NewerDatabase, match=r"“9999”.*update Hourglass"):
        prepare(fresh)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    connection.close()


def test_a_full_disk_is_said(fresh: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        total: int
        used: int
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9, 3_000_000))
    with pytest.raises(DiskFull, match=r"only 3 MB are free.*free some disk space"):
        prepare(fresh)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match=r"can't be made.*HOURGLASS_HOME"):
        prepare(Settings(home=tmp_path / "file" / "home", port=free_port()))


def test_a_damaged_database_is_said(fresh: Settings) -> None:
    fresh.home.mkdir()
    (fresh.home / "hourglass.db").write_bytes(b"this is no database" * 500)
    with pytest.raises(StorageFailed, match="damaged"):
        prepare(fresh)
