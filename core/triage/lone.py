"""Whether one value of a row is strange by itself, so that a filter on its column would find the row: among the values that healthy
rows have there. Needs numpy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.datasets.written import missing, written
from core.results import Column, Histogram
from core.triage.known import Known, Unread, finite

SURE = 0.05  # chance, over all columns together, that a healthy row's value is called strange
BEYOND = 0.1  # of the healthy values' range, by how much a value lies outside it to be strange by itself
NO_KIND = 0.05  # of healthy rows, up to how many text that is not of its column's kind is strange by itself
DRAWN, BARS, LEVELS = 3, 24, 6  # columns of which a histogram is made, its bars of numbers, its bars of values
ENDS = (
    0.005,
    0.995,
)  # of the healthy rows' numbers, what bars reach to where the rest lies farther out than these are apart
FARTHEST = 1e300  # of what is told of numbers: sums and differences of larger ones are infinite
LONGEST = 60  # characters of a bar's name
EMPTY, VALUE, UNREAD = "(empty)", "a value", "text that can't be read"
READ_AS = {"number": "a number", "datetime": "a date", "boolean": "yes or no"}


@dataclass(frozen=True)
class Lone:
    """A value that is strange by itself among healthy rows. chance: share of these that are at least as far out.

    histogram: how the healthy rows' values are spread, of the first `DRAWN` only; `other` counts healthy rows outside of its bars.
    at: where this row's value stands there, of numbers the number, else the place of its bar.
    """

    column: str
    value: str
    how: str  # in words
    chance: float
    kind: str = "category"
    histogram: Histogram | None = None
    at: float = 0.0


def lone(known: Known, row: int, healthy: NDArray[np.bool_], unread: Mapping[str, Unread] | None = None) -> list[Lone]:
    """Values that are strange by themselves, the strangest first: so far out that by chance a healthy row would have one in any
    of its columns in `SURE` of cases, or well beyond all that healthy rows have; text that can't be read where few have any. unread: by column, the row's cells that hold
    text which can't be read."""
    unread, rows = unread or {}, int(healthy.sum())
    if rows == 0:
        return []
    found: list[tuple[float, int, str]] = []
    columns = known.table.columns
    for i, column in enumerate(columns):
        value = known.table.values[column.name][row]
        if column.name in unread:
            chance, how, beyond = _unreadable(int(unread[column.name].rows[healthy].sum()), rows, column)
        elif column.kind not in ("number", "datetime"):
            chance, how, beyond = _rare(known, row, column, healthy, rows)
        elif missing(value):
            chance, how, beyond = _without(int(np.isnan(known.table.values[column.name][healthy]).sum()), rows)
        else:
            chance, how, beyond = _far_out(float(value), known.table.values[column.name][healthy], column)
        if beyond or chance * len(columns) <= SURE:
            found.append((chance, i, how))
    out = []
    for place, (chance, i, how) in enumerate(sorted(found, key=lambda each: each[0])):
        column, name = columns[i], columns[i].name
        mine = unread.get(name)
        said = mine.text if mine is not None else written(known.table.values[name][row], column)
        bars, at = _histogram(known, row, column, healthy, mine) if place < DRAWN else (None, 0.0)
        out.append(Lone(name, said, how, chance, column.kind, bars, at))
    return out


def taken_as_empty(kind: str) -> str:
    """What becomes of text in a column of this kind."""
    return f"can't be read as {READ_AS[kind]}, so taken as empty"


def _unreadable(same: int, rows: int, column: Column) -> tuple[float, str, bool]:
    others = f"{_share(same / rows)} of healthy rows have such a cell" if same else "no healthy row has such a cell"
    return (same + 1) / (rows + 1), f"{taken_as_empty(column.kind)}; {others}", same <= NO_KIND * rows


def _without(same: int, rows: int) -> tuple[float, str, bool]:
    how = f"{_share(same / rows)} of healthy rows have no value" if same else "every healthy row has a value"
    return (same + 1) / (rows + 1), how, False


def _far_out(value: float, others: NDArray[np.float64], column: Column) -> tuple[float, str, bool]:
    some = finite(others)
    if len(some) == 0:
        return 1.0, "", False
    below, above = int((some <= value).sum()), int((some >= value).sum())
    chance = min(1.0, 2 * (min(below, above) + 1) / (len(others) + 1))
    low, high = float(some.min()), float(some.max())
    room = BEYOND * (high - low)
    if above <= below:
        end = f"the highest of healthy rows is {written(high, column)}"
        how = end if value > high else f"{_share(above / len(others))} of healthy rows have as much"
        return chance, how, value > high + room
    end = f"the lowest of healthy rows is {written(low, column)}"
    how = end if value < low else f"{_share(below / len(others))} of healthy rows have as little"
    return chance, how, value < low - room


def _rare(known: Known, row: int, column: Column, healthy: NDArray[np.bool_], rows: int) -> tuple[float, str, bool]:
    """Of what has no order: how many rows have this value or one that is as rare; a value that no row has is as likely as values are
    that one row has (Good 1953)."""
    values, which = known.coded[column.name]
    counts = np.bincount(which[healthy], minlength=len(values))
    same = int(counts[which[row]])
    chance = (int(counts[counts <= max(same, 1)].sum()) + 1) / (rows + 1)
    if values[which[row]] is None:
        return chance, _without(same, rows)[1], False
    how = f"{_share(same / rows)} of healthy rows have this value" if same else "no healthy row has this value"
    return chance, how, False


def _histogram(
    known: Known, row: int, column: Column, healthy: NDArray[np.bool_], unread: Unread | None
) -> tuple[Histogram, float]:
    """How healthy rows' values are spread, and where this row's stands."""
    values = known.table.values[column.name]
    if unread is not None:
        empty = np.isnan(values[healthy])
        text = int(unread.rows[healthy].sum())
        counts = (int((~empty).sum()), int(empty.sum()) - text, text)
        return Histogram(counts, labels=(READ_AS[column.kind], EMPTY, UNREAD)), 2.0
    if column.kind not in ("number", "datetime"):
        return _of_levels(known, row, column, healthy)
    if missing(values[row]):
        empty = np.isnan(values[healthy])
        return Histogram((int((~empty).sum()), int(empty.sum())), labels=(VALUE, EMPTY)), 1.0
    some = np.clip(finite(values[healthy]), -FARTHEST, FARTHEST)
    edges = _edges(some)
    counts_of, _ = np.histogram(some, edges)
    inside = tuple(map(int, counts_of))
    at = float(np.clip(values[row], -FARTHEST, FARTHEST))
    return Histogram(inside, tuple(edges.tolist()), other=len(some) - sum(inside)), at


def _edges(some: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of bars from the lowest to the highest, but for an end that lies so far out that it would flatten the rest."""
    low, high = float(some.min()), float(some.max())
    first, last = (float(each) for each in np.quantile(some, ENDS))
    if last > first:
        low = first if first - low > last - first else low
        high = last if high - last > last - first else high
    if high - low <= 1e-12 * max(abs(low), abs(high)):  # all alike: one bar around them
        room = 0.05 * abs(low) or 0.5
        return np.asarray([low - room, high + room])
    return np.linspace(low, high, BARS + 1)


def _of_levels(known: Known, row: int, column: Column, healthy: NDArray[np.bool_]) -> tuple[Histogram, float]:
    """The most frequent values of healthy rows, and this row's own behind them where it is none of these."""
    values, which = known.coded[column.name]
    counts = np.bincount(which[healthy], minlength=len(values))
    mine = int(which[row])
    shown = [int(i) for i in np.argsort(-counts, kind="stable")[:LEVELS] if counts[i] > 0]
    if mine not in shown:
        shown = [*shown[: LEVELS - 1], mine]
    labels = tuple((written(values[i], column) or EMPTY)[:LONGEST] for i in shown)
    told = tuple(int(counts[i]) for i in shown)
    return Histogram(told, labels=labels, other=int(counts.sum()) - sum(told)), float(shown.index(mine))


def _share(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 or share == 0 else "less than 0.1%"
