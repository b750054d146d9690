"""The rows of a sheet into the spool: which of them name the columns, which stand before the table."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.datasets.calamine import Range, Row, Sheet
from core.datasets.flat import put
from core.datasets.raw import Spool, leading, unique_names
from core.errors import FileRefused
from core.results import Dialect

LOOKED_AT = 200  # rows
CELLS = 200_000  # written at once
NUMBER = re.compile(r"[-+]?\d[\d.,:/ -]*(e[-+]?\d+)?%?", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """Rows before the table and rows of names, counted in rows that hold something."""

    preamble: int
    header: int


def put_sheet(sheet: Sheet, title: str, spool: Spool) -> tuple[Dialect, tuple[str, ...]] | None:
    """Write a sheet's table; the dialect and the notices. None where the sheet holds no table.

    Raises FileRefused, TooLarge.
    """
    passed = spool.options.preamble_rows or 0
    filled = Filled(row for row in sheet.rows if row[0] > passed)
    first = list(itertools.islice(filled, LOOKED_AT))
    options = spool.options
    if len(first) < (1 if options.header_rows == 0 else 2):
        return None
    layout = _layout(first, sheet, spool)
    notices = _about_preamble(first[: layout.preamble])
    head = first[layout.preamble : layout.preamble + layout.header]
    body = first[layout.preamble + layout.header :]
    if layout.header:
        names, renamed = unique_names(_names(head, sheet))
        notices += renamed
        before = max(passed, head[0][0] - 1)
    else:
        names = [f"col_{i + 1}" for i in range(sheet.width)]
        if options.header_rows is None:
            notices.append("the first row looks like data, so the columns are called col_1, col_2, …")
        before = passed
    spool.start(names)
    size = max(1, CELLS // sheet.width)
    rows = itertools.chain(body, filled)
    while chunk := list(itertools.islice(rows, size)):
        columns = [pa.array(column, pa.string()) for column in zip(*(cells for _, cells in chunk), strict=True)]
        put(spool, names, columns, np.asarray([number for number, _ in chunk], np.int64))
    if filled.empty:
        notices.append(f"{filled.empty:,} row(s) between others hold nothing and were left out")
    dialect = Dialect("", "", "", "", header_rows=layout.header, preamble_rows=before, sheet=title)
    return dialect, tuple(notices)


class Filled:
    """The rows that hold something. `empty`: how many between them hold nothing."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.empty = 0
        self._rows = self._filled(rows)

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def _filled(self, rows: Iterable[Row]) -> Iterator[Row]:
        waiting, begun = 0, False
        for row in rows:
            if any(cell is not None for cell in row[1]):
                self.empty += waiting
                waiting, begun = 0, True
                yield row
            else:
                waiting += begun


def _layout(first: Sequence[Row], sheet: Sheet, spool: Spool) -> Layout:
    options, name = spool.options, spool.name
    preamble = leading(first, sheet.width) if options.preamble_rows is None else 0
    if len(first) - preamble < 2:
        preamble = 0
    rest = first[preamble:]
    header = options.header_rows if options.header_rows is not None else _header_rows(rest, sheet)
    if len(rest) < header:
        raise FileRefused(
            f"the sheet has only {len(rest)} rows, and {header} were to name the columns",
            where=name,
            fix="take a smaller number of header rows under “How the file is read”",
        )
    return Layout(preamble, header)


def _header_rows(rows: Sequence[Row], sheet: Sheet) -> int:
    """0 where the first row holds no word; 2 where it has a cell merged over columns that the second row names."""
    if not rows or not any(cell and not NUMBER.fullmatch(cell.strip()) for cell in rows[0][1]):
        return 0
    if len(rows) < 3 or not _spread(rows[0], sheet):
        return 1
    below = [cell for cell in rows[1][1] if cell]
    words = sum(1 for cell in below if not NUMBER.fullmatch(cell.strip()))
    return 2 if below and words == len(below) and len(set(below)) > 1 else 1


def _spread(row: Row, sheet: Sheet) -> list[Range]:
    """The merged cells of a row that reach over several columns."""
    return [area for area in sheet.merged if area[0][0] <= row[0] - 1 <= area[1][0] and area[0][1] < area[1][1]]


def _names(head: Sequence[Row], sheet: Sheet) -> list[str]:
    """One name a column: the words above it, joined by a blank; a merged cell's word counts for all its columns."""
    parts: list[list[str]] = [[] for _ in range(sheet.width)]
    for row in head:
        cells = list(row[1])
        if len(head) > 1:
            for (_, left), (_, right) in _spread(row, sheet):
                start, stop = max(0, left - sheet.column), min(sheet.width, right - sheet.column + 1)
                if start < stop:
                    cells[start:stop] = [cells[start]] * (stop - start)
        for part, cell in zip(parts, cells, strict=True):
            if cell and cell.strip() not in part:
                part.append(cell.strip())
    return [" ".join(part) for part in parts]


def _about_preamble(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    texts = ", ".join(f"“{next(filter(None, cells))[:60]}”" for _, cells in rows[:3])
    return [f"{len(rows):,} row(s) before the table were left out: {texts}"]
