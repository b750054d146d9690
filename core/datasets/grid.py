"""The rows of a sheet into the spool: which of them name the columns, which stand before the table or below it.

Told as for text (core.datasets.text.tables); a sheet also says which cells are merged.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.datasets.calamine import Range, Row, Sheet
from core.datasets.flat import put
from core.datasets.numbers import CURRENCIES, UNITS
from core.datasets.raw import Spool, leading, unique_names
from core.datasets.text.records import Record
from core.datasets.text.shapes import TYPED, Fits, kind_of
from core.datasets.text.tables import (
    MOST_HEADER_ROWS,
    NOTES,
    alone,
    header_rows,
    is_note,
    is_nothing,
    is_odd,
    joined_names,
    opening,
)
from core.errors import FileRefused
from core.results import Dialect
from core.words import so_many

LOOKED_AT = 200  # rows
CELLS = 200_000  # written at once
FEW = 0.2  # share of rows
NOTE = "a note below the table"
THOUSANDS = ("k", "T", "M", "m", "Mio ", "Mio. ", "Mrd ", "Mrd. ", "bn ", "mn ")  # before a currency


@dataclass(frozen=True)
class Layout:
    """Rows before the table and rows of names, counted in rows that hold something."""

    preamble: int
    header: int


def put_sheet(sheet: Sheet, title: str, spool: Spool, *, least: int = 1) -> tuple[Dialect, tuple[str, ...]] | None:
    """Write a sheet's table; the dialect and the notices. None where the sheet holds no table.

    least: columns that it must have, and rows below its names.

    Raises FileRefused, TooLarge.
    """
    passed = spool.options.preamble_rows or 0
    filled = Filled(row for row in sheet.rows if row[0] > passed)
    first = list(itertools.islice(filled, LOOKED_AT))
    options = spool.options
    if len(first) < (1 if options.header_rows == 0 else 2):
        return None
    layout = _layout(first, sheet, spool)
    head = first[layout.preamble : layout.preamble + layout.header]
    body = first[layout.preamble + layout.header :]
    if least > 1 and (len(body) < least or _columns([*head, *body]) < least):
        return None
    notices = _about_preamble(first[: layout.preamble])
    if layout.header:
        names, renamed = unique_names(_names(head, body, sheet))
        notices += renamed
        if layout.header > 1:
            notices.append(f"{layout.header} rows name the columns; their names were joined")
        before = max(passed, head[0][0] - 1)
    else:
        names = [f"col_{i + 1}" for i in range(sheet.width)]
        if options.header_rows is None:
            notices.append("the first row looks like data, so the columns are called col_1, col_2, …")
        before = passed
    spool.start(names)
    size = max(1, CELLS // sheet.width)
    rows = _without_notes(itertools.chain(body, filled), [_cells(row) for row in body], sheet.width, spool)
    while chunk := list(itertools.islice(rows, size)):
        columns = [pa.array(column, pa.string()) for column in zip(*(cells for _, cells in chunk), strict=True)]
        put(spool, names, columns, np.asarray([number for number, _ in chunk], np.int64))
    if spool.rejects:
        notices.append(f"{so_many(len(spool.rejects), 'row', 'is a note', 'are notes')} below the table, set aside")
    if filled.empty:
        notices.append(f"{so_many(filled.empty, 'row', 'holds', 'hold')} nothing, between others, left out")
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


def _cells(row: Row) -> list[str]:
    return [cell or "" for cell in row[1]]


def _record(row: Row) -> Record:
    cells = _cells(row)
    return Record(row[0], 1, cells, " ".join(filter(None, cells)))


def _columns(rows: Sequence[Row]) -> int:
    """How many columns hold something."""
    return sum(any(cells) for cells in zip(*(cells for _, cells in rows), strict=True))


def _layout(first: Sequence[Row], sheet: Sheet, spool: Spool) -> Layout:
    options, name = spool.options, spool.name
    preamble, header = 0, options.header_rows
    if options.preamble_rows is None:
        preamble, seen = opening([_record(row) for row in first], sheet.width)
        if seen is not None:
            groups = _groups_above(first[:preamble], sheet)
            preamble, seen = preamble - groups, seen + groups
        elif preamble == 0:  # a number in a title, a year say, may look like a row's
            preamble = leading(first, sheet.width)
        header = seen if header is None else header
    if len(first) - preamble < 2:
        preamble = 0
    rest = first[preamble:]
    if header is None:
        header = 2 if _merged_names(rest, sheet) else header_rows([_cells(row) for row in rest], sheet.width)
    if len(rest) < header:
        raise FileRefused(
            f"the sheet has only {len(rest)} rows, and {header} were to name the columns",
            where=name,
            fix="take a smaller number of header rows under “How the file is read”",
        )
    if options.header_rows is None and header and _holds_units(rest[header : header + 1], rest[header + 1 :]):
        header += 1
    return Layout(preamble, header)


def _groups_above(rows: Sequence[Row], sheet: Sheet) -> int:
    """How many of the last rows name groups of columns by cells that are merged over these."""
    found = 0
    for row in reversed(rows[1 - MOST_HEADER_ROWS :]):
        named = [i for i, cell in enumerate(row[1]) if cell]
        if not _spread(row, sheet) or len(named) < 2 or (len(named) == 2 and named[0] == 0):  # a title, and a date
            break
        found += 1
    return found


def _merged_names(rows: Sequence[Row], sheet: Sheet) -> bool:
    """Whether the first row has a cell merged over columns that the second row names."""
    if len(rows) < 3 or not _spread(rows[0], sheet):
        return False
    below = [cell for cell in rows[1][1] if cell]
    return len(set(below)) > 1 and not any(kind_of(cell) in TYPED for cell in below)


def _unit(cell: str | None) -> str:
    """A unit as it is written behind a name, in brackets; empty where the cell holds none."""
    text = (cell or "").strip()
    bare = text[1:-1].strip() if text[:1] + text[-1:] in ("()", "[]") else text
    amount = any(bare.removeprefix(prefix) in CURRENCIES for prefix in THOUSANDS if bare.startswith(prefix))
    if amount or all(part in UNITS or part in CURRENCIES for part in bare.split("/")) or bare in UNITS:
        return f"[{bare}]" if text.startswith("[") else f"({bare})"
    return ""


def _holds_units(rows: Sequence[Row], below: Sequence[Row]) -> bool:
    """Whether a row, if there is one, holds but units, and these stand above numbers."""
    units = [i for _, cells in rows for i, cell in enumerate(cells) if cell and (_unit(cell) or not is_nothing(cell))]
    return bool(units) and all(_unit(rows[0][1][i]) and _numeric(below, i) for i in units)


def _numeric(rows: Sequence[Row], column: int) -> bool:
    cells = [cell for _, cells in rows if (cell := cells[column]) and not is_nothing(cell)]
    return sum(kind_of(cell) == "number" for cell in cells) > 0.8 * len(cells)


def _without_notes(rows: Iterable[Row], first: Sequence[list[str]], width: int, spool: Spool) -> Iterator[Row]:
    """The rows; notes below the last one are set aside. first: cells of the first rows, by which the others are judged."""
    kept = list(first)
    while len(kept) > 1 and alone(kept[-1]):  # what may be a note tells nothing of the rows
        kept.pop()
    fits = Fits(kept, width)
    if sum(map(alone, kept)) > FEW * len(kept):
        yield from rows
        return
    waiting: list[tuple[Row, bool]] = []  # and whether an empty row stands before it
    last = 0
    for row in rows:
        note = not any(row[1][2:]) and is_note(_record(row), width)
        if note:
            waiting.append((row, 0 < last < row[0] - 1))
        if not note or len(waiting) == NOTES:
            yield from (held for held, _ in waiting)
            waiting = []
            if not note:
                yield row
        last = row[0]
    noted = False
    for row, apart in waiting:
        record = _record(row)
        noted = noted or apart or is_odd(record, fits)
        if noted:
            spool.reject(row[0], record.text, NOTE)
        else:
            yield row


def _spread(row: Row, sheet: Sheet) -> list[Range]:
    """The merged cells of a row that reach over several columns."""
    return [area for area in sheet.merged if area[0][0] <= row[0] - 1 <= area[1][0] and area[0][1] < area[1][1]]


def _names(head: Sequence[Row], body: Sequence[Row], sheet: Sheet) -> list[str]:
    """One name a column: the words above it, joined by a blank; a merged cell's word counts for all its columns."""
    head = list(head)
    units = [""] * sheet.width
    if len(head) > 1 and _holds_units(head[-1:], body):
        units = [_unit(cell) for cell in head.pop()[1]]
    if len(head) > 1 and not any(_spread(row, sheet) for row in head):
        names = joined_names([_cells(row) for row in head], sheet.width)
    else:
        names = _joined(head, sheet)
    return [" ".join(filter(None, (name.strip(), unit))) for name, unit in zip(names, units, strict=True)]


def _joined(head: Sequence[Row], sheet: Sheet) -> list[str]:
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
    return [f"{so_many(len(rows), 'row', 'stands', 'stand')} before the table, left out: {texts}"]
