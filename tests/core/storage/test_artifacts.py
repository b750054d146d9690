"""Artifacts: whole or not at all, addressed by content, each space its own."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DiskFull, SettingsRefused, StorageFailed
from core.settings import Settings
from core.storage.artifacts import Artifacts
from core.storage.database import engine_for
from core.storage.store import Store


def files(home: Path) -> list[Path]:
    return [path for path in (home / "artifacts").rglob("*") if path.is_file()]


def test_equal_content_is_stored_once_in_each_space(store: Store) -> None:
    first = store.artifacts.put_array("local", np.arange(5))
    assert store.artifacts.put_array("local", np.arange(5)) == first
    assert store.artifacts.put_array("other", np.arange(5)) == first
    assert len(files(store.settings.home)) == 2
    store.artifacts.delete("other", first)
    assert store.artifacts.get_array("local", first).tolist() == [0, 1, 2, 3, 4]


def test_arrays_are_read_only_and_hold_no_pickles(store: Store) -> None:
    array = store.artifacts.get_array("local", store.artifacts.put_array("local", np.zeros(3)))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
    with pytest.raises(ValueError, match="Object arrays"):
        store.artifacts.put_array("local", np.asarray([{}], object))


def test_nan_is_no_json(store: Store) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.artifacts.put_json("local", {"score": float("nan")})


def test_a_full_disk_leaves_nothing_torn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    kept = store.artifacts.put_bytes("local", b"kept")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="no room left"):
        store.artifacts.put_bytes("local", b"lost")
    monkeypatch.undo()
    assert [path.read_bytes() for path in files(store.settings.home)] == [b"kept"]
    assert store.artifacts.read_bytes("local", kept) == b"kept"


def test_a_missing_file_is_said(store: Store) -> None:
    address = store.artifacts.put_bytes("local", b"x")
    Path(store.artifacts.path("local", address)).unlink()
    with pytest.raises(StorageFailed):
        store.artifacts.read_bytes("local", address)
    with pytest.raises(StorageFailed, match="missing"):
        store.artifacts.local_path("local", address)


DAMAGES = {"cut": lambda data: data[:20], "other bytes": lambda data: bytes(len(data)), "empty": lambda _data: b""}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_said_and_healed_by_the_same_content(store: Store, damage: str) -> None:
    artifacts, array, table = store.artifacts, np.arange(50.0), pa.table({"a": ["x"] * 50})
    stored = {
        artifacts.put_array("local", array): artifacts.get_array,
        artifacts.put_table("local", table): artifacts.get_table,
        artifacts.put_json("local", {"a": [1] * 20}): artifacts.get_json,
    }
    for address, read in stored.items():
        path = Path(artifacts.path("local", address))
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
        with pytest.raises(StorageFailed, match="damaged"):
            read("local", address)
    artifacts.put_array("local", array)
    artifacts.put_table("local", table)
    artifacts.put_json("local", {"a": [1] * 20})
    for address, read in stored.items():
        read("local", address)


def test_a_store_that_cannot_be_named_is_refused(store: Store) -> None:
    for url in ("nosuch://bucket", "s3://bucket"):
        with pytest.raises(SettingsRefused, match="this artifact store can't be used"):
            Artifacts(store.settings.model_copy(update={"artifacts_url": url}))
    for url in ("junk", "nosuch://host/name"):
        with pytest.raises(SettingsRefused, match="this database can't be used"):
            engine_for(store.settings.model_copy(update={"database_url": url}))


@given(st.lists(st.integers(0, 99), max_size=20))
def test_rows_are_taken_from_wherever_they_stand(rows: list[int]) -> None:
    with TemporaryDirectory() as folder:
        artifacts = Artifacts(Settings(home=Path(folder)))
        table = pa.table({"a": range(100), "b": [f"b{i}" for i in range(100)]})
        pq.write_table(table, Path(folder) / "t", row_group_size=7)
        address = artifacts.put_file("local", Path(folder) / "t")
        wanted = np.asarray(rows, np.int64)
        assert artifacts.get_rows("local", address, wanted, ["b"]).equals(table.select(["b"]).take(wanted))
