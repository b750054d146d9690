"""Tables that name images in an archive, or hold them as base64."""

from __future__ import annotations

import base64
import binascii
import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.datasets.images.folders import SPLITS
from core.datasets.images.formats import ALL_SUFFIXES, HEAD, Unreadable, format_of
from core.datasets.images.store import About
from core.datasets.kinds import LABEL_NAMES
from core.datasets.raw import RawTable

ASKED = 200  # cells of a column that tell whether it names or holds images
MOST_OF_THEM = 0.5
SHORTEST = 60  # characters of base64 that may be an image
SPLIT_NAMES = ("split", "set", "subset", "partition")


@dataclass(frozen=True)
class Joined:
    """A table's columns about the files of an archive, and what is to be said of the join."""

    about: About
    notices: tuple[str, ...]


def join(raw: RawTable, table: str, names: Sequence[str]) -> Joined | None:
    """The table's rows laid beside the files that they name; None where no column names them."""
    places = _places(names)
    column = _naming(raw, places)
    if column is None:
        return None
    cells = raw.cells
    rows = np.full(len(names), -1, np.int64)
    missing, again = [], 0
    for row, cell in enumerate(cells[column].to_pylist()):
        place = _found(cell, places)
        if place is None:
            missing.append(cell or "an empty cell")
        elif rows[place] >= 0:
            again += 1
        else:
            rows[place] = row
    said = [f"“{table}” tells about the images, by its column “{column}”"]
    if missing:
        shown = ", ".join(name[:80] for name in missing[:3]) + (", …" if len(missing) > 3 else "")
        said.append(f"{len(missing):,} of its rows name no image of the archive: {shown}")
    if again:
        said.append(f"{again:,} of its rows name an image again; the first row of each is taken")
    if without := int((rows < 0).sum()):
        said.append(f"it says nothing of {without:,} of the images")
    return Joined(about(cells.drop_columns([column]), rows), tuple(said))


def about(cells: pa.Table, rows: NDArray[np.int64], label: str | None = None) -> About:
    """A table's columns about images, with those that are label (unless it is given) and split by their names."""
    label = label or _called(cells, LABEL_NAMES)
    split = _called(cells, SPLIT_NAMES)
    if split is not None and split != label:
        known = {said: SPLITS.get(said.lower()) for said in pc.unique(cells[split]).to_pylist() if said}
        if known and all(known.values()):
            made = pa.array([known.get(cell) if cell else None for cell in cells[split].to_pylist()], pa.string())
            named = [*(name for name in cells.column_names if name != split), "split"]
            return About(
                cells.drop_columns([split]).append_column("split", made).rename_columns(named), rows, label, "split"
            )
    return About(cells, rows, label)


def _called(cells: pa.Table, names: Collection[str]) -> str | None:
    return next((column for column in cells.column_names if column.strip().lower() in names), None)


def _places(names: Sequence[str]) -> dict[str, int]:
    """Where each file stands among them, by its path, each end of the path, and its name without the suffix.

    -1 for what leads to several files.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        parts = PurePosixPath(name).parts
        for key in {*("/".join(parts[i:]) for i in range(len(parts))), PurePosixPath(name).stem}:
            places[key] = -1 if key in places else place
    return places | {name: place for place, name in enumerate(names)}  # a whole path is never unclear


def _found(cell: str | None, places: dict[str, int]) -> int | None:
    """The file that a cell names: by its path in the archive or the end of one, else by the bare name."""
    if not cell:
        return None
    path = PurePosixPath(cell.strip().replace("\\", "/").removeprefix("./").lstrip("/"))
    keys = [str(path), path.name, *([path.stem] if path.suffix.lower() in ALL_SUFFIXES else [])]
    return next((places[key] for key in keys if places.get(key, -1) >= 0), None)


def _naming(raw: RawTable, places: dict[str, int]) -> str | None:
    """The column most of whose cells name files."""
    best, most = None, MOST_OF_THEM
    for name, column in raw.each_column():
        asked = [cell for cell in column.slice(0, ASKED).to_pylist() if cell]
        hits = [place for place in (_found(cell, places) for cell in asked) if place is not None]
        # A column of numbers may be names of files by chance: what names them names each but once.
        share = len(set(hits)) / len(asked) if asked else 0.0
        if share > most:
            best, most = name, share
    return best


def first_rows(raw: RawTable, rows: int) -> pa.RecordBatch:
    """The first rows of a table that has some, read at little cost however long it is."""
    with pq.ParquetFile(raw.path) as file:
        return next(file.iter_batches(rows))


# --- images in cells -----------------------------------------------------------------------------------------


def holding(raw: RawTable) -> str | None:
    """The column most of whose cells are images as base64."""
    for name, column in zip(raw.columns, first_rows(raw, ASKED).columns, strict=True):
        if (pc.max(pc.binary_length(column)).as_py() or 0) < SHORTEST:
            continue  # no need to look at each cell of thousands of columns
        asked = [cell for cell in column.to_pylist() if cell]
        if asked and sum(map(_starts_image, asked)) > MOST_OF_THEM * len(asked):
            return name
    return None


def _starts_image(cell: str) -> bool:
    start = _bare(cell)[: HEAD // 3 * 4]
    try:
        return bool(format_of(base64.b64decode(start[: len(start) // 4 * 4], validate=True)))
    except (binascii.Error, ValueError):
        return False


def _bare(cell: str) -> str:
    """Base64 without what an address of data has before it, and without line breaks."""
    text = cell.strip()
    if text[:5].lower() == "data:":
        text = text.partition(",")[2]
    return "".join(text.split())


def _cells(raw: RawTable, column: str) -> Iterator[list[str | None]]:
    """A column's cells, those of some rows at a time."""
    with pq.ParquetFile(raw.path) as file:
        for i in range(file.num_row_groups):
            for chunk in file.read_row_group(i, columns=[column]).column(0).chunks:
                for start in range(0, len(chunk), ASKED):
                    yield chunk.slice(start, ASKED).to_pylist()


class Cells:
    """Images in a column of cells as a source: decoded from base64 to a file, image behind image."""

    def __init__(self, raw: RawTable, column: str, file: Path, names: Sequence[str]) -> None:
        self.names, self.lines = names, raw.lines.tolist()
        self._file, self._wrong = file, np.zeros(raw.rows, bool)
        ends = [0]
        with file.open("wb") as out:
            for cell in itertools.chain.from_iterable(_cells(raw, column)):
                data = self._decoded(cell or "", len(ends) - 1)
                out.write(data)
                ends.append(ends[-1] + len(data))
        self._ends = np.asarray(ends, np.int64)

    def _decoded(self, cell: str, place: int) -> bytes:
        try:
            return base64.b64decode(_bare(cell), validate=True)
        except (binascii.Error, ValueError):
            self._wrong[place] = True
            return b""

    def read(self, place: int) -> bytes:
        """All bytes of one. Raises Unreadable."""
        if self._wrong[place]:
            raise Unreadable("the cell is no base64, or was cut off")
        with self._file.open("rb") as file:
            file.seek(int(self._ends[place]))
            return file.read(int(self._ends[place + 1] - self._ends[place]))

    def start_again(self) -> None:
        """Nothing is counted: the cells were."""
