"""The fewest cells, and the smallest way, by which a row would be healthy. Each answer is checked by scoring it. Needs numpy only; the
model is asked through a function, many changed rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.written import missing, written
from core.results import NUMERIC, Column, Table
from core.triage.known import Known, Plan, changed, finite, middle

MOST_CHANGED, LOOKED_AT = 3, 8  # columns that are changed at once, and those of which several are
DONORS = 3  # of the rows most like this one, those whose values are tried
ALONE = 32  # columns that are changed alone
GRID = 16  # values of a column that are tried one after the other, evenly spaced among the healthy rows' ranks
LEVELS = 24  # of a column without an order, the values that are tried: the most frequent
RANKED = 20_000  # healthy rows whose numbers are ranked, evenly spaced
CLOSER, WITH = 6, 3  # columns that are looked at more closely; first changes that a second one is looked for to

Scorer = Callable[[Table], NDArray[np.float64]]
Values = NDArray[Any]  # float64 in their order, else objects


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


@dataclass
class _Asked:
    """Changed rows that were scored, each once."""

    known: Known
    row: int
    scores: Scorer
    threshold: float
    found: dict[Plan, float] = field(default_factory=dict)

    def ask(self, plans: Iterable[Plan]) -> None:
        """Score them, those that were not yet."""
        new = [plan for plan in dict.fromkeys(plans) if plan not in self.found]
        if new:
            told = self.scores(changed(self.known.table, self.row, new)).tolist()
            self.found.update(zip(new, told, strict=True))

    def best(self) -> Plan | None:
        """Of what takes the row below the threshold the smallest way, of ways as small the lowest score."""
        good = [plan for plan, score in self.found.items() if score < self.threshold]
        return min(good, key=lambda plan: (self.way(plan), self.found[plan]), default=None)

    def way(self, plan: Plan) -> float:
        """How far the cells are changed."""
        return sum(_way(self.known, self.row, i, value) for i, value in plan)


def counterfactual(
    known: Known,
    row: int,
    like: NDArray[np.int64],
    columns: Sequence[int],
    expected: Sequence[object],
    healthy: NDArray[np.bool_],
    scores: Scorer,
    threshold: float,
    own: Mapping[str, str] | None = None,
) -> tuple[Counterfactual | None, int]:
    """The smallest change of up to three columns that takes a row below the threshold, and how many were tried.

    columns: where to look, the likeliest first. All values are such as healthy rows have. A column alone is looked through from
    its lowest to its highest value, and more closely around what comes nearest; two are looked for among the values of the
    nearest rows, the value nearest to what the network expects and the middle of like rows, and by looking for a second
    column to the best single changes; three among the former. own: by column, the text of cells that can't be read.
    """
    asked = _Asked(known, row, scores, threshold)
    ways = _values(known, row, columns[:ALONE], healthy)
    donors = _donors(known, row, like, columns[:LOOKED_AT], expected, healthy)
    asked.ask(
        [
            *(((i, donor[i]),) for i in columns[:LOOKED_AT] for donor in donors if i in donor),
            *(((i, value),) for i, values in ways.items() for value in _spaced(values)),
        ]
    )
    if asked.found:
        asked.ask(_closer(asked, ways))
    if asked.best() is None and asked.found:
        asked.ask(_donated(columns[:LOOKED_AT], donors, 2))
        asked.ask(_seconds(asked, ways, columns[:LOOKED_AT]))
    if asked.best() is None:
        asked.ask(_donated(columns[:LOOKED_AT], donors, MOST_CHANGED))
    plan = asked.best()
    if plan is None:
        return None, len(asked.found)
    changes = tuple(_change(known.table, row, *each, own or {}) for each in plan)
    return Counterfactual(changes, asked.found[plan]), len(asked.found)


def _values(known: Known, row: int, columns: Sequence[int], healthy: NDArray[np.bool_]) -> dict[int, Values]:
    """What healthy rows have in some columns: numbers in their order, else the most frequent values; not what the row has."""
    rows = np.flatnonzero(healthy)
    rows = rows[:: max(1, -(-len(rows) // RANKED))]
    out: dict[int, Values] = {}
    for i in columns:
        column = known.table.columns[i]
        mine = known.table.values[column.name][row]
        if column.kind in ("number", "datetime"):
            ranked = np.sort(finite(known.table.values[column.name][rows]))
            out[i] = ranked[ranked != mine]
            continue
        values, which = known.coded[column.name]
        counts = np.bincount(which[healthy], minlength=len(values))
        usual = [values[k] for k in np.argsort(-counts, kind="stable")[: LEVELS + 2] if counts[k] > 0]
        out[i] = np.asarray([each for each in usual if each is not None and each != mine][:LEVELS], object)
    return out


def _spaced(values: Values) -> list[object]:
    """Of numbers some, evenly spaced in their ranks from the lowest to the highest; of other values all."""
    if values.dtype.kind != "f" or len(values) == 0:
        return list(values)
    return list(dict.fromkeys(values[np.linspace(0, len(values) - 1, GRID).astype(int)].tolist()))


def _closer(asked: _Asked, ways: Mapping[int, Values]) -> list[Plan]:
    """Single changes beside the best ones: of a column where some value will do, those between it and the row's own; where none
    does, those on either side of the one with the lowest score."""
    best: list[tuple[tuple[bool, float], list[Plan]]] = []
    for i, values in ways.items():
        if values.dtype.kind != "f" or len(values) == 0:
            continue
        told = sorted((float(str(v)), score) for ((k, v), *more), score in asked.found.items() if k == i and not more)
        places = np.asarray([value for value, _ in told])
        found = np.asarray([score for _, score in told])
        good = np.flatnonzero(found < asked.threshold)
        mine = asked.known.table.values[asked.known.table.columns[i].name][asked.row]
        if len(good) and not missing(mine):
            nearest = int(good[np.abs(places[good] - float(mine)).argmin()])
            beside = nearest + (1 if float(mine) > places[nearest] else -1)
            limit = places[beside] if 0 <= beside < len(places) else float(mine)
            low, high = sorted((places[nearest], limit))
            rank = (False, asked.way(((i, float(places[nearest])),)))
        else:
            lowest = int(found.argmin())
            low, high = places[max(0, lowest - 1)], places[min(len(places) - 1, lowest + 1)]
            rank = (True, float(found[lowest]))
        between = values[np.searchsorted(values, low, "right") : np.searchsorted(values, high, "left")]
        if len(between):
            some = between[np.linspace(0, len(between) - 1, GRID).astype(int)].tolist()
            best.append((rank, [((i, value),) for value in some]))
    return [plan for _, plans in sorted(best, key=lambda each: each[0])[:CLOSER] for plan in plans]


def _donated(columns: Sequence[int], donors: Sequence[Mapping[int, object]], size: int) -> list[Plan]:
    """Changes of so many columns at once, all values of one source."""
    return [
        tuple((i, donor[i]) for i in some)
        for some in combinations(columns, size)
        for donor in donors
        if all(i in donor for i in some)
    ]


def _seconds(asked: _Asked, ways: Mapping[int, Values], columns: Sequence[int]) -> list[Plan]:
    """A second change beside the best single ones, each of another column."""
    firsts: dict[int, Plan] = {}
    for plan in sorted((plan for plan in asked.found if len(plan) == 1), key=lambda plan: asked.found[plan]):
        firsts.setdefault(plan[0][0], plan)
    return [
        (*first, (i, value)) if first[0][0] < i else ((i, value), *first)
        for k, first in list(firsts.items())[:WITH]
        for i in columns
        if i != k
        for value in _spaced(ways[i])
    ]


def _donors(
    known: Known,
    row: int,
    like: NDArray[np.int64],
    columns: Sequence[int],
    expected: Sequence[object],
    healthy: NDArray[np.bool_],
) -> list[dict[int, object]]:
    """Values by column, from several sources; none that the row has already, and none that is missing."""
    out: list[dict[int, object]] = [{} for _ in range(DONORS + 2)]
    for i in columns:
        column = known.table.columns[i]
        values = known.table.values[column.name]
        choices: list[object] = [*(values[other] for other in like[:DONORS]), middle(values[like], column)]
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


def _way(known: Known, row: int, i: int, value: object) -> float:
    """How far a cell is changed: of numbers the share of rows between, else 1."""
    column: Column = known.table.columns[i]
    before = known.table.values[column.name][row]
    if column.kind not in NUMERIC or missing(before):
        return 1.0
    ranked = known.ranked[column.name]
    ends = np.searchsorted(ranked, [float(before), float(str(value))])
    return float(abs(ends[1] - ends[0]) / max(1, len(ranked)))


def _change(table: Table, row: int, i: int, value: object, own: Mapping[str, str]) -> Change:
    column = table.columns[i]
    before = own.get(column.name) or written(table.values[column.name][row], column)
    return Change(column.name, before, written(value, column))
