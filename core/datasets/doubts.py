"""Columns of whole numbers, open until the whole table was seen: then amounts, names, or asked. And such as hold each number once,
in no order: the first may number the rows, the others are places in rankings.

The evidence and its points stand in core.datasets.codes, what other columns say in core.datasets.witnesses.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.datasets import codes, summary
from core.datasets.cells import Distinct, Floats
from core.datasets.numbers import numbers
from core.datasets.parsing import says_missing
from core.datasets.witnesses import Witnesses, kept
from core.results import Column

RANKS = "each number once, in no order, as places in a ranking: another column numbers the rows"


@dataclass(frozen=True)
class Open:
    """A column if it is a number after all, with what to say of it then; its rows; what its own cells say."""

    number: Column
    notices: list[str]
    values: Floats  # its different cells, (D,)
    places: NDArray[
        np.int16
    ]  # where they stand in the rows that are kept, (R,); small: there may be thousands of these
    said: dict[str, float]
    levels: tuple[str, ...]  # its different numbers as they are written, rising

    @property
    def rows(self) -> Floats:
        return np.append(self.values, np.nan)[self.places]


@dataclass
class Doubts:
    """The open columns of a table, and the witnesses among all of its columns."""

    opened: dict[str, Open] = field(default_factory=dict)
    numbered: list[str] = field(default_factory=list)  # columns that count the rows
    ranks: dict[str, tuple[Column, list[str]]] = field(default_factory=dict)  # as numbers, with what to say of them
    others: Witnesses = field(default_factory=Witnesses)

    def add(self, column: Column, cells: Distinct, values: Floats | None) -> None:
        """The table's next column. values: its different cells as numbers; None where it is text or open."""
        if column.kind == "category" and column.question:
            values = _numbers(column, cells)
            self.opened[column.name] = _opened(column, cells, values)
            rising = np.sort(values[~np.isnan(values)])
            values = np.where(np.isin(values, codes.known_values(rising)), values, np.nan)
        if column.reason in (codes.OWN_NUMBERS, codes.COUNTS, codes.COUNTS_IN_NO_ORDER):
            self.numbered.append(column.name)
        if column.reason == codes.COUNTS_IN_NO_ORDER:
            ranks = _numbers(column, cells)
            number = replace(_number(column, cells, ranks), role="feature", reason=RANKS)
            self.ranks[column.name] = number, summary.notices(number, cells, ranks)
        self.others.add(column.name, cells, values)

    def settled(self, column: Column) -> Column:
        """A number, a category or an ordered one, as all evidence has it; with its question where that does not say."""
        if column.name in self.ranks:
            return self._in_rankings(column)
        if column.name not in self.opened:
            return column
        opened = self.opened[column.name]
        said = {**opened.said, **codes.beside(column.name, opened.rows, self.others)}
        rising = np.sort(opened.values[~np.isnan(opened.values)])
        kind = codes.settled(rising, said)
        why = f"{column.reason}; {codes.weightiest(said)}"
        if kind == "number":
            asked = rising[0] < -1 and codes.known_values(rising)[0] >= 0
            question = f"Does {opened.levels[0]} in “{column.name}” say that a value is missing?" if asked else ""
            return replace(opened.number, reason=why, question=question, confidence=0.6 if asked else 0.9)
        if kind == "ordered":
            why = f"{column.reason}; few steps, kept in their order"
            return replace(column, kind=kind, levels=opened.levels, reason=why, question="", confidence=0.85)
        if kind == "category":
            why = why if codes.points(said) > 0 else f"{column.reason}; two values"
            return replace(column, reason=why, question="", confidence=0.9)
        return column

    def _in_rankings(self, column: Column) -> Column:
        """Of several columns that may number the rows one does: that which stands in order, else the first; the others are ranks."""
        ordered = [name for name in self.numbered if name not in self.ranks]
        return column if column.name == (ordered or self.numbered)[0] else self.ranks[column.name][0]

    def notices(self, column: Column, otherwise: list[str]) -> list[str]:
        """What to say of a column that was settled as a number; otherwise what was found before."""
        if column.kind != "number":
            return otherwise
        if column.name in self.ranks:
            return self.ranks[column.name][1]
        opened = self.opened.get(column.name)
        return opened.notices if opened else otherwise


def _numbers(column: Column, cells: Distinct) -> Floats:
    """The different cells of a column of whole numbers, (D,)."""
    values = numbers(cells.values, "point", "")
    values[says_missing(column, cells.values)] = np.nan
    return values


def _number(column: Column, cells: Distinct, values: Floats) -> Column:
    number = replace(column, kind="number", form="point", confidence=0.9, question="")
    return summary.described(number, cells, values)


def _opened(column: Column, cells: Distinct, values: Floats) -> Open:
    known = ~np.isnan(values)
    number = _number(column, cells, values)
    said = codes.evidence(column.name, values[known], cells.counts[known], cells.spread(values))
    order = np.flatnonzero(known)[np.argsort(values[known], kind="stable")]
    levels = tuple(str(cells.values[i]) for i in order)
    return Open(
        number, summary.notices(number, cells, values), values, kept(cells).places.astype(np.int16), said, levels
    )


__all__ = ["Doubts"]
