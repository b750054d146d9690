"""Where a reader puts what it reads: rows as text on disk, rejects, and how they were got."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.datasets.cells import shortened
from core.datasets.sampling import Sample
from core.errors import FileRefused, TooLarge, TooManyRows
from core.results import Dialect, Pictures, Reading, Reject, Role
from core.settings import Settings
from core.specs import ReadOptions

EMPTY = "every cell is empty"  # why a line is set aside
REJECTS_KEPT = 100_000
REJECTS_SHOWN = 1_000  # those that travel with the reading; the others stand in the table of rejects
ROWS = 100_000  # written at once
CELLS = 500_000  # read at once where columns are read one by one
COLUMN_BYTES, LEAST_CELL, LONGEST_CELL = 200_000_000, 100, 1_000  # of a column in memory; of a cell in it
Tell = Callable[[float, str], None]  # how much of the work is done, 0 … 1, and in words; may raise Cancelled


def silent(done: float, words: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class RawPictures:
    """Images as arrays on disk, with what is to be known of them (`pictures`, whose addresses are still empty).

    pieces, thumbs, places: the npy files that `Pictures` describes; places is None where each image is one piece.
    roles: of the columns that tell about the images.
    """

    pictures: Pictures
    pieces: Path
    thumbs: Path
    places: Path | None
    roles: dict[str, Role]


@dataclass(frozen=True)
class RawTable:
    """A table as text: null is an empty cell. `lines` is the source line (from 1) of each row."""

    path: Path  # Parquet of string columns
    columns: tuple[str, ...]
    header: tuple[str, ...]  # the names as they stand in the file
    lines: NDArray[np.int64]  # (N,)
    reading: Reading
    rejects: tuple[Reject, ...] = ()
    folder: TemporaryDirectory[str] | None = field(default=None, repr=False)  # goes when the table does
    pictures: RawPictures | None = None  # where each row is an image

    @property
    def rows(self) -> int:
        """How many rows were kept."""
        return len(self.lines)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column's cells, (N,)."""
        return self._file.read([name]).column(0)

    def some_columns(self, names: Sequence[str]) -> pa.Table:
        """All cells of some columns."""
        return self._file.read(list(names))

    def each_column(self) -> Iterator[tuple[str, pa.ChunkedArray]]:
        """All columns one by one, as `short_columns` gives them, few of them in memory at once."""
        # Parquet takes its time to find one column among thousands: small ones are read together.
        together = max(1, CELLS // max(self.rows, 1))
        for start in range(0, len(self.columns), together):
            yield from short_columns(self._file, self.columns[start : start + together]).items()

    def batches(self, names: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """All cells, of these columns where they are named, some rows at a time."""
        for group in _groups(self.path, names) if self.columns else ():
            yield from group.to_batches(ROWS)

    @property
    def cells(self) -> pa.Table:
        """All cells at once: for tables that are known to be small."""
        return self._file.read() if self.columns else pa.table({})

    @cached_property
    def _file(self) -> pq.ParquetFile:
        return pq.ParquetFile(self.path)


def short_columns(file: pq.ParquetFile, names: Sequence[str]) -> dict[str, pa.ChunkedArray]:
    """Columns, of whose long cells only as much is kept as tells them apart: enough to say what a column is."""
    rows = file.metadata.num_rows
    longest = min(max(COLUMN_BYTES // max(rows, 1), LEAST_CELL), LONGEST_CELL)
    chunks: dict[str, list[pa.Array]] = {name: [] for name in names}
    for i in range(file.num_row_groups):
        group = file.read_row_group(i, columns=list(names), use_threads=False)
        for name, kept in chunks.items():
            kept += [shortened(chunk, longest) for chunk in group[name].chunks]
    return {name: pa.chunked_array(kept, pa.string()) for name, kept in chunks.items()}


class Enough(Exception):
    """The rows that were asked for are written: a reader need not go on."""


class Spool:
    """A table on its way to disk. A reader calls `start` once, then `write` and `reject`; `read_file` finishes it.

    The limits on rows and columns, and the sample that was asked for, are seen to here, for every format. most: rows after which a
    reader hears `Enough`.
    """

    def __init__(
        self, name: str, limits: Settings, options: ReadOptions, tell: Tell = silent, most: int | None = None
    ) -> None:
        self.name, self.limits, self.options, self.most = name, limits, options, most
        self.size = 0  # of the file, in bytes, where that says how far the reading is
        self.expected_rows = 0  # where the file says so
        self.tell = tell
        self._bytes = 0
        self.rejects: list[Reject] = []
        self.rows = 0  # in the file, also where a sample is kept
        self._folder = TemporaryDirectory(prefix="hourglass-")  # goes when the table does
        self.folder = Path(self._folder.name)
        self._path = self.folder / "cells.parquet"
        self._writer: pq.ParquetWriter | None = None
        self._sample = Sample(options.sample_rows, options.sample_seed) if options.sample_rows else None
        self._lines: list[NDArray[np.int64]] = []
        self._names: tuple[str, ...] = ()
        self._header: tuple[str, ...] = ()
        self._mended: list[Reject] = []

    @property
    def samples(self) -> bool:
        """Whether only some of the rows are kept."""
        return self._sample is not None

    def start(self, names: Sequence[str], source: Sequence[str] | None = None) -> None:
        """The columns' names, unique; `source`: as they stand in the file. Raises TooLarge."""
        self.check_width(len(names))
        self._names, self._header = tuple(names), tuple(source if source is not None else names)
        if names:
            schema = pa.schema([(name, pa.string()) for name in names])
            # As cheap as can be: compressing costs a third of the whole reading, dictionaries and statistics another.
            self._writer = pq.ParquetWriter(
                self._path, schema, compression="none", use_dictionary=False, write_statistics=False
            )

    def check_width(self, columns: int) -> None:
        """Raises TooLarge for more columns than a table may have."""
        if columns > self.limits.column_limit:
            raise TooLarge(
                f"the table has {columns:,} columns, the limit is {self.limits.column_limit:,}",
                where=self.name,
                fix="leave columns out, or have the limit raised (HOURGLASS_COLUMN_LIMIT)",
            )

    def check_rows(self, rows: int, line: int | None = None) -> None:
        """Raises TooManyRows for more rows than a table may have, where no sample of them is taken.

        line: the last row's, where they are counted while reading.
        """
        if not self.samples and rows > self.limits.row_limit:
            raise TooManyRows(
                f"the table has {rows:,} rows, the limit is {self.limits.row_limit:,}"
                if line is None
                else f"the table has more than {self.limits.row_limit:,} rows, which is the limit",
                where=self.name if line is None else f"{self.name}, line {line:,}",
                fix="take a sample of its rows, or have the limit raised (HOURGLASS_ROW_LIMIT)",
            )

    def write(self, columns: Sequence[pa.Array], lines: NDArray[np.int64]) -> None:
        """Rows as one array of strings a column, and the line of each. Blank cells become null. Raises TooManyRows."""
        self.rows += len(lines)
        if len(lines):
            self.check_rows(self.rows, int(lines[-1]))
            self._say_how_far(columns)
        table = pa.table([blank_to_null(column) for column in columns], names=list(self._names))
        if self._sample is not None:
            self._sample.add(table, lines)
        elif len(table):
            self._put(table, lines)
        if self.most is not None and self.rows >= self.most:
            raise Enough

    def _say_how_far(self, columns: Sequence[pa.Array]) -> None:
        # Of an array's bytes three a cell are not the file's: a place of four bytes stands for a delimiter.
        self._bytes += sum(column.nbytes - 3 * len(column) for column in columns)
        done = self.rows / self.expected_rows if self.expected_rows else self._bytes / max(self.size, 1)
        self.tell(min(done, 1.0), f"{self.rows:,} rows read")

    def _put(self, table: pa.Table, lines: NDArray[np.int64]) -> None:
        if self._writer is None:
            raise RuntimeError("a reader wrote rows before it gave the columns' names")
        self._writer.write_table(table, row_group_size=ROWS)
        self._lines.append(np.asarray(lines, np.int64))

    def reject(self, line: int, text: str, reason: str) -> None:
        """Set a line aside. Raises FileRefused where there are too many for the file to be what it was taken for."""
        if len(self.rejects) == REJECTS_KEPT:
            raise FileRefused(
                f"more than {REJECTS_KEPT:,} lines can't be read as rows, the last for this reason: {reason}",
                where=f"{self.name}, line {line:,}",
                fix="look at how the file's lines are made up, and say it under “How the file is read”",
            )
        self.rejects.append(Reject(line, text[:10_000], reason))

    def add_mended(self, rows: list[Reject]) -> None:
        """Rows that are in the table, but not as they stood in the file."""
        self._mended += rows[: REJECTS_KEPT - len(self._mended)]

    def count_inside(self, text: str) -> NDArray[np.int64]:
        """How often a text stands in the cells of each row that was written, (N,). No more can be written after."""
        if self._writer is not None:
            self._writer.close()
        inside = np.zeros(self.rows, np.int64)
        at = 0
        for group in _groups(self._path):
            for column in group.columns:
                inside[at : at + len(group)] += pc.fill_null(pc.count_substring(column, text), 0).to_numpy()
            at += len(group)
        return inside

    def set_lines(self, lines: NDArray[np.int64]) -> None:
        """Say anew which lines the rows stand in, (N,)."""
        self._lines = [lines]

    def restart(self) -> None:
        """Forget what was written, to read the file in another way."""
        if self._writer is not None:
            self._writer.close()
        self.rejects, self._lines, self.rows, self._bytes, self._writer = [], [], 0, 0, None
        if self._sample is not None:
            self._sample = Sample(self._sample.rows, self.options.sample_seed)

    def finish(self, reading: Reading) -> RawTable:
        """The table, when all rows are written."""
        if self._sample is not None:
            for table, lines in self._sample.taken():
                self._put(table.select(list(self._names)), lines)
            reading = replace(reading, sampled_from=self.rows)
        if self._writer is not None:
            self._writer.close()
        aside = tuple(sorted([*self.rejects, *self._mended], key=lambda reject: reject.line))
        return RawTable(
            path=self._path,
            columns=self._names,
            header=self._header,
            lines=np.concatenate(self._lines) if self._lines else np.empty(0, np.int64),
            reading=replace(
                reading,
                rejects=tuple(replace(reject, text=reject.text[:300]) for reject in aside[:REJECTS_SHOWN]),
                rejected=len(self.rejects),
                mended=len(self._mended),
                chosen=self.options.model_dump(exclude_defaults=True),
            ),
            rejects=aside,
            folder=self._folder,
        )

    def leave_out_last(self, columns: int) -> None:
        """Leave out the last columns, in which nothing stands, when all rows are written."""
        if self._writer is not None:
            self._writer.close()
        wide, self._path = self._path, self._path.with_name("narrower.parquet")
        self.start(self._names[:-columns], self._header[:-columns])
        for group in _groups(wide):
            self._put(group.select(list(self._names)), np.empty(0, np.int64))  # the lines are known
        wide.unlink()


def _groups(path: Path, names: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """A file's row groups one by one, of these columns in this order: its own iteration keeps what it has read."""
    file = pq.ParquetFile(path)
    for i in range(file.num_row_groups):
        group = file.read_row_group(i, columns=None if names is None else list(names))
        yield group if names is None else group.select(list(names))


def blank_to_null(column: pa.Array) -> pa.Array:
    """The cells, with null for those that are empty or hold only white space."""
    blank = pc.or_(pc.equal(column, ""), pc.utf8_is_space(column))
    return pc.if_else(blank, pa.scalar(None, pa.string()), column) if pc.any(blank).as_py() else column


def empty_last(columns: Sequence[pa.Array], most: int) -> int:
    """How many of the last columns, `most` at most, hold nothing."""
    for found in range(most):
        cells = columns[-1 - found]
        if not pc.all(pc.fill_null(pc.or_(pc.equal(cells, ""), pc.utf8_is_space(cells)), True)).as_py():
            return found
    return most


def unique_names(header: list[str]) -> tuple[list[str], list[str]]:
    """Column names made usable and unique, and a notice for each thing that was changed."""
    names: list[str] = []
    notices: list[str] = []
    taken = {name.strip() for name in header}
    seen: set[str] = set()
    for i, given in enumerate(header):
        name = given.strip()
        if not name:
            name = _free(f"col_{i + 1}", taken | seen)
            notices.append(f"column {i + 1} has no name; it is called “{name}”")
        elif name in seen:
            new = _free(f"{name} (2)", taken | seen, counting=name)
            notices.append(f"the name “{name}” stands twice; column {i + 1} is called “{new}”")
            name = new
        seen.add(name)
        names.append(name)
    return names, notices


def _free(first: str, taken: set[str], counting: str = "") -> str:
    candidate, number = first, 2
    while candidate in taken:
        number += 1
        candidate = f"{counting or first} ({number})"
    return candidate


def leading(records: Sequence[tuple[int, Sequence[str | None]]], width: int) -> int:
    """How many records stand before the first that fills most of the table's width."""
    if width < 3:
        return 0
    for i, (_, cells) in enumerate(records):
        if len(cells) >= width and sum(1 for cell in cells if cell and cell.strip()) > width // 2:
            return i
    return 0


__all__ = ["Dialect", "RawTable", "Reading", "Reject", "Spool", "blank_to_null", "leading", "unique_names"]
