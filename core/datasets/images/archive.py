"""A zip of images: looked at before anything in it is read, then read member by member, counted. Nothing is unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.datasets.containers import BROKEN, PIECE, RATIO, SUSPECT, Contents, is_workbook, opened_zip
from core.datasets.images.folders import in_mask_folder
from core.datasets.images.formats import ALL_SUFFIXES, HEAD, IMAGE_BYTES, Unreadable, format_of
from core.errors import TooLarge
from core.settings import Settings

FOLDER = Contents(
    entries=200_000,
    directory=60_000_000,
    alone="pack the folder alone",
    fewer="pack fewer images, for instance a part drawn at random",
)
LOOKED_INTO = 64  # members, to find out whether it is one of images
UNPACKED = 4  # times the limit of an upload that all members may have together: bitmaps pack well
TEXT_TABLES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson")
TABLES = (*TEXT_TABLES, ".xlsx", ".xls", ".xlsb", ".ods", ".parquet", ".arrow", ".feather")
MOST_TABLES = 5  # that are looked at for the images' names
TEXT_SEEN = 65_536  # bytes of a table in which an image's name is looked for
FEW = 10  # images beside a table that may be no more than its decoration
NOT_SHOWN = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Member:
    """A file in the archive: its number from 1, its path with “/”."""

    number: int
    name: str
    info: zipfile.ZipInfo

    @property
    def hidden(self) -> bool:
        """Whether it is one that file managers leave behind."""
        return any(part.startswith(".") or part in NOT_SHOWN for part in PurePosixPath(self.name).parts)

    @property
    def may_be_table(self) -> bool:
        return self.name.lower().endswith(TABLES)


class Archive:
    """The files of an opened zip. What is unpacked is counted, whatever the directory says."""

    def __init__(self, opened: zipfile.ZipFile, name: str, size: int, limits: Settings) -> None:
        self._opened, self._name = opened, name
        self._most = min(limits.upload_limit_mb * 1_000_000, IMAGE_BYTES)
        self._most_in_all = min(UNPACKED * limits.upload_limit_mb * 1_000_000, max(SUSPECT, RATIO * size))
        self._unpacked = 0
        files = [info for info in opened.infolist() if not info.is_dir()]
        members = [Member(i, info.filename.replace("\\", "/"), info) for i, info in enumerate(files, 1)]
        self.members = [member for member in members if not member.hidden]

    def check(self) -> None:
        """Refuse what no images come in. Raises FileRefused, TooLarge."""
        FOLDER.check(self._opened.infolist(), self._name)

    @property
    def is_workbook(self) -> bool:
        return is_workbook(self._opened)

    def head(self, member: Member, length: int = HEAD) -> bytes:
        """The first bytes; none of a member that is damaged, which reading it will say."""
        try:
            with self._opened.open(member.info) as file:
                return file.read(length)
        except BROKEN:
            return b""

    def read(self, member: Member) -> bytes:
        """All of a member. Raises Unreadable where it is damaged or too long, TooLarge where all are too much."""
        pieces, length = [], 0
        try:
            with self._opened.open(member.info) as file:
                while piece := file.read(PIECE):
                    length += len(piece)
                    self._count(len(piece), member)
                    if length > self._most:
                        raise Unreadable(f"it has more than {self._most // 1_000_000:,} MB, which is the limit")
                    pieces.append(piece)
        except BROKEN as error:
            raise Unreadable("it is damaged in the archive, or packed in a way that is not read") from error
        return b"".join(pieces)

    def _count(self, length: int, member: Member) -> None:
        self._unpacked += length
        if self._unpacked > self._most_in_all:
            raise TooLarge(
                f"the archive unpacks to more than {self._most_in_all / 1e6:,.0f} MB, which is the limit",
                where=f"{self._name}, {member.name[:80]}",
                fix="pack fewer images, or have the limit raised (HOURGLASS_UPLOAD_LIMIT_MB)",
            )

    def start_again(self) -> None:
        """Count anew: the images are read a second time."""
        self._unpacked = 0


@contextmanager
def opened_archive(path: Path, name: str, limits: Settings) -> Iterator[Archive]:
    """A zip with its files. Raises FileRefused where it is damaged, TooLarge where it lists too many."""
    size = path.stat().st_size
    with path.open("rb") as file, opened_zip(file, name, FOLDER) as opened:
        yield Archive(opened, name, size, limits)


def is_of_images(path: Path, name: str, limits: Settings) -> bool:
    """Whether most of a zip's files are images, by their first bytes or their names. Raises FileRefused, TooLarge."""
    with opened_archive(path, name, limits) as archive:
        if archive.is_workbook:
            return False
        some = _some(archive.members)
        images = [member for member in some if _looks_like_image(archive, member)]
        if 2 * len(images) <= len(some) or not any(format_of(archive.head(member)) for member in images):
            return False
        tables = [member for member in archive.members if member.may_be_table and not _is_note(archive, member)]
        few = len(archive.members) - len(tables) < FEW
        return not (tables and few) or any(_may_name(archive, table, images) for table in tables[:MOST_TABLES])


def _some(members: list[Member]) -> list[Member]:
    """Evenly spread."""
    seen = [member for member in members if not in_mask_folder(member.name)]
    count = min(len(seen), LOOKED_INTO)
    return [seen[i * len(seen) // count] for i in range(count)]


def _looks_like_image(archive: Archive, member: Member) -> bool:
    return member.name.lower().endswith(ALL_SUFFIXES) or bool(format_of(archive.head(member)))


def _is_note(archive: Archive, member: Member) -> bool:
    """Whether a text has no columns: it tells people something."""
    lines = archive.head(member, TEXT_SEEN).splitlines()[:2]
    columns = [any(mark in line for mark in (b",", b";", b"\t", b"|")) for line in lines]
    return member.name.lower().endswith(".txt") and not (len(columns) == 2 and all(columns))


def _may_name(archive: Archive, table: Member, images: list[Member]) -> bool:
    """Whether a table names one of the images, as far as its first bytes tell; those of a workbook tell nothing."""
    if not table.name.lower().endswith(TEXT_TABLES):
        return True
    start = archive.head(table, TEXT_SEEN)
    return any(PurePosixPath(member.name).stem.encode() in start for member in images)
