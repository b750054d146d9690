"""From files of images, wherever they lie, to the table about them and the arrays of their pixels.

The files are read twice: once for their headers, which choose one size for all, and once to decode and write them.
What is held of an image in memory between are some dozens of bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.datasets.images import notices
from core.datasets.images.decode import Plan
from core.datasets.images.folders import Folders, read_folders
from core.datasets.images.formats import strict
from core.datasets.images.looks import FORMATS, Looks, Named, Source, check_room, look, make_plan
from core.datasets.images.writing import Written, write_images
from core.datasets.raw import RawPictures, RawTable, Spool, Tell, unique_names
from core.errors import FileRefused, printable
from core.results import Dialect, Pictures, Reading, Role

LOOKED = 0.2  # of the work is done when the headers are read
WRITTEN = 10_000  # rows of the table at once
IMAGES = Reading(Dialect("", "", "", ""))  # nothing is said yet, and no text was taken apart


@dataclass(frozen=True)
class Files:
    """Names and lines of images that are read already."""

    names: Sequence[str]
    lines: Sequence[int]


@dataclass(frozen=True)
class About:
    """A table's columns about images: row rows[i] of `cells` is about file i of the source, -1 where none is.

    label, split: the columns that tell these.
    """

    cells: pa.Table
    rows: NDArray[np.int64]
    label: str | None = None
    split: str | None = None

    def take(self, places: NDArray[np.int64]) -> list[pa.Array]:
        """The cells of some files, an array a column."""
        rows = self.rows[places]
        table = self.cells.take(pa.array(rows, pa.int64(), mask=rows < 0))
        return [column.combine_chunks() for column in table.columns]


def store_images(
    source: Source, spool: Spool, about: About | None = None, reading: Reading = IMAGES, paths: bool = True
) -> RawTable:
    """Read all images of a source into the spool. paths: whether the files' names are paths whose folders may tell.

    Raises FileRefused (none or one can be read), TooLarge, TooManyRows, DiskFull; what `tell` raises.
    """
    tell, folder = spool.tell, spool.folder
    with strict():
        looks = look(source, spool, partial(_part, tell, 0.0, LOOKED))
        found = len(looks.table)
        check_count(found, spool)
        spool.check_rows(found)
        if spool.options.sample_rows and spool.options.sample_rows < found:
            drawn = np.random.default_rng(spool.options.sample_seed).permutation(found)[: spool.options.sample_rows]
            looks = looks.take(np.sort(drawn))
        plan = make_plan(source, looks, spool.options)
        check_room(looks, plan, spool)
        source.start_again()
        written = write_images(source, looks, plan, spool, folder, partial(_part, tell, LOOKED, 1.0))
    check_count(len(written.facts), spool)
    sampled = found if len(looks.table) < found else reading.sampled_from
    raw = write_table(source, looks.take(written.facts["place"]), written, plan, spool, about, reading, paths)
    return replace(raw, reading=replace(raw.reading, sampled_from=sampled))


def _part(tell: Tell, start: float, end: float, done: float, words: str) -> None:
    tell(start + done * (end - start), words)


def keep_rejects(raw: RawTable, spool: Spool) -> None:
    """Take over what was set aside, or mended, when the table was read that the images stand in."""
    kept = set(raw.lines.tolist())
    spool.rejects = [reject for reject in raw.rejects if reject.line not in kept]
    spool.add_mended([reject for reject in raw.rejects if reject.line in kept])


def check_count(images: int, spool: Spool) -> None:
    """Raises FileRefused where fewer than two images could be read."""
    if images >= 2:
        return
    first = next(iter(spool.rejects), None)
    if images == 1 and first is None:
        raise one_image(spool.name)
    raise FileRefused(
        ("only one image" if images else "no image")
        + " can be read"
        + (f"; of the others, “{first.text[:80]}”: {first.reason}" if first else ""),
        where=spool.name,
        fix="pack PNG, JPEG, WebP, BMP, TIFF or GIF files into a zip and upload that",
    )


def one_image(name: str, what: str = "one image") -> FileRefused:
    """The error for an image alone."""
    return FileRefused(
        f"this is {what}, and there is nothing to learn from a single one",
        where=name,
        fix="upload many images of the same kind together (several files, a folder, or a zip of them), "
        "or a table as CSV, Excel or Parquet",
    )


def write_table(
    source: Named,
    looks: Looks,
    written: Written,
    plan: Plan,
    spool: Spool,
    about: About | None,
    reading: Reading,
    paths: bool,
) -> RawTable:
    """The table about the images that were written, one row each, and with it their arrays."""
    names = [printable(source.names[place]) for place in looks.table["place"]]
    told = read_folders(names if paths else [""] * len(names))
    columns = _columns(names, told, looks, written, about)
    roles: dict[str, Role] = {"file": "identifier", "label": "label"}
    others = about.cells.column_names if about is not None else []
    header, _ = unique_names([*columns, *others])
    if about is not None and about.label is not None:
        roles[header[len(columns) + others.index(about.label)]] = "label"
    spool.start(header, [*columns, *others])
    spool.expected_rows = 1  # all images are read: what comes now is quick
    for start in range(0, len(names), WRITTEN):
        rows = slice(start, start + WRITTEN)
        places = looks.table["place"][rows]
        arrays = [pa.array([str(cell) for cell in cells[rows]], pa.string()) for cells in columns.values()]
        arrays += about.take(places) if about is not None else []
        spool.write(arrays, np.asarray([source.lines[place] for place in places], np.int64))
    said = (
        *reading.notices,
        *notices.about_images(looks, written, plan, names),
        *notices.about_folders(columns.get("label"), columns.get("split")),
        *notices.about_rejects(spool.rejects),
    )
    raw = spool.finish(replace(reading, notices=said))
    pictures = Pictures(plan.rule, plan.size, plan.size, plan.channels, written.pieces.rows, "", "")
    where = written.places.path if written.places is not None else None
    every: dict[str, Role] = {name: roles.get(name, "ignored") for name in header}
    return replace(raw, pictures=RawPictures(pictures, written.pieces.path, written.thumbs.path, where, every))


def _columns(
    names: list[str], told: Folders, looks: Looks, written: Written, about: About | None
) -> dict[str, Sequence[Any]]:
    """What is known of each image, by the name of the column."""
    table, facts = looks.table, written.facts
    columns: dict[str, Sequence[Any]] = {"file": names, "folder": told.folders}
    if told.labels and (about is None or about.label is None):
        columns["label"] = told.labels
    if told.splits and (about is None or about.split is None):
        columns["split"] = told.splits
    return columns | {
        "width": table["width"],
        "height": table["height"],
        "format": np.asarray(FORMATS)[table["format"]],
        "colour": looks.colours,
        "bytes": facts["bytes"],
        "content": [f"{content:016x}" for content in facts["content"].tolist()],
        "looks_like": [names[earlier] if earlier >= 0 else "" for earlier in written.alike],
    }
