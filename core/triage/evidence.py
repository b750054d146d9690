"""What speaks for a row being strange: its cells beside those of the healthy rows most like it, whether one value alone gives it
away, and what would have to be otherwise for it to be healthy. Needs numpy only; the model is asked through a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.scaling import squash
from core.datasets.written import missing, written
from core.results import NUMERIC, Column, Table
from core.triage.alike import nearest
from core.triage.counterfactual import Counterfactual, Scorer, counterfactual
from core.triage.known import Known, Plan, Unread, changed, finite, middle
from core.triage.lone import Lone, lone

NEAR, LIKE = 3, 20  # healthy rows that are shown, and that say what is usual for rows like this
AMONG = 1_000  # healthy rows that those which are like this one in all other columns are looked for among
WEIGHED = 200  # columns, those with the largest shares, of which it is asked what the score would be with a usual value
MIDDLE = (0.1, 0.9)  # of the values of like rows, what is called usual


@dataclass(frozen=True)
class Cell:
    """One column of the row. share: its part of the score; usual: in healthy rows like it; drop: the part of the score that would go if this cell alone were usual, below 0 where it would rise; instead: the usual value with
    which most of it would go, and falls: how much; unread: the kind as which its text can't be read, empty where it can."""

    column: str
    actual: str
    expected: str
    usual: str
    share: float
    drop: float = 0.0
    instead: str = ""
    falls: float = 0.0
    unread: str = ""


@dataclass(frozen=True)
class Near:
    """A healthy row next to it in the codes. differs: whether its cell is clearly another one, by column."""

    row: int
    cells: tuple[str, ...]
    differs: tuple[bool, ...]


@dataclass(frozen=True)
class Evidence:
    """All that is said of a row. tried: how many changed rows were scored."""

    row: int
    cells: tuple[Cell, ...]  # the largest drop first
    lone: tuple[Lone, ...]
    near: tuple[Near, ...]
    near_columns: tuple[str, ...]
    counterfactual: Counterfactual | None
    tried: int


def evidence(
    known: Known,
    row: int,
    healthy: NDArray[np.bool_],
    shares: NDArray[np.float64],
    expected: Sequence[str],
    expected_values: Sequence[object],
    scores: Scorer,
    threshold: float,
    unread: Mapping[str, Unread] | None = None,
) -> Evidence:
    """What speaks for a row.

    healthy: (N,), the rows to compare with, this one not among them. shares: (C,), each column's part of the score, in the
    order of the table's columns; expected: what the network expects there, in words and as values. scores: of changed rows. unread: by
    column, the row's cells that hold text which can't be read; there they count as empty.
    """
    unread = unread or {}
    own = {name: each.text for name, each in unread.items()}
    healthy = healthy.copy()
    healthy[row] = False
    like = nearest(known.codes, row, np.flatnonzero(healthy), LIKE)
    otherwise = usual_otherwise(known, row, healthy)
    lost, best, asked = drops(
        known.table, row, np.argsort(-shares, kind="stable")[:WEIGHED], [otherwise, expected_values], scores
    )
    order = np.lexsort((-shares, -lost))
    columns = known.table.columns
    total = float(shares.sum())
    cells = tuple(
        Cell(
            columns[i].name,
            own.get(columns[i].name) or written(known.table.values[columns[i].name][row], columns[i]),
            expected[i],
            usual(known.table.values[columns[i].name][like], columns[i]),
            float(shares[i]) / total if total > 0 else 0.0,
            float(lost[i]),
            written(best[i][0], columns[i]) if i in best else "",
            best[i][1] if i in best else 0.0,
            columns[i].kind if columns[i].name in own else "",
        )
        for i in map(int, order)
    )
    found, tried = counterfactual(
        known, row, like, [int(i) for i in order], expected_values, healthy, scores, threshold, own
    )
    near = tuple(_near(known, row, int(other), order) for other in like[:NEAR])
    names = tuple(columns[i].name for i in order)
    return Evidence(row, cells, tuple(lone(known, row, healthy, unread)), near, names, found, asked + tried)


def usual_otherwise(known: Known, row: int, healthy: NDArray[np.bool_]) -> list[object]:
    """Of each column, what is usual there among the healthy rows that are most like this one in all *other* columns: the middle
    of their numbers, their most frequent value; None where they have none.

    A wrong cell moves a row's code, so that the rows with the nearest codes are like what is wrong with it too.
    """
    rows = np.flatnonzero(healthy)
    rows = rows[:: max(1, -(-len(rows) // AMONG))]
    columns = known.table.columns
    if len(rows) == 0:
        return [None] * len(columns)
    apart = np.stack([_apart(known, row, rows, column) for column in columns], axis=1)  # (R, C)
    others = apart.sum(axis=1, keepdims=True) - apart  # without the column itself
    like = min(LIKE, len(rows))
    nearest_ones = rows[np.argpartition(others, like - 1, axis=0)[:like]]  # (LIKE, C)
    return [middle(known.table.values[column.name][nearest_ones[:, i]], column) for i, column in enumerate(columns)]


def _apart(known: Known, row: int, rows: NDArray[np.int64], column: Column) -> NDArray[np.float64]:
    """How far rows lie from one in a column, squared, (R,): in logarithms of the column's spread, as the network sees numbers,
    so that one wild value does not outweigh all others; 1 where they are simply not the same."""
    values = known.table.values[column.name]
    if column.kind not in NUMERIC:
        return np.asarray(values[rows] != values[row], np.float64)
    scale = known.spreads[column.name] or 1.0
    both = squash(np.append(values[rows], values[row]), known.centres[column.name], scale)
    found: NDArray[np.float64] = np.square(both[:-1] - both[-1])
    found[np.isnan(both[:-1]) != np.isnan(both[-1])] = 1.0
    found[np.isnan(found)] = 0.0  # missing in both
    return found


def drops(
    table: Table, row: int, columns: NDArray[np.int64], usual: Sequence[Sequence[object]], scores: Scorer
) -> tuple[NDArray[np.float64], dict[int, tuple[object, float]], int]:
    """The part of a row's score that would go if one cell were usual, (C,), 0 of columns that are not asked for; of each column
    that is, the value with which most of it goes, and how much; how many changed rows were scored. usual: what that may be, each of
    all columns; the mean counts.

    A column's share says how far the row lies from others there. A wrong cell also moves what is expected of the right ones,
    which then have a share too; what mends the row is told by mending it.
    """
    plans: list[Plan] = [
        ((int(i), values[i]),)
        for i in columns
        for values in usual
        if not missing(values[i]) and values[i] != table.values[table.columns[i].name][row]
    ]
    out, best = np.zeros(len(table.columns)), dict[int, tuple[object, float]]()
    if not plans:
        return out, best, 0
    found = scores(changed(table, row, [(), *plans]))
    at = np.asarray([i for ((i, _),) in plans])
    if found[0] > 0:
        gone = 1 - found[1:] / found[0]
        np.add.at(out, at, gone / len(usual))
        for ((i, value),), part in zip(plans, gone.tolist(), strict=True):
            if i not in best or part > best[i][1]:
                best[i] = (value, part)
    return out, best, len(plans)


def _near(known: Known, row: int, other: int, order: NDArray[np.int64]) -> Near:
    cells, differs = [], []
    for i in order:
        column = known.table.columns[i]
        mine, theirs = (known.table.values[column.name][each] for each in (row, other))
        cells.append(written(theirs, column))
        if column.kind in ("number", "datetime") and not missing(mine) and not missing(theirs):
            differs.append(bool(abs(float(mine) - float(theirs)) > known.spreads[column.name]))
        else:
            differs.append(_word(mine) != _word(theirs))
    return Near(other, tuple(cells), tuple(differs))


def usual(values: NDArray[np.generic], column: Column) -> str:
    """What some rows have in a column: the middle of their numbers, or their most frequent value with its share."""
    if column.kind in ("number", "datetime"):
        some = finite(values)
        if len(some) == 0:
            return ""
        low, high = (written(each, column) for each in np.quantile(some, MIDDLE, method="nearest"))
        return low if low == high else f"{low} to {high}"
    words = [written(each, column) for each in values.tolist()]
    if not words:
        return ""
    most = max(sorted(set(words)), key=words.count)
    return f"{most or 'nothing'} ({words.count(most) / len(words):.0%})"


def _word(value: object) -> str:
    return "" if missing(value) else f"={value}"
