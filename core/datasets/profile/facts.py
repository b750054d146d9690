"""One column of a stored table, read and understood: what everything in a profile is counted from.

A column is held as its different cells and where they stand, one column at a time. Cells are parsed under the
column's kind once for each different one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.datasets.cells import Floats, Texts, shortened
from core.datasets.parsing import parsed, says_missing
from core.results import NUMERIC, Column

Places = NDArray[np.int32]
Mask = NDArray[np.bool_]

READ_AT_ONCE = 1_000_000  # cells
COLUMNS_AT_ONCE = 250
LONGEST_CELL = 1_000  # bytes; longer ones are known by their beginning and a hash
LEAST_CELL = 80
COLUMN_BYTES = 150_000_000  # what a column of long cells may take
SHOWN = 80  # characters of a cell in a profile
EXAMPLES = 5
ROWS = 20


@dataclass(frozen=True)
class Numbers:
    """The different numbers of a column, ascending: values (U,), in how many rows each stands counts (U,), and for
    each row the position of its number, codes (N,), -1 where missing. Infinities are numbers here."""

    values: Floats
    counts: NDArray[np.int64]
    codes: Places

    @cached_property
    def finite(self) -> tuple[Floats, NDArray[np.int64]]:
        """values and counts without the infinities."""
        kept = np.isfinite(self.values)
        return self.values[kept], self.counts[kept]

    def quantiles(self, shares: tuple[float, ...]) -> Floats:
        """Of the finite numbers, over rows, between neighbours in proportion (numpy's and R's usual way)."""
        values, counts = self.finite
        last = np.cumsum(counts) - 1  # the highest rank, from 0, that each value has
        at = np.asarray(shares) * last[-1]
        below, above = (np.searchsorted(last, np.clip(rank, 0, last[-1])) for rank in (np.floor(at), np.ceil(at)))
        part = at - np.floor(at)
        out: Floats = values[below] * (1 - part) + values[above] * part  # no difference: it may be beyond a float
        return np.where(below == above, values[below], out)


@dataclass(frozen=True)
class Facts:
    """A column: its different cells, trimmed, in order of appearance (D,), their counts, and each row's place among
    them (N,), -1 where its cell is empty. padded: rows (from 0) with blanks around the cell. lengths: characters of
    each row's cell, of text only."""

    column: Column
    cells: pa.StringArray
    places: Places
    padded: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    lengths: NDArray[np.int64] | None = None

    @property
    def rows(self) -> int:
        return len(self.places)

    @cached_property
    def texts(self) -> Texts:
        """The different cells as Python texts, made where a column is not just numbers."""
        texts: Texts = self.cells.to_numpy(zero_copy_only=False)
        return texts

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """In how many rows each different cell stands, (D,)."""
        return np.bincount(self.places + 1, minlength=len(self.cells) + 1)[1:]

    @cached_property
    def parsed(self) -> Floats | None:
        """The different cells under the column's kind, NaN where they are not of it; None for kinds that stay text."""
        column = self.column
        if column.kind not in NUMERIC:
            return None
        if column.kind == "number" and column.form == "point" and not column.missing_words:
            try:
                values: Floats = pc.cast(self.cells, pa.float64()).to_numpy(zero_copy_only=False)
                return values
            except pa.ArrowInvalid:  # some cell has a unit, a currency, a mark of thousands
                return parsed(column, self.texts)
        return parsed(column, self.texts)

    @cached_property
    def missing(self) -> Mask:
        """Which different cells count as missing, (D,)."""
        if self.parsed is not None:
            return np.isnan(self.parsed)
        return says_missing(self.column, self.texts) if self.column.missing_words else np.zeros(len(self.cells), bool)

    @cached_property
    def empty(self) -> Mask:
        """Rows without a value, (N,)."""
        return np.append(self.missing, True)[self.places]

    @cached_property
    def numbers(self) -> Numbers | None:
        """The column as numbers: of numbers, yes/no, moments, and places in the order of an ordered category."""
        if self.column.kind == "ordered":
            order = {level: float(place) for place, level in enumerate(self.column.levels)}
            values = np.fromiter((order.get(cell, np.nan) for cell in self.texts), np.float64, len(self.texts))
            values[self.missing] = np.nan
        elif self.parsed is not None:
            values = self.parsed
        else:
            return None
        there = np.flatnonzero(~np.isnan(values))
        found, inverse = np.unique(values[there], return_inverse=True)
        codes = np.full(len(values) + 1, -1, np.int32)
        codes[there] = inverse
        counts = np.bincount(inverse, weights=self.counts[there], minlength=len(found)).astype(np.int64)
        return Numbers(found, counts, codes[self.places])

    @cached_property
    def levels(self) -> tuple[NDArray[np.int64], Places]:
        """Which different cells are values, and each row's place among these, -1 where missing."""
        named = np.flatnonzero(~self.missing)
        codes = np.full(len(self.cells) + 1, -1, np.int32)
        codes[named] = np.arange(len(named), dtype=np.int32)
        return named, codes[self.places]

    def matching(self, pattern: str) -> Mask:
        """Which different cells a regular expression finds something in, (D,); no Python text is made for it."""
        found: Mask = pc.match_substring_regex(self.cells, pattern).to_numpy(zero_copy_only=False)
        return found

    def among(self, words: Collection[str]) -> Mask:
        """Which different cells are one of these words, in upper or lower case, (D,)."""
        found: Mask = pc.is_in(pc.utf8_lower(self.cells), pa.array(sorted(words), pa.string())).to_numpy(
            zero_copy_only=False
        )
        return found

    def rows_of(self, which: Mask) -> tuple[int, ...]:
        """The first rows, from 1, whose cell is one of these different ones (D,)."""
        return first_rows(np.append(which, False)[self.places])

    def count(self, which: Mask) -> int:
        """In how many rows these different cells stand."""
        return int(self.counts[which].sum())

    def examples(self, which: Mask | NDArray[np.integer]) -> tuple[str, ...]:
        """Some of these different cells, as they stand in the file: the commonest, or the first of given places."""
        places = which
        if places.dtype == bool:
            places = np.flatnonzero(which)
            places = places[np.argsort(-self.counts[places], kind="stable")]
        return tuple(shown(self.cells[int(place)].as_py()) for place in places[:EXAMPLES])

    def digest(self) -> bytes:
        """Of what the column says in every row: equal for columns of equal values."""
        out = hashlib.blake2b(digest_size=16)
        if self.column.kind == "number" and self.numbers is not None:
            out.update(b"numbers")
            out.update(np.ascontiguousarray(self.numbers.values).view(np.uint8).data)
            out.update(self.numbers.codes.data)
            return out.digest()
        _, offsets, data = self.cells.buffers()
        size = len(self.cells)
        out.update(b"texts")
        if size and offsets is not None and data is not None:
            ends = np.frombuffer(offsets, np.int32)[self.cells.offset : self.cells.offset + size + 1]
            out.update((ends - ends[0]).data)
            out.update(memoryview(data)[ends[0] : ends[-1]])
        out.update(self.places.data)
        return out.digest()


def shown(cell: str) -> str:
    """A cell as it stands in a profile: not all of a long one."""
    return cell if len(cell) <= SHOWN else cell[: SHOWN - 1] + "…"


def first_rows(mask: Mask) -> tuple[int, ...]:
    """Numbers, from 1, of the first rows of a mask (N,)."""
    return tuple(int(row) + 1 for row in np.flatnonzero(mask)[:ROWS])


def read(path: Path, columns: tuple[Column, ...], rows: int) -> Iterator[Facts]:
    """Each column of a stored table. Only a few are in memory at any time."""
    file = pq.ParquetFile(path)
    width = max(1, min(COLUMNS_AT_ONCE, READ_AT_ONCE // max(1, rows)))
    longest = max(LEAST_CELL, min(LONGEST_CELL, COLUMN_BYTES // max(1, rows)))
    for start in range(0, len(columns), width):
        block = columns[start : start + width]
        parts = [_Parts(longest, column.kind == "text") for column in block]
        done = 0
        for i in range(file.num_row_groups):
            group = file.read_row_group(i, columns=[column.name for column in block], use_threads=False)
            for part, column in zip(parts, block, strict=True):
                for chunk in group.column(column.name).chunks:
                    part.add(chunk)
            done += len(group)
        for part, column in zip(parts, block, strict=True):
            found = part.facts(column)
            part.clear()
            pa.default_memory_pool().release_unused()
            yield found


class _Parts:
    """A column on its way from the file: its cells trimmed, blanks made null, long ones cut."""

    def __init__(self, longest: int, measure: bool) -> None:
        self.longest = longest
        self.measure = measure
        self.clear()

    def clear(self) -> None:
        self.chunks: list[pa.Array] = []
        self.lengths: list[NDArray[np.int64]] = []
        self.padded: list[NDArray[np.int64]] = []
        self.seen = 0

    def add(self, chunk: pa.Array) -> None:
        trimmed = pc.utf8_trim_whitespace(chunk)
        if _bytes(trimmed) != _bytes(chunk):
            padded = pc.fill_null(pc.not_equal(trimmed, chunk), False).to_numpy(zero_copy_only=False)
            self.padded.append(np.flatnonzero(padded) + self.seen)
            trimmed = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
        if self.measure:
            self.lengths.append(pc.fill_null(pc.utf8_length(trimmed), 0).to_numpy().astype(np.int64))
        self.chunks.append(shortened(trimmed, self.longest))
        self.seen += len(chunk)

    def facts(self, column: Column) -> Facts:
        # Of several chunks too, with one dictionary for all of them.
        coded = pa.chunked_array(self.chunks, pa.string()).dictionary_encode()
        indices = pa.chunked_array([chunk.indices for chunk in coded.chunks], pa.int32())
        return Facts(
            column,
            coded.chunks[-1].dictionary,
            pc.fill_null(indices, -1).to_numpy(),
            np.concatenate(self.padded) if self.padded else np.empty(0, np.int64),
            np.concatenate(self.lengths) if self.measure else None,
        )


def _bytes(chunk: pa.Array) -> int:
    return pc.sum(pc.binary_length(chunk)).as_py() or 0
