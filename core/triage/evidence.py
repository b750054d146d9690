"""What speaks for a row being strange: its cells beside those of the healthy rows most like it, whether one value alone gives it
away, and what would have to be otherwise for it to be healthy. Needs numpy only; the model is asked through a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.scaling import squash
from core.datasets.written import missing, written
from core.results import Column, Table
from core.triage.alike import nearest

NEAR, LIKE = 3, 20  # healthy rows that are shown, and that say what is usual for rows like this
AMONG = 1_000  # healthy rows that those which are like this one in all other columns are looked for among
WEIGHED = 200  # columns, those with the largest shares, of which it is asked what the score would be with a usual value
MOST_CHANGED, LOOKED_AT = 3, 8  # columns that are changed at once, and that are tried
SURE = 0.05  # chance, over all columns together, that a healthy row's value is called strange
BEYOND = 0.1  # of the healthy values' range, by how much a value lies outside it to be strange by itself
MIDDLE = (0.1, 0.9)  # of the values of like rows, what is called usual
NUMERIC = ("number", "boolean", "datetime")

Scorer = Callable[[Table], NDArray[np.float64]]


@dataclass(frozen=True)
class Lone:
    """A value that is strange by itself among healthy rows. chance: share of these that are at least as far out."""

    column: str
    value: str
    how: str  # in words
    chance: float


@dataclass(frozen=True)
class Cell:
    """One column of the row. share: its part of the score; usual: in healthy rows like it; drop: the part of the score that would go if this cell alone were usual, below 0 where it would rise; instead: the usual value with
    which most of it would go, and falls: how much."""

    column: str
    actual: str
    expected: str
    usual: str
    share: float
    drop: float = 0.0
    instead: str = ""
    falls: float = 0.0


@dataclass(frozen=True)
class Near:
    """A healthy row next to it in the codes. differs: whether its cell is clearly another one, by column."""

    row: int
    cells: tuple[str, ...]
    differs: tuple[bool, ...]


@dataclass(frozen=True)
class Change:
    """A cell, and what it would have to be."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Counterfactual:
    """The fewest changes that were found to take the row below the threshold; its score with them."""

    changes: tuple[Change, ...]
    score: float


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


@dataclass(frozen=True)
class Known:
    """All rows of a run's dataset, kept at hand. codes: (N, L); values: as `core.results.Table` has them."""

    table: Table
    codes: NDArray[np.float32]

    def some(self, rows: Sequence[int]) -> Table:
        """Some of the rows."""
        values = {name: cells[list(rows)] for name, cells in self.table.values.items()}
        return Table(self.table.columns, values, self.table.row_keys[list(rows)])

    @cached_property
    def spreads(self) -> dict[str, float]:
        """How far apart a column's numbers usually are: the distance of the quartiles, of most alike ones the deviation."""
        found = {}
        for column in self.table.columns:
            if column.kind in NUMERIC:
                values = finite(self.table.values[column.name])
                low, high = np.quantile(values, [0.25, 0.75]) if len(values) else (0.0, 0.0)
                found[column.name] = float(high - low) or (float(values.std()) if len(values) else 0.0)
        return found

    @cached_property
    def centres(self) -> dict[str, float]:
        """The median of a column's numbers, 0 where it has none."""
        return {name: float(ranked[len(ranked) // 2]) if len(ranked) else 0.0 for name, ranked in self.ranked.items()}

    @cached_property
    def ranked(self) -> dict[str, NDArray[np.float64]]:
        """A column's numbers in order."""
        return {
            column.name: np.sort(finite(self.table.values[column.name]))
            for column in self.table.columns
            if column.kind in NUMERIC
        }


def evidence(
    known: Known,
    row: int,
    healthy: NDArray[np.bool_],
    shares: NDArray[np.float64],
    expected: Sequence[str],
    expected_values: Sequence[object],
    scores: Scorer,
    threshold: float,
) -> Evidence:
    """What speaks for a row.

    healthy: (N,), the rows to compare with, this one not among them. shares: (C,), each column's part of the score, in the
    order of the table's columns; expected: what the network expects there, in words and as values. scores: of changed rows.
    """
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
            written(known.table.values[columns[i].name][row], columns[i]),
            expected[i],
            usual(known.table.values[columns[i].name][like], columns[i]),
            float(shares[i]) / total if total > 0 else 0.0,
            float(lost[i]),
            written(best[i][0], columns[i]) if i in best else "",
            best[i][1] if i in best else 0.0,
        )
        for i in map(int, order)
    )
    found, tried = counterfactual(
        known, row, like, [int(i) for i in order[:LOOKED_AT]], expected_values, healthy, scores, threshold
    )
    near = tuple(_near(known, row, int(other), order) for other in like[:NEAR])
    names = tuple(columns[i].name for i in order)
    return Evidence(row, cells, tuple(lone(known, row, healthy)), near, names, found, asked + tried)


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
    return [_middle(known.table.values[column.name][nearest_ones[:, i]], column) for i, column in enumerate(columns)]


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


def _middle(values: NDArray[np.generic], column: Column) -> object:
    if column.kind in NUMERIC:
        seen = np.sort(finite(values))
        return float(seen[len(seen) // 2]) if len(seen) else None
    there = [value for value in values.tolist() if value is not None]
    return max(sorted(set(there)), key=there.count) if there else None


def drops(
    table: Table, row: int, columns: NDArray[np.int64], usual: Sequence[Sequence[object]], scores: Scorer
) -> tuple[NDArray[np.float64], dict[int, tuple[object, float]], int]:
    """The part of a row's score that would go if one cell were usual, (C,), 0 of columns that are not asked for; of each column
    that is, the value with which most of it goes, and how much; how many changed rows were scored. usual: what that may be, each of
    all columns; the mean counts.

    A column's share says how far the row lies from others there. A wrong cell also moves what is expected of the right ones,
    which then have a share too; what mends the row is told by mending it.
    """
    plans = [
        ((int(i), values[i]),)
        for i in columns
        for values in usual
        if not missing(values[i]) and values[i] != table.values[table.columns[i].name][row]
    ]
    out, best = np.zeros(len(table.columns)), dict[int, tuple[object, float]]()
    if not plans:
        return out, best, 0
    found = scores(_changed(table, row, [(), *plans]))
    at = np.asarray([i for ((i, _),) in plans])
    if found[0] > 0:
        gone = 1 - found[1:] / found[0]
        np.add.at(out, at, gone / len(usual))
        for ((i, value),), part in zip(plans, gone.tolist(), strict=True):
            if i not in best or part > best[i][1]:
                best[i] = (value, part)
    return out, best, len(plans)


def lone(known: Known, row: int, healthy: NDArray[np.bool_]) -> list[Lone]:
    """Values that are strange by themselves, the strangest first: so far out that by chance a healthy row would have one in any
    of its columns in `SURE` of cases, or well beyond all that healthy rows have."""
    found: list[tuple[float, Lone]] = []
    columns = known.table.columns
    for column in columns:
        values = known.table.values[column.name]
        value, others = values[row], values[healthy]
        if len(others) == 0:
            continue
        if column.kind in ("number", "datetime") and not missing(value):
            chance, how, beyond = _far_out(float(value), others, column)
        else:
            chance, how, beyond = _rare(value, others)
        if beyond or chance * len(columns) <= SURE:
            found.append((chance, Lone(column.name, written(value, column), how, chance)))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


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


def _rare(value: object, others: NDArray[np.generic]) -> tuple[float, str, bool]:
    """Of what has no order: how many rows have this value or one that is as rare."""
    words = np.asarray([_word(each) for each in others.tolist()], object)
    names, counts = np.unique(words.astype(str), return_counts=True)
    mine = counts[names == _word(value)]
    same = int(mine[0]) if len(mine) else 0
    chance = (int(counts[counts <= same].sum()) + 1) / (len(others) + 1)
    what = "no value" if missing(value) else "this value"
    how = f"{_share(same / len(others))} of healthy rows have {what}" if same else f"no healthy row has {what}"
    return chance, how, False


def _share(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 or share == 0 else "less than 0.1%"


def counterfactual(
    known: Known,
    row: int,
    like: NDArray[np.int64],
    columns: Sequence[int],
    expected: Sequence[object],
    healthy: NDArray[np.bool_],
    scores: Scorer,
    threshold: float,
) -> tuple[Counterfactual | None, int]:
    """The smallest change of up to three columns that takes a row below the threshold, and how many were tried.

    Values come from healthy rows: those of the nearest ones, the value nearest to what the network expects, the middle of
    those of like rows. Fewest columns first, then the smallest way in ranks; each is checked by scoring it.
    """
    donors = _donors(known, row, like, columns, expected, healthy)
    tried = 0
    for size in range(1, MOST_CHANGED + 1):
        plans: dict[tuple[tuple[int, object], ...], None] = {}
        for some in combinations(columns, size):
            for donor in donors:
                plan = tuple((i, donor[i]) for i in some if i in donor)
                if len(plan) == size:
                    plans[plan] = None
        if not plans:
            continue
        asked = list(plans)
        found = scores(_changed(known.table, row, asked))
        tried += len(asked)
        good = [i for i in range(len(asked)) if found[i] < threshold]
        if good:
            best = min(good, key=lambda i: (sum(_way(known, row, *change) for change in asked[i]), found[i]))
            return Counterfactual(
                tuple(_change(known.table, row, *each) for each in asked[best]), float(found[best])
            ), tried
    return None, tried


def _donors(
    known: Known,
    row: int,
    like: NDArray[np.int64],
    columns: Sequence[int],
    expected: Sequence[object],
    healthy: NDArray[np.bool_],
) -> list[dict[int, object]]:
    """Values by column, from several sources; none that the row has already, and none that is missing."""
    out: list[dict[int, object]] = [{} for _ in range(NEAR + 2)]
    for i in columns:
        column = known.table.columns[i]
        values = known.table.values[column.name]
        choices: list[object] = [*(values[other] for other in like[:NEAR]), _middle(values[like], column)]
        if column.kind in NUMERIC:
            known_values = finite(values[healthy])
            if len(known_values) and not missing(expected[i]):
                choices.append(float(known_values[np.abs(known_values - float(str(expected[i]))).argmin()]))
        elif expected[i] is not None and expected[i] in set(values[healthy].tolist()):
            choices.append(expected[i])
        for place, value in enumerate(choices):
            if not missing(value) and value != values[row]:
                out[place][i] = value
    return out


def _changed(table: Table, row: int, plans: Sequence[tuple[tuple[int, object], ...]]) -> Table:
    """The row once for each plan, changed."""
    values = {name: np.repeat(cells[row : row + 1], len(plans)) for name, cells in table.values.items()}
    for place, plan in enumerate(plans):
        for i, value in plan:
            values[table.columns[i].name][place] = value
    return Table(table.columns, values, np.asarray([str(i) for i in range(len(plans))]))


def _way(known: Known, row: int, i: int, value: object) -> float:
    """How far a cell is changed: of numbers the share of rows between, else 1."""
    column = known.table.columns[i]
    before = known.table.values[column.name][row]
    if column.kind not in NUMERIC or missing(before):
        return 1.0
    ranked = known.ranked[column.name]
    ends = np.searchsorted(ranked, [float(before), float(str(value))])
    return float(abs(ends[1] - ends[0]) / max(1, len(ranked)))


def _change(table: Table, row: int, i: int, value: object) -> Change:
    column = table.columns[i]
    return Change(column.name, written(table.values[column.name][row], column), written(value, column))


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


def finite(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """The numbers that are there and finite."""
    numbers: NDArray[np.float64] = values.astype(np.float64)
    return numbers[np.isfinite(numbers)]


def _word(value: object) -> str:
    return "" if missing(value) else f"={value}"
