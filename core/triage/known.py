"""The rows that evidence is drawn from, kept at hand, and small questions to them. Needs numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.datasets.written import missing
from core.results import NUMERIC, Column, Table

Plan = tuple[tuple[int, object], ...]  # cells of a row to change: the column's place, and the value


@dataclass(frozen=True)
class Unread:
    """A cell that holds text which can't be read as its column's kind. rows: (N,), which others of the column do too."""

    text: str
    rows: NDArray[np.bool_]


@dataclass(frozen=True)
class Known:
    """All rows of a run's dataset, kept at hand. codes: (N, L); values: as `core.results.Table` has them."""

    table: Table
    codes: NDArray[np.float32]

    def some(self, rows: Sequence[int]) -> Table:
        """Some of the rows."""
        return self.table.take(np.asarray(rows, np.int64))

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

    @cached_property
    def coded(self) -> dict[str, tuple[list[object], NDArray[np.int64]]]:
        """Of columns without an order the different values, None for a missing one, and which of them each row has, (N,)."""
        found = {}
        for column in self.table.columns:
            if column.kind not in ("number", "datetime"):
                places: dict[object, int] = {}
                cells = (None if missing(each) else each for each in self.table.values[column.name].tolist())
                which = np.fromiter((places.setdefault(each, len(places)) for each in cells), np.int64)
                found[column.name] = (list(places), which)
        return found


def middle(values: NDArray[np.generic], column: Column) -> object:
    """The middle of some numbers, or the most frequent value; None where there is none."""
    if column.kind in NUMERIC:
        seen = np.sort(finite(values))
        return float(seen[len(seen) // 2]) if len(seen) else None
    there = [value for value in values.tolist() if value is not None]
    return max(sorted(set(there)), key=there.count) if there else None


def changed(table: Table, row: int, plans: Sequence[Plan]) -> Table:
    """The row once for each plan, changed."""
    values = {name: np.repeat(cells[row : row + 1], len(plans)) for name, cells in table.values.items()}
    for place, plan in enumerate(plans):
        for i, value in plan:
            values[table.columns[i].name][place] = value
    return Table(table.columns, values, np.asarray([str(i) for i in range(len(plans))]))


def finite(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """The numbers that are there and finite."""
    numbers: NDArray[np.float64] = values.astype(np.float64)
    return numbers[np.isfinite(numbers)]
