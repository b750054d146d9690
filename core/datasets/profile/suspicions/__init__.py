"""What a careful reader would check: one file a suspicion, found by its name.

A check looks at one column while it is read, or at the whole table when everything was counted. It says in plain words
and numbers what is odd; how sure that is stands in `doubt`. Few and right is better than many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.datasets.profile.facts import Facts, Mask
from core.datasets.profile.kept import Kept
from core.profiles import Associations, ColumnProfile, Duplicates, Suspicion
from core.registry import Registry
from core.results import Column

A_COLUMN = 3
A_CHECK = 40
ALL = 200


@dataclass(frozen=True)
class Whole:
    """A table of which everything was counted. separations: of ranked features, how far each keeps the label's two
    values apart (0 … 1), where the label has two. kept: of some columns, what each row holds."""

    columns: tuple[Column, ...]
    profiles: dict[str, ColumnProfile]
    associations: Associations
    duplicates: Duplicates
    separations: dict[str, float]
    kept: Kept


def _nothing(_: Facts | Whole) -> Iterable[Suspicion]:
    return ()


@dataclass(frozen=True)
class Check:
    """One kind of suspicion: what it finds in a column, or in the table."""

    title: str
    column: Callable[[Facts], Iterable[Suspicion]] = _nothing
    table: Callable[[Whole], Iterable[Suspicion]] = _nothing


SUSPICIONS: Registry[Check] = Registry("suspicion", "core.datasets.profile.suspicions", "SUSPICION", folders=False)


class Doubts:
    """Collects what the checks find, and keeps what is worth a look."""

    def __init__(self) -> None:
        self._checks = {name: SUSPICIONS.get(name) for name in SUSPICIONS}
        self._found: list[tuple[str, Suspicion]] = []

    def look(self, facts: Facts) -> None:
        """At one column."""
        if facts.column.role == "ignored" or len(facts.cells) == 0:
            return
        own = [(name, each) for name, check in self._checks.items() for each in check.column(facts)]
        own.sort(key=lambda item: -item[1].doubt)
        told: set[int] = set()
        kept = 0
        for name, each in own:
            if kept < A_COLUMN and not told.issuperset(each.rows):  # nothing twice about the same cells
                self._found.append((name, each))
                kept += 1
            told.update(each.rows)

    def suspicions(self, whole: Whole) -> tuple[Suspicion, ...]:
        """All of them, the likeliest wrong first: a few a column, not too many of a kind."""
        found = [*self._found, *((name, each) for name, check in self._checks.items() for each in check.table(whole))]
        place = {column.name: i for i, column in enumerate(whole.columns)}
        found.sort(key=lambda item: (-item[1].doubt, place[item[1].column]))
        columns: Counter[str] = Counter()
        checks: Counter[str] = Counter()
        kept: list[Suspicion] = []
        for name, each in found:
            if columns[each.column] < A_COLUMN and checks[name] < A_CHECK and len(kept) < ALL:
                columns[each.column] += 1
                checks[name] += 1
                kept.append(each)
        return tuple(kept)


def suspicion(facts: Facts, which: Mask, what: str, doubt: float, words: tuple[str, ...] = ()) -> Suspicion:
    """One about these different cells (D,)."""
    return Suspicion(
        column=facts.column.name,
        what=what,
        cells=facts.count(which),
        examples=facts.examples(which),
        rows=facts.rows_of(which),
        doubt=doubt,
        words=words,
    )


def cells(count: int, one: str, many: str) -> str:
    """“1 cell lies”, “3 cells lie”."""
    return f"1 cell {one}" if count == 1 else f"{count:,} cells {many}"


def figure(value: float) -> str:
    """A number as it is read easily."""
    if 1e3 <= abs(value) < 1e10:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:.4g}"


__all__ = ["SUSPICIONS", "Check", "Doubts", "Suspicion", "Whole", "cells", "figure", "suspicion"]
