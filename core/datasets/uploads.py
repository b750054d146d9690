"""Files on their way in: where an upload lies, how much of it has arrived, whether there is room, and the server's folder.

An upload is named by a random id, never by its own name. Under home/uploads stand `ID.json` (its name, the size that
was announced, the sha256 of the whole), `ID.part` while it grows, and `ID` once it is whole. Whoever hands it to a job
releases it: `ID.json` goes, and `ID` is the job's. How a file is read is not said here.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import time
import uuid
import zipfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.errors import DiskFull, FileRefused, InputRefused, NotFound, SettingsRefused, TooLarge, printable
from core.settings import LEAST_FREE, Settings
from core.storage.artifacts import CHUNK, sha256_of, storage_error

ID = re.compile(r"[0-9a-f]{32}")
STALE_SECONDS = 24 * 3600.0
MOVING_SECONDS = 600.0  # an upload that stood still for longer has no room kept for it
LONGEST_NAME = 255
MOST_LISTED = 1_000


@dataclass(frozen=True)
class Upload:
    """One file on its way in. `sha256` is empty until all of it is here; then `path` holds the whole."""

    id: str
    name: str
    size: int  # bytes announced
    received: int  # bytes that are here
    sha256: str
    path: Path

    @property
    def whole(self) -> bool:
        return bool(self.sha256)


@dataclass(frozen=True)
class ServerFile:
    """A file of the server's folder that may be picked."""

    name: str
    size: int  # bytes
    changed: float  # seconds since 1970
    path: Path  # with links resolved


# --- one upload, from its first byte to its job ---------------------------------------------------------


def new_path(settings: Settings) -> Path:
    """A fresh path for a file that is handed to a job as it is. Raises StorageFailed."""
    return _folder(settings) / uuid.uuid4().hex


def begin(settings: Settings, name: str, size: int) -> Upload:
    """Announce a file of `size` bytes. Raises InputRefused, TooLarge, DiskFull, StorageFailed."""
    name = printable(name).strip()[:LONGEST_NAME]
    if not name:
        raise InputRefused("the file has no name", fix="give it one and upload it again")
    if size < 0:
        raise InputRefused("a file can't have less than no bytes", where=name, fix="upload it again")
    check_size(settings, name, size)
    sweep(settings)
    check_room(settings, name, size + _still_to_come(settings))
    upload = Upload(uuid.uuid4().hex, name, size, 0, "", _folder(settings))
    try:
        _record(settings, upload)
        _part(settings, upload.id).touch()
    except OSError as error:
        raise storage_error(error, str(_folder(settings))) from error
    return find(settings, upload.id)


def check_size(settings: Settings, name: str, size: int) -> None:
    """Raises TooLarge for more bytes than the deployment takes."""
    if size > settings.upload_limit_mb * 1_000_000:
        raise TooLarge(
            f"the file has {size / 1e6:,.1f} MB, the limit is {settings.upload_limit_mb:,} MB",
            where=name,
            fix="upload a part of it, or have the limit raised (HOURGLASS_UPLOAD_LIMIT_MB)",
        )


def check_room(settings: Settings, name: str, needed: int) -> None:
    """Raises DiskFull where `needed` bytes more would leave the disk with less than LEAST_FREE."""
    left = settings.free_bytes - LEAST_FREE
    if needed > left:
        raise DiskFull(
            f"{needed / 1e6:,.0f} MB are still to come, and the server's disk has room for {max(left, 0) / 1e6:,.0f} MB",
            where=name,
            fix="have some disk space freed, or upload a part of the file",
        )


def pack(settings: Settings, name: str, files: Iterable[tuple[str, IO[bytes]]]) -> Upload:
    """Several files as one whole upload: a zip that packs nothing tighter, the same bytes for the same files.

    files: a path within the folder that was chosen, and the content, each. Raises InputRefused (no file, or a name
    twice), TooLarge, DiskFull, StorageFailed.
    """
    id_ = uuid.uuid4().hex
    part, taken = _part(settings, id_), set[str]()
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for inner, content in files:
                member = "/".join(piece for piece in printable(inner).split("/") if piece not in ("", ".", ".."))
                if not member or member in taken:
                    raise InputRefused(
                        f"“{inner[:80]}” was chosen twice", where=name, fix="choose each file once, or their folder"
                    )
                taken.add(member)
                with archive.open(zipfile.ZipInfo(member), "w") as target:
                    while piece := content.read(CHUNK):
                        target.write(piece)
                check_size(settings, name, part.stat().st_size)
        if not taken:
            raise InputRefused("no file was chosen", where=name, fix="choose a folder that holds images")
        _record(settings, Upload(id_, name, part.stat().st_size, 0, sha256_of(part), part))
        part.replace(_folder(settings) / id_)
    except OSError as error:
        raise storage_error(error, name) from error
    finally:
        part.unlink(missing_ok=True)
    return find(settings, id_)


def find(settings: Settings, id_: str) -> Upload:
    """An upload that no job has yet. Raises NotFound, StorageFailed."""
    if not ID.fullmatch(id_):
        raise _gone()
    try:
        record = json.loads(_note(settings, id_).read_text(encoding="utf-8"))
        path = _folder(settings) / id_
        if not path.exists():
            path = _part(settings, id_)
        received = path.stat().st_size
    except FileNotFoundError as error:
        raise _gone() from error
    except OSError as error:
        raise storage_error(error, str(_folder(settings))) from error
    whole = path.name == id_
    return Upload(id_, record["name"], record["size"], received, record["sha256"] if whole else "", path)


def release(settings: Settings, id_: str) -> None:
    """Leave an upload to the job that it was handed to: it is no longer found, and never swept."""
    _note(settings, id_).unlink(missing_ok=True)


def discard(settings: Settings, id_: str) -> None:
    """Remove an upload, whole or not. Raises NotFound where there is none, or a job has it."""
    upload = find(settings, id_)
    upload.path.unlink(missing_ok=True)
    release(settings, id_)


def sweep(settings: Settings, older_than: float = STALE_SECONDS, *, needed: Collection[str] | None = None) -> int:
    """Remove what was left lying for so many seconds; how many uploads that were.

    needed: the paths that jobs may still ask for; what else was handed to a job goes too. Without it all that stays.
    """
    before, removed = time.time() - older_than, 0
    for note in _folder(settings).glob("*.json"):
        try:
            upload = find(settings, note.stem)
            if max(note.stat().st_mtime, upload.path.stat().st_mtime) < before:
                discard(settings, note.stem)
                removed += 1
        except (NotFound, FileNotFoundError):  # handed over in this moment, or a note without its file
            if note.exists() and note.stat().st_mtime < before:
                note.unlink(missing_ok=True)
    if needed is not None:
        for path in _folder(settings).glob("*"):
            if str(path) not in needed and not _note(settings, path.stem).exists() and _changed(path) < before:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _changed(path: Path) -> float:
    """When a path was made or written, in seconds since 1970; a link by itself, wherever it leads."""
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:  # gone in this moment: nothing to remove
        return math.inf


class Writer:
    """Appends to one upload and hashes what passes. One writer an upload at a time."""

    def __init__(self, settings: Settings, id_: str) -> None:
        self.settings = settings
        self.id = id_
        self._digest = hashlib.sha256()
        self._hashed = 0

    def write(self, piece: bytes) -> None:
        """Append bytes. Raises TooLarge beyond the announced size, NotFound, DiskFull, StorageFailed."""
        upload = find(self.settings, self.id)
        if upload.received + len(piece) > upload.size:
            raise TooLarge(
                "more bytes came than were announced",
                where=upload.name,
                fix="the file may have changed meanwhile: upload it again",
            )
        try:
            with _part(self.settings, self.id).open("r+b") as file:
                file.seek(upload.received)
                file.write(piece)
        except FileNotFoundError as error:
            raise _gone() from error
        except OSError as error:
            raise storage_error(error, upload.name) from error
        if self._hashed == upload.received:
            self._digest.update(piece)
            self._hashed += len(piece)

    def finish(self) -> Upload:
        """Make the upload whole once all its bytes are here. Raises InputRefused before that, StorageFailed."""
        upload = find(self.settings, self.id)
        if upload.whole:
            return upload
        if upload.received != upload.size:
            raise InputRefused("some of the file has not arrived yet", where=upload.name, fix="send the rest of it")
        try:
            with upload.path.open("r+b") as file:
                file.seek(self._hashed)  # what an earlier server process received was not hashed by this one
                while piece := file.read(CHUNK):
                    self._digest.update(piece)
                    self._hashed += len(piece)
                os.fsync(file.fileno())
            _record(self.settings, Upload(**{**vars(upload), "sha256": self._digest.hexdigest()}))
            upload.path.replace(_folder(self.settings) / self.id)
        except OSError as error:
            raise storage_error(error, upload.name) from error
        return find(self.settings, self.id)


def _folder(settings: Settings) -> Path:
    folder = settings.home / "uploads"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, str(folder)) from error
    return folder


def _note(settings: Settings, id_: str) -> Path:
    return _folder(settings) / f"{id_}.json"


def _part(settings: Settings, id_: str) -> Path:
    return _folder(settings) / f"{id_}.part"


def _record(settings: Settings, upload: Upload) -> None:
    text = json.dumps({"name": upload.name, "size": upload.size, "sha256": upload.sha256})
    fresh = _folder(settings) / f".{upload.id}.{uuid.uuid4().hex}"
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(_note(settings, upload.id))


def _still_to_come(settings: Settings) -> int:
    """Bytes that uploads which move have announced and not sent yet."""
    coming, since = 0, time.time() - MOVING_SECONDS
    for note in _folder(settings).glob("*.json"):
        try:
            upload = find(settings, note.stem)
            if upload.path.stat().st_mtime >= since:
                coming += upload.size - upload.received
        except (NotFound, FileNotFoundError):  # handed over in this moment
            continue
    return coming


def _gone() -> NotFound:
    return NotFound("this upload is not here any more", where="upload", fix="choose the file again")


# --- the server's folder --------------------------------------------------------------------------------


def server_files(settings: Settings) -> tuple[tuple[ServerFile, ...], int]:
    """What may be picked from the server's folder, newest first, and how many more there are than are listed.

    Files directly in it, by names that don't start with a dot; links only where they stay inside.
    Raises SettingsRefused where the folder can't be read.
    """
    if settings.folder is None:
        return (), 0
    try:
        names = [entry.name for entry in os.scandir(settings.folder)]
    except OSError as error:
        raise _no_folder(settings.folder, error) from error
    found = [file for name in names if (file := _server_file(settings.folder, name)) is not None]
    found.sort(key=lambda file: (-file.changed, file.name))
    return tuple(found[:MOST_LISTED]), max(0, len(found) - MOST_LISTED)


def server_file(settings: Settings, name: str) -> ServerFile:
    """One file of the server's folder. Raises FileRefused where there is none of that name that may be picked."""
    file = _server_file(settings.folder, name) if settings.folder is not None else None
    if file is None:
        raise FileRefused("the server's folder has no such file", where=name, fix="choose another one")
    return file


def borrow(settings: Settings, file: ServerFile) -> Path:
    """A path under home/uploads that leads to a file of the server's folder: a job may remove it, the file stays."""
    check_size(settings, file.name, file.size)
    path = new_path(settings)
    try:
        path.symlink_to(file.path)
    except OSError as error:
        raise storage_error(error, str(path)) from error
    return path


def checksum(path: Path) -> str:
    """The sha256 of a file's bytes, by which its artifact would be known. Raises FileRefused."""
    try:
        return sha256_of(path)
    except OSError as error:
        raise FileRefused(
            f"the file can't be read: {(error.strerror or str(error)).lower()}",
            where=path.name,
            fix="check that it is there and that the server may read it",
        ) from error


def _server_file(folder: Path, name: str) -> ServerFile | None:
    if not name or name.startswith(".") or "\0" in name or Path(name).name != name:
        return None
    try:
        path = (folder / name).resolve(strict=True)
        if not path.is_file() or not path.is_relative_to(folder.resolve()):
            return None
        known = path.stat()
    except (OSError, RuntimeError):  # a link to nowhere or to itself is nothing to pick
        return None
    return ServerFile(name, known.st_size, known.st_mtime, path)


def _no_folder(folder: Path, error: OSError) -> SettingsRefused:
    return SettingsRefused(
        f"the server's folder can't be read: {(error.strerror or str(error)).lower()}",
        where=f"HOURGLASS_FOLDER={folder}",
        fix="have its path and its permissions checked",
    )
