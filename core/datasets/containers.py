"""Files that hold files: gzip, bzip2, xz, and a zip with a table in it. What comes out is counted while it comes.

Nothing is unpacked under a name of the archive's own, and nothing that an archive says about sizes is believed.
"""

from __future__ import annotations

import bz2
import gzip
import itertools
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, cast

from core.errors import FileRefused, HourglassError, TooLarge
from core.settings import Settings
from core.storage.artifacts import storage_error

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
PACKED: dict[str, tuple[bytes, ...]] = {
    "gzip": (b"\x1f\x8b",),
    "zip archive": ZIP,
    "bzip2": (b"BZh",),
    "xz": (b"\xfd7zXZ\x00",),
    "Zstandard": (b"\x28\xb5\x2f\xfd",),
    "7z archive": (b"7z\xbc\xaf\x27\x1c",),
    "rar archive": (b"Rar!\x1a\x07",),
    "LZ4": (b"\x04\x22\x4d\x18",),
}
OLE = b"\xd0\xcf\x11\xe0"  # a workbook of before 2007
SUSPECT = 100_000_000  # bytes unpacked above which a file of so much less can't be a table
RATIO = 200
PIECE = 1 << 20
LOOKED_INTO = 200  # members of an archive, by size
HEAD = 65_536  # bytes by which a format is known
WITHIN = " › "  # between a workbook in an archive and its sheet
WORKBOOK = (b"[Content_Types].xml", b"docProps/", b"xl/", b"opendocument.spreadsheet")  # names within one
NO_TABLES = (".md", ".pdf", ".html", ".htm", ".xml", ".json", ".png", ".jpg", ".jpeg", ".gif", ".py", ".r", ".doc")
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class Inside:
    """The file within: where it was unpacked to, what to call it, its name in the archive, which others there are."""

    path: Path
    name: str
    member: str = ""
    members: tuple[str, ...] = ()
    sheet: str | None = None  # what was asked for within it
    notices: tuple[str, ...] = ()


def is_text(head: bytes) -> bool:
    """Whether first bytes are of a file that goes line by line: no workbook, no Parquet or Arrow, nothing packed."""
    return not head.startswith((b"PAR1", b"ARROW1", b"FEA1", OLE, *itertools.chain.from_iterable(PACKED.values())))


def packed(head: bytes) -> str:
    """What the first bytes are, of PACKED or “tar archive”; empty for all else."""
    for what, magics in PACKED.items():
        if head.startswith(magics) and (what != "bzip2" or head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")):
            return what
    return "tar archive" if head[257:262] == b"ustar" else ""


def unpacked(name: str) -> str:
    """A packed file's name without the ending that says so."""
    return name.removesuffix(".gz").removesuffix(".bz2").removesuffix(".xz")


@contextmanager
def inside(
    path: Path,
    head: bytes,
    name: str,
    limits: Settings,
    sheet: str | None,
    is_table: Callable[[bytes, str], bool],
    most: int | None = None,
) -> Iterator[Inside | None]:
    """The table that a packed file holds, for as long as the context lasts; None for a file that is not packed.

    sheet: the member that was asked for. is_table: whether the first bytes of a file may be a table's. most: bytes of a text that
    are enough. Raises FileRefused, TooLarge.
    """
    what = packed(head)
    if not what:
        yield None
        return
    with TemporaryDirectory(prefix="hourglass-") as folder:
        target = Path(folder) / "inside"
        if what == "zip archive":
            with archive(path, name) as opened:
                found = None if is_workbook(opened) else _unzip(opened, target, name, limits, sheet, is_table, most)
        elif opener := _opener(what):
            found = Inside(target, unpacked(name), sheet=sheet)
            try:
                with opener(path) as source:
                    _copy(source, target, path.stat().st_size, name, limits, most)
            except BROKEN as error:
                raise FileRefused(f"the {what} file is damaged", where=name, fix="pack it again") from error
        else:
            raise FileRefused(f"this is a {what}, not a table", where=name, fix="unpack it and upload the table in it")
        if found is not None:
            _refuse_nested(found, what)
        yield found


def _refuse_nested(found: Inside, what: str) -> None:
    with found.path.open("rb") as file:
        inner = packed(file.read(512))
    if not inner or (inner == "zip archive" and _is_workbook_file(found)):
        return
    raise FileRefused(f"this is a {inner} inside a {what}", where=found.name, fix="unpack it and upload the table")


def _is_workbook_file(found: Inside) -> bool:
    with archive(found.path, found.name) as opened:
        return is_workbook(opened)


def _opener(what: str) -> Callable[[Path], IO[bytes]] | None:
    if what == "gzip":  # GzipFile is not declared to be what it is
        return lambda path: cast(IO[bytes], gzip.open(path))
    if what == "bzip2":
        return lambda path: bz2.open(path)
    if what == "xz":
        return lambda path: lzma.open(path)
    return None


def _copy(source: IO[bytes], target: Path, size: int, name: str, limits: Settings, most: int | None = None) -> None:
    """Unpack to disk, counting. `size`: the packed bytes; most: as of `inside`. Raises TooLarge at most PIECE bytes over the limit."""
    limit, written = limits.upload_limit_mb * 1_000_000, 0
    with target.open("wb") as file:
        while piece := source.read(PIECE):
            if most is not None and written == 0 and not is_text(piece):  # whose end says what is in it
                most = None
            written += len(piece)
            if written > limit:
                raise TooLarge(
                    f"the file unpacks to more than {limits.upload_limit_mb:,} MB, which is the limit",
                    where=name,
                    fix="upload a part of it, or have the limit raised (HOURGLASS_UPLOAD_LIMIT_MB)",
                )
            if written > max(SUSPECT, RATIO * size):
                raise TooLarge(
                    f"{size:,} bytes unpack to more than {written:,}, over {RATIO} to 1, which no table does",
                    where=name,
                    fix="unpack it yourself, look at it, and upload the table in it",
                )
            try:
                file.write(piece)
            except OSError as error:
                raise storage_error(error, str(target.parent)) from error
            if most is not None and written >= most:
                return


@dataclass(frozen=True)
class Contents:
    """What is looked for in a zip: how much its directory may list, and what to do where that is not so."""

    entries: int
    directory: int  # bytes
    alone: str  # what to pack instead of more than is wanted
    fewer: str
    otherwise: str = ""  # what helps against everything else

    def too_many(self, name: str) -> TooLarge:
        """The error for an archive of too many files."""
        return TooLarge(
            f"the archive lists more than {self.entries:,} files, which is the limit", where=name, fix=self.fewer
        )

    def check(self, entries: list[zipfile.ZipInfo], name: str) -> None:
        """Refuse too many entries, encryption, links, names that lead out or stand twice."""
        if len(entries) > self.entries:
            raise self.too_many(name)
        seen: set[str] = set()
        for entry in entries:
            member = entry.orig_filename.replace("\\", "/")
            parts = PurePosixPath(member).parts
            shown = member[:80]
            if entry.flag_bits & 0x1:
                raise self._refused(f"“{shown}” in the archive is locked with a password", name, "pack it without one")
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise self._refused(f"“{shown}” in the archive is a link to another file", name, "pack the file itself")
            if ".." in parts or member.startswith("/") or member[1:2] == ":" or "\0" in member:
                raise self._refused(f"“{shown}” in the archive leads to a place outside it", name, self.alone)
            if member in seen:
                raise self._refused(f"“{shown}” stands twice in the archive", name, "pack each file once")
            seen.add(member)

    def _refused(self, what: str, name: str, fix: str) -> FileRefused:
        return FileRefused(what, where=name, fix=f"{fix}{self.otherwise}")


TABLE = Contents(
    entries=10_000,
    directory=4_000_000,
    alone="pack the table alone",
    fewer="unpack it and upload the table in it",
    otherwise=", or unpack it and upload the table in it",
)


class Bounded:
    """A file of which no long piece is read at once: an archive's directory is read in one."""

    def __init__(self, file: IO[bytes], name: str, wanted: Contents = TABLE) -> None:
        self._file, self._name, self._wanted = file, name, wanted
        self.seek, self.tell = file.seek, file.tell
        self.seekable, self.close = file.seekable, file.close
        self._end = file.seek(0, os.SEEK_END)
        file.seek(0)

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._end - self.tell())  # a damaged directory may point behind the end
        length = left if size < 0 else min(size, left)
        if length > self._wanted.directory:
            raise self._wanted.too_many(self._name)
        return self._file.read(length)  # whose room is made before anything is read


@contextmanager
def archive(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    """A zip whose directory has been looked at. Raises FileRefused, TooLarge, also for what breaks within."""
    try:
        with path.open("rb") as file, opened_zip(file, name, TABLE) as opened:
            TABLE.check(opened.infolist(), name)
            yield opened
    except BROKEN as error:
        raise FileRefused("the zip archive is damaged", where=name, fix="pack it again") from error


def opened_zip(file: IO[bytes], name: str, wanted: Contents) -> zipfile.ZipFile:
    """A zip whose directory can be read. Raises FileRefused, TooLarge."""
    try:
        opened = zipfile.ZipFile(cast(IO[bytes], Bounded(file, name, wanted)))
        for info in opened.infolist():
            info.is_dir()  # which a member without a name can't say
    except HourglassError:
        raise
    except (*BROKEN, ValueError, IndexError) as error:  # a directory with damage in it is read with several words
        raise FileRefused("the zip archive is damaged", where=name, fix="pack it again") from error
    return opened


def looks_like_workbook(head: bytes) -> bool:
    """Whether first bytes are those of a zip that is a workbook."""
    return head.startswith(ZIP) and any(part in head for part in WORKBOOK)


def is_workbook(opened: zipfile.ZipFile) -> bool:
    """Whether a zip is an Excel or OpenDocument file (also one of text or slides, which the reader names)."""
    names = set(opened.namelist())
    if "[Content_Types].xml" in names:
        return True
    return "content.xml" in names and "mimetype" in names


def _unzip(
    opened: zipfile.ZipFile,
    target: Path,
    name: str,
    limits: Settings,
    sheet: str | None,
    is_table: Callable[[bytes, str], bool],
    most: int | None,
) -> Inside:
    files = sorted(filter(_is_file, opened.infolist()), key=lambda entry: -entry.file_size)
    tables = [entry for entry in files[:LOOKED_INTO] if _may_be_table(opened, entry, is_table)]
    names = tuple(sorted(entry.filename for entry in tables))
    if not tables:
        nested = next((entry.filename for entry in files if entry.filename.lower().endswith((".zip", ".gz"))), None)
        raise FileRefused(
            f"no file in the archive is a table{f'; “{nested}” is an archive itself' if nested else ''}",
            where=name,
            fix="unpack it and upload the table in it",
        )
    member, _, within = (sheet or "").partition(WITHIN)
    if sheet and member not in names:
        raise FileRefused(
            f"the archive holds no table “{member[:80]}”", where=name, fix=f"one of: {', '.join(names[:10])}"
        )
    # The largest is the table, the others tell about it.
    chosen = next(entry for entry in tables if not sheet or entry.filename == member)
    with opened.open(chosen) as source:
        _copy(source, target, chosen.compress_size, f"{name}, {chosen.filename}", limits, most)
    notices = []
    if len(names) > 1 and not sheet:
        others = ", ".join(other for other in names if other != chosen.filename)
        notices.append(f"the archive holds {len(names)} tables; “{chosen.filename}” was read, not {others[:200]}")
    return Inside(target, f"{name}, {chosen.filename}", chosen.filename, names, within or None, tuple(notices))


def _is_file(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    return not entry.is_dir() and not any(part.startswith(".") or part in ("__MACOSX", "Thumbs.db") for part in parts)


def _may_be_table(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, is_table: Callable[[bytes, str], bool]) -> bool:
    if entry.filename.lower().endswith(NO_TABLES) and not entry.filename.lower().endswith(".json"):
        return False
    with opened.open(entry) as file:
        head = file.read(HEAD)
    return bool(head) and is_table(head, entry.filename.lower())
