"""A zip of images, alone or with a table that names them; and which files are such."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from core.datasets.containers import packed
from core.datasets.images.archive import MOST_TABLES, Archive, Member, is_of_images, opened_archive
from core.datasets.images.folders import in_mask_folder
from core.datasets.images.formats import HEAD, Unreadable, format_of
from core.datasets.images.pixels import read_pixels
from core.datasets.images.store import IMAGES, keep_rejects, one_image, store_images
from core.datasets.images.tables import Cells, Joined, about, holding, join
from core.datasets.raw import RawTable, Spool, Tell, silent
from core.errors import FileRefused
from core.settings import Settings
from core.specs import ReadOptions

AS_TABLE = ReadOptions(images=False)
NAMING = ("file", "file_name", "filename", "path", "name", "image_name", "id", "image_id")  # columns that name images
ReadTable = Callable[[Path, str, Settings, ReadOptions], RawTable]


def holds_images(path: Path, head: bytes, name: str, limits: Settings, options: ReadOptions) -> bool:
    """Whether a file is a zip of images, by what is in it and what the user said. Raises FileRefused, TooLarge."""
    if packed(head) != "zip archive" or options.images is False:
        return False
    return is_of_images(path, name, limits)


def refuse_one_image(head: bytes, name: str) -> None:
    """Raises FileRefused for a file that is an image by itself."""
    if what := format_of(head[:HEAD]):
        raise one_image(name, f"a {what} image")


@dataclass
class Zipped:
    """The images of a zip as a source."""

    archive: Archive
    members: Sequence[Member]

    def __post_init__(self) -> None:
        self.names = [member.name for member in self.members]
        self.lines = [member.number for member in self.members]

    def read(self, place: int) -> bytes:
        return self.archive.read(self.members[place])

    def start_again(self) -> None:
        self.archive.start_again()


def read_images(path: Path, spool: Spool, read_table: ReadTable) -> RawTable:
    """The images of a zip, with a table that names them where one is in it. `read_table` reads that.

    Raises FileRefused, TooLarge, TooManyRows, DiskFull.
    """
    with opened_archive(path, spool.name, spool.limits) as archive:
        archive.check()
        images = [member for member in archive.members if not member.may_be_table]
        masks = [member for member in images if in_mask_folder(member.name)]
        said: tuple[str, ...] = ()
        if 0 < len(masks) < len(images):
            images = [member for member in images if not in_mask_folder(member.name)]
            folder = PurePosixPath(masks[0].name).parent
            said = (
                f"{len(masks):,} files in folders of masks, such as “{folder}”, were left out: nothing is learned from them",
            )
        joined = _joined(archive, [member.name for member in images], spool, read_table)
        if joined is not None:
            said += joined.notices
        source = Zipped(archive, images)
        return store_images(source, spool, joined.about if joined else None, replace(IMAGES, notices=said))


def _joined(archive: Archive, names: Sequence[str], spool: Spool, read_table: ReadTable) -> Joined | None:
    """What a table in the archive says of the images; tables that say nothing go to the rejects."""
    tables = sorted(
        (member for member in archive.members if member.may_be_table), key=lambda each: -each.info.file_size
    )
    found: Joined | None = None
    for i, member in enumerate(tables):
        reason = "it is a table or a text, not an image"
        if found is None and i < MOST_TABLES:
            try:
                found = _join(archive, member, names, spool, read_table)
            except (FileRefused, Unreadable) as error:
                reason = f"{reason}; {error}"
            if found is not None:
                continue
            reason = f"{reason}, and names none of the images"
        spool.reject(member.number, member.name, reason)
    return found


def _join(archive: Archive, member: Member, names: Sequence[str], spool: Spool, read_table: ReadTable) -> Joined | None:
    with TemporaryDirectory(prefix="hourglass-") as folder:
        target = Path(folder) / "table"
        target.write_bytes(archive.read(member))
        return join(read_table(target, f"{spool.name}, {member.name}", spool.limits, AS_TABLE), member.name, names)


def images_of_table(raw: RawTable, name: str, limits: Settings, options: ReadOptions, tell: Tell = silent) -> RawTable:
    """The images that a table holds in its cells; the table as it is where it holds none, or is to stay one.

    Base64 is always read as images, pixels only where the user says so. Raises FileRefused, TooLarge, DiskFull.
    """
    if options.images is False or not raw.rows:
        return raw
    column = holding(raw)
    if column is not None:
        return _of_cells(raw, column, Spool(name, limits, options, tell))
    return read_pixels(raw, Spool(name, limits, options, tell)) if options.images else raw


def _of_cells(raw: RawTable, column: str, spool: Spool) -> RawTable:
    cells = raw.some_columns([name for name in raw.columns if name != column])
    naming, names = _names(cells, raw)
    if naming is not None:
        cells = cells.drop_columns([naming])
    keep_rejects(raw, spool)
    with TemporaryDirectory(prefix="hourglass-") as folder:
        source = Cells(raw, column, Path(folder) / "images", names)
        said = f"the images stand in the column “{column}”, as base64"
        reading = replace(raw.reading, notices=(*raw.reading.notices, said))
        return store_images(source, spool, about(cells, np.arange(raw.rows)), reading, paths=False)


def _names(cells: pa.Table, raw: RawTable) -> tuple[str | None, list[str]]:
    """What each image is called: by a column that names them, else by its line; and that column."""
    for name in cells.column_names:
        if name.strip().lower() in NAMING:
            called = cells[name].to_pylist()
            if None not in called and len(set(called)) == len(called):
                return name, called
    return None, [f"line {line}" for line in raw.lines.tolist()]
