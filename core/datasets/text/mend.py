"""A record of another width than the table's → the row that it was meant to be, where its cells leave no doubt.

Every way to read the record (strictly, with stray quotes passed over, under another delimiter) is laid along the
table's columns: cells may be joined, cut, left out where empty, or taken as missing, each at a price, and each cell
pays for how unlikely it is in its column. The cheapest row is taken when it is clearly cheaper than the next.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.datasets.text.records import Form, Quoted, Record, parse, unquoted
from core.datasets.text.shapes import TYPED, Fits, kind_of

WIDEST = 200  # columns; wider tables are not laid out cell by cell
MOST_A_ROW, MOST_IN_ALL = 10_000, 10_000_000  # steps (about a microsecond each) beyond which rows are set aside
READING = 300  # steps that a record costs before its cells are laid out
SURE = 1.2  # how much dearer (in nats) the second-best row must be
UNLIKELY = 3.0  # mean price of a cell above which a row is none of the table
NEARLY_ALL = 0.95  # share of a column's cells, from which on it holds numbers or moments
FITTING = -3.5  # log-likelihood of a cell that could well stand in its column

# Prices in nats: how rare each fault is.
DROPPED = 4.0  # an empty cell too many
JOINED, JOINED_MORE = 5.0, 1.5  # a delimiter that stood in a cell without quotes
AFTER_BLANK = 2.0  # a cell begins with a blank, as none of its column does: the delimiter before it is a sentence's
CUT = 5.0  # a delimiter that is missing between two cells
ABSENT = 8.0  # a cell that is missing between others
CUT_SHORT = 2.0  # the last cells are missing
TORN = 3.0  # a quoted cell that is no whole one, an empty one that is part of another, a cut inside a word or number
LENIENT, UNQUOTED, OTHER_DELIMITER = 2.0, 5.0, 4.0
PLACES = re.compile(
    r"(?<=[a-z])(?=[A-Z0-9$])|(?<=\d)(?=[^\d.,:/%-])|(?<=\D)(?=\d)|(?=https?://)|(?<=[.!?\"'])(?=\S)|\""
)


@dataclass(frozen=True)
class Mended:
    """A row, and what was done to get it."""

    cells: list[str]
    how: str


@dataclass
class Effort:
    """How many steps may still be spent on the records of a table."""

    left: int = MOST_IN_ALL


@dataclass(frozen=True)
class Row:
    """A row in the making: its price so far, its cells, and what was done."""

    price: float
    cells: tuple[str, ...]
    how: tuple[str, ...] = ()


def mend(record: Record, form: Form, fits: Fits, effort: Effort) -> Mended | None:
    """The row, or None where there is doubt, or where no effort is left.

    A record of the right width may come back as it is, with `how` empty.
    """
    width, found = fits.width, len(record.cells)
    whole = _with_quotes_inside(record, form) if record.doubtful and found < width else record.cells
    if found < width and found > 1 and (could_be(whole, fits) or _goes_on(whole, fits)):
        missing = width - found
        last = "the last cell is" if missing == 1 else f"the last {missing} cells are"
        quotes = "" if whole is record.cells else "a stray quote, "
        return Mended([*whole, *[""] * missing], f"{quotes}{last} missing")
    if found > width and not record.doubtful and not any(fits.spaced):
        told = sentences(record.cells, form.delimiter)
        if len(told) == width and could_be(told, fits):  # there may be many of these
            return Mended(told, "cells joined")
    if width > WIDEST or effort.left <= 0:
        return None
    effort.left -= READING
    rows: list[Row] = []
    alone = sum(bool(cell.strip()) for cell in record.cells) == 1
    for cells, price, how, joint in _readings(record, form, width):
        if alone and len(cells) < width:  # one text where a row has several cells: a note
            continue
        rows += [
            replace(row, price=row.price + price, how=(*how, *row.how)) for row in _laid(cells, joint, fits, effort)
        ]
    best: dict[tuple[str, ...], Row] = {}
    for row in sorted(rows, key=lambda row: row.price):
        best.setdefault(row.cells, row)
    ranked = list(best.values())
    if not ranked or (len(ranked) > 1 and ranked[1].price < ranked[0].price + SURE):
        return None
    filled = [(cell, i) for i, cell in enumerate(ranked[0].cells) if cell.strip()]
    if not filled or sum(-fits.log(cell, i) for cell, i in filled) > UNLIKELY * len(filled):
        return None
    if any(_spoils(cell, i, fits) for i, cell in enumerate(ranked[0].cells) if cell not in record.cells):
        return None
    return Mended(list(ranked[0].cells), ", ".join(dict.fromkeys(ranked[0].how)))


def _spoils(cell: str, column: int, fits: Fits) -> bool:
    """Whether a cell that was put together is none of the numbers or moments that the column holds."""
    kind, share = fits.main_kind(column)
    return kind in TYPED and share >= NEARLY_ALL and kind_of(cell) not in (*TYPED, "empty")


def sentences(cells: Sequence[str], mark: str) -> list[str]:
    """The cells, each that begins with a blank put to the one before."""
    out: list[str] = []
    for cell in cells:
        if out and cell[:1] == " ":
            out[-1] += mark + cell
        else:
            out.append(cell)
    return out


def _with_quotes_inside(record: Record, form: Form) -> list[str]:
    """The cells, quotes inside quoted cells taken as letters where that leaves the cells as many."""
    cells, _ = parse(record.text, 0, form, lenient=True)
    return cells if len(cells) == len(record.cells) else record.cells


def could_be(cells: list[str], fits: Fits) -> bool:
    """Whether each cell could well stand where it stands."""
    return all(fits.log(cell, i) > FITTING for i, cell in enumerate(cells)) and any(cell.strip() for cell in cells)


def _goes_on(cells: list[str], fits: Fits) -> bool:
    """Whether a record leaves its first cells empty, for they are those of the row above, and holds what fits below."""
    return not cells[0].strip() and could_be([cell or _usual(fits, i) for i, cell in enumerate(cells)], fits)


def _usual(fits: Fits, column: int) -> str:
    return max(fits.values[column], key=fits.values[column].__getitem__, default="")


def _readings(record: Record, form: Form, width: int) -> Iterator[tuple[list[str], float, tuple[str, ...], str]]:
    """Cells, price, what was done, and what stood between two cells."""
    joint = form.delimiter if form.mark.strip() else " "
    strict, _ = parse(record.text, 0, form)  # again, for it tells which cells were quoted
    seen = [strict]
    yield strict, 0.0, (), joint
    if form.quote and form.quote in record.text:
        lenient, _ = parse(record.text, 0, form, lenient=True)
        plain = unquoted(record, form)
        for cells, price in ((lenient, LENIENT), (plain, UNQUOTED)):
            if cells not in seen:
                seen.append(cells)
                yield cells, price, ("a stray quote",), joint
        if len(record.cells) < width or record.doubtful:
            for text in _with_delimiter(record.text, form):
                cells, end = parse(text, 0, form)
                if end >= len(text) and cells not in seen and len(cells) >= min(width, len(strict) + 1):
                    yield cells, CUT, ("a missing delimiter",), joint
    for other in (",", ";", "\t", "|", " "):
        if other != form.mark and other in record.text:
            cells, end = parse(record.text, 0, replace(form, delimiter=other))
            likely_other = len(cells) == width or len(record.cells) <= (width + 1) // 2
            if end >= len(record.text) and likely_other and len(cells) > len(record.cells):
                yield cells, OTHER_DELIMITER, ("another delimiter",), other


def _with_delimiter(text: str, form: Form) -> Iterator[str]:
    """The record with a delimiter put beside a quote that stands in the middle of a cell."""
    mark = re.escape(form.mark)
    inside = re.compile(f"(?<=[^{mark}\\s]){re.escape(form.quote)}(?=[^{mark}\\s])")
    for place in [match.start() for match in inside.finditer(text)][:8]:
        yield text[:place] + form.mark + text[place:]
        yield text[: place + 1] + form.mark + text[place + 1 :]


def _laid(cells: list[str], joint: str, fits: Fits, effort: Effort) -> list[Row]:
    """The cheapest rows that these cells can be laid out to, two at most for each way that they end.

    None where that takes more steps than a row may.
    """
    width, count = fits.width, len(cells)
    if count > 8 * width + 40:
        return []
    spaced = joint == " "
    longest = 12 if spaced else min(6, count - width + 2) if count > width else 2
    band = abs(count - width) + (longest if spaced else 3)
    steps = count * min(2 * band + 1, width + 1) * longest
    if steps > MOST_A_ROW:
        return []
    effort.left -= steps
    states: list[dict[int, list[Row]]] = [{} for _ in range(count + 1)]
    states[0][0] = [Row(0.0, ())]

    def go_on(rows: list[Row], i: int, j: int) -> None:
        for step_i, step_j, price, new, how in _steps(cells, i, j, joint, longest, fits):
            spare = (count - i - step_i) - (width - j - step_j)
            if abs(spare + width - count) <= band and j + step_j <= width and (spare >= 0 or count < width or spaced):
                there = states[i + step_i].setdefault(j + step_j, [])
                there += [Row(row.price + price, row.cells + new, row.how + how) for row in rows]

    for i in range(count + 1):
        for j in sorted(states[i]):
            rows = states[i][j] = _cheapest(states[i][j])
            go_on(rows, i, j)
            if i < count and j < width and width - j > count - i:  # a cell that is missing before the next
                price = ABSENT - fits.log("", j)
                go_on(
                    [Row(row.price + price, (*row.cells, ""), (*row.how, "a missing cell")) for row in rows], i, j + 1
                )
    ends: list[Row] = list(states[count].get(width, []))
    for j, rows in states[count].items():
        if j < width:
            ends += [
                Row(
                    row.price + CUT_SHORT + 0.3 * (width - j),
                    row.cells + ("",) * (width - j),
                    (*row.how, "the last cells are missing"),
                )
                for row in rows
            ]
    return _cheapest(ends)


Step = tuple[int, int, float, tuple[str, ...], tuple[str, ...]]


def _steps(cells: list[str], i: int, j: int, joint: str, longest: int, fits: Fits) -> Iterator[Step]:
    """What can be done with the cells from `i` on, at column `j`: cells and columns used, price, cells made, words."""
    if i >= len(cells):
        return
    cell = cells[i]
    spare = (len(cells) - i) - (fits.width - j)  # cells that are left over, if each of the others is one column
    if not cell.strip() and spare > 0:
        yield 1, 0, DROPPED, (), ("an empty cell too many",)
    if j >= fits.width:
        return
    begins = AFTER_BLANK if i and cell[:1] == " " and cell.strip() and joint != " " and not fits.spaced[j] else 0.0
    yield 1, 1, begins - fits.log(cell, j), (cell,), ()
    spaced = joint == " "
    for more in range(2, min(longest, len(cells) - i) + 1) if spare > 0 or spaced else ():
        joined = joint.join(cells[i : i + more])
        price = 0.5 * (more - 1) if spaced else JOINED + JOINED_MORE * (more - 2)
        if any(isinstance(part, Quoted) or not part.strip() for part in cells[i : i + more]):
            price += TORN
        yield more, 1, begins + price - fits.log(joined, j), (joined,), ("cells joined",)
    if j + 1 < fits.width and len(cell) > 1 and spare < 0:
        cuts = sorted(
            (torn - fits.log(left, j) - fits.log(right, j + 1), left, right) for left, right, torn in _cuts(cell)
        )[:2]
        for price, left, right in cuts:
            yield 1, 2, CUT + price, (left, right), ("a missing delimiter",)


def _cuts(cell: str) -> Iterator[tuple[str, str, float]]:
    """Places where one cell may be two, and what it costs to cut there."""
    places = (
        range(len(cell) + 1) if len(cell) <= 40 else [0, len(cell), *(m.start() for m in PLACES.finditer(cell))][:80]
    )
    for place in places:
        left, right = cell[:place], cell[place:]
        if right[:1] in ("'", '"'):
            quote = right[0]
            right = right[1:].removesuffix(quote)
        elif left[-1:] == '"':
            continue
        before, after = left[-1:], right[:1]
        inside = (before.isalpha() and after.isalpha() and after.islower()) or (before.isdigit() and after.isdigit())
        yield left, right, TORN if inside else 0.0


def _cheapest(rows: list[Row]) -> list[Row]:
    """The two cheapest of different cells."""
    out: list[Row] = []
    for row in sorted(rows, key=lambda row: row.price):
        if all(row.cells != kept.cells for kept in out):
            out.append(row)
            if len(out) == 2:
                break
    return out


def likely(cells: list[str], fits: Fits) -> float:
    """Mean log-likelihood of the filled cells of a row; minus infinity for a row without any."""
    filled = [fits.log(cell, i) for i, cell in enumerate(cells[: fits.width]) if kind_of(cell) != "empty"]
    return sum(filled) / len(filled) if filled else -math.inf
