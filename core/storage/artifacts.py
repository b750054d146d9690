"""Large results as files, addressed by the sha256 of their content, each space its own.

Written whole or not at all: locally a temporary file, fsync, rename; elsewhere one put. Formats are npy
(without pickles), Parquet, JSON, safetensors and the uploaded source itself.
"""

from __future__ import annotations

import datetime
import errno
import hashlib
import io
import json
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.implementations.local import LocalFileSystem
from numpy.typing import NDArray

from core.errors import DiskFull, SettingsRefused, StorageFailed
from core.settings import Settings

CHUNK = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT)


class Artifacts:
    """The artifact store of one deployment."""

    def __init__(self, settings: Settings) -> None:
        try:
            self.fs, self.root = fsspec.core.url_to_fs(settings.artifacts)
        except (ValueError, ImportError) as error:
            raise SettingsRefused(
                f"this artifact store can't be used: {error}",
                where="HOURGLASS_ARTIFACTS_URL",
                fix="write a URL that fsspec knows, with its package installed, or unset it for a folder",
            ) from error
        self.local = isinstance(self.fs, LocalFileSystem)
        self.cache = settings.home / "cache"

    def path(self, space: str, address: str) -> str:
        """Where an artifact lies inside the store's file system."""
        return f"{self.root}/{space}/{address[:2]}/{address}"

    def exists(self, space: str, address: str) -> bool:
        return bool(self.fs.exists(self.path(space, address)))

    def size(self, space: str, address: str) -> int:
        return int(self.fs.size(self.path(space, address)) or 0)

    # --- writing ---------------------------------------------------------------------------------------

    def put_bytes(self, space: str, data: bytes | memoryview) -> str:
        """Store bytes; their address. Raises DiskFull, StorageFailed."""
        address = hashlib.sha256(data).hexdigest()
        target = self.path(space, address)
        try:  # also where it exists: a damaged file is whole again after that
            if self.local:
                self._write_local(Path(target), [data])
            else:
                self.fs.pipe_file(target, bytes(data))
        except OSError as error:
            raise storage_error(error, target) from error
        return address

    def put_file(self, space: str, path: Path) -> str:
        """Store a file's content; its address. The file stays where it is."""
        address = sha256_of(path)
        target = self.path(space, address)
        try:  # also where it exists: a damaged file is whole again after that
            if self.local:
                self._write_local(Path(target), _chunks(path))
            else:
                self.fs.put_file(str(path), target)
        except OSError as error:
            raise storage_error(error, target) from error
        return address

    def _write_local(self, target: Path, pieces: Any) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            with partial.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def put_array(self, space: str, array: NDArray[Any]) -> str:
        """Store an array as npy."""
        buffer = io.BytesIO()
        np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
        return self.put_bytes(space, buffer.getbuffer())

    def put_json(self, space: str, value: Any) -> str:
        """Store a value as JSON; NaN is refused rather than written."""
        return self.put_bytes(space, json.dumps(value, allow_nan=False, ensure_ascii=False).encode())

    def put_table(self, space: str, table: pa.Table) -> str:
        """Store a table as Parquet (zstd)."""
        buffer = io.BytesIO()
        pq.write_table(table, buffer, compression="zstd")
        return self.put_bytes(space, buffer.getbuffer())

    # --- reading ---------------------------------------------------------------------------------------

    def read_bytes(self, space: str, address: str) -> bytes:
        target = self.path(space, address)
        try:
            return bytes(self.fs.cat_file(target))
        except OSError as error:
            raise storage_error(error, target) from error

    def local_path(self, space: str, address: str) -> Path:
        """A path on this machine with the artifact's content (copied into home/cache from a remote store)."""
        if self.local:
            path = Path(self.path(space, address))
            if not path.exists():
                raise StorageFailed(
                    "a stored file is missing", where=str(path), fix="restore it from a backup of the artifacts folder"
                )
            return path
        path = self.cache / space / address
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=path.parent)
            os.close(handle)
            self.fs.get_file(self.path(space, address), partial)
            Path(partial).replace(path)
        return path

    def get_array(self, space: str, address: str) -> NDArray[Any]:
        """An array, mapped from disk and read-only. Raises StorageFailed."""
        path = self.local_path(space, address)
        with whole(path):
            array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        return array

    def get_json(self, space: str, address: str) -> Any:
        """What `put_json` stored. Raises StorageFailed."""
        with whole(self.path(space, address)):
            return json.loads(self.read_bytes(space, address))

    def get_table(self, space: str, address: str, columns: list[str] | None = None) -> pa.Table:
        """A table, or some columns of it. Raises StorageFailed."""
        path = self.local_path(space, address)
        with whole(path):
            return pq.read_table(path, columns=columns)

    def get_rows(self, space: str, address: str, rows: NDArray[np.int64], columns: list[str]) -> pa.Table:
        """Some rows of a table, (R,) of them from 0 in any order; never more of it in memory than one of its groups.

        Raises StorageFailed.
        """
        path = self.local_path(space, address)
        with whole(path), pq.ParquetFile(path) as file:
            sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
            ends = np.cumsum(sizes)
            group = np.searchsorted(ends, rows, side="right")  # (R,)
            taken = [file.schema_arrow.empty_table().select(columns)]
            for i in np.unique(group):
                inside = rows[group == i] - (ends[i] - sizes[i])
                taken.append(file.read_row_group(int(i), columns=columns).take(inside))
        by_group = np.argsort(group, kind="stable")  # where each taken row was asked for
        return pa.concat_tables(taken).take(np.argsort(by_group, kind="stable"))

    def get_groups(self, space: str, address: str, columns: list[str]) -> Iterator[pa.Table]:
        """All rows of a table, one of its groups in memory at a time. Raises StorageFailed."""
        path = self.local_path(space, address)
        with whole(path), pq.ParquetFile(path) as file:
            for i in range(file.num_row_groups):
                yield file.read_row_group(i, columns=columns, use_threads=False)

    # --- keeping house ---------------------------------------------------------------------------------

    def delete(self, space: str, address: str) -> None:
        """Remove an artifact; one that is already gone is no error."""
        path = self.path(space, address)
        if self.fs.exists(path):
            self.fs.rm_file(path)

    def age(self, space: str, address: str) -> float | None:
        """Seconds since an artifact was written last; None where it is not there. Raises StorageFailed."""
        path = self.path(space, address)
        try:
            written: datetime.datetime = self.fs.modified(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise storage_error(error, path) from error
        return max(0.0, time.time() - written.timestamp())

    def used_bytes(self, space: str) -> int:
        """Bytes of all artifacts of a space."""
        folder = f"{self.root}/{space}"
        return int(self.fs.du(folder)) if self.fs.exists(folder) else 0


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes, read in pieces."""
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


@contextmanager
def whole(where: Path | str) -> Iterator[None]:
    """Whatever a reader says about a file that is not as it was written, as StorageFailed."""
    try:
        yield
    except (pa.ArrowException, ValueError, EOFError, OSError) as error:
        raise StorageFailed(
            "a stored file is damaged",
            where=str(where),
            fix="upload the same file or train again, or restore it from a backup of the artifacts folder",
        ) from error


def storage_error(error: OSError, where: str) -> StorageFailed:
    """An operating system error as one of ours."""
    if error.errno in FULL:
        return DiskFull("there is no room left", where=where, fix="free some disk space, then try again")
    return StorageFailed(
        f"reading or writing failed: {error.strerror or error}", where=where, fix="check the folder and its permissions"
    )
