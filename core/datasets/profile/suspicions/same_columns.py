"""Two columns that say the same."""

from __future__ import annotations

from collections.abc import Iterable

from core.datasets.profile.suspicions import Check, Suspicion, Whole

SAME = 0.9999
LEAST_ROWS = 30
LEAST_DISTINCT = 3


def look(whole: Whole) -> Iterable[Suspicion]:
    """Columns of equal content, and columns that order or divide the rows alike."""
    roles = {column.name: column.role for column in whole.columns}
    told: set[str] = set()
    for names in whole.duplicates.columns:
        first, *others = names
        for name in others:
            if whole.profiles[name].distinct > 1 and roles[name] != "ignored":
                told.add(name)
                yield _said(name, f"holds the same as “{first}” in every row", whole.profiles[name].filled, 0.75)
    for pair in whole.associations.pairs:
        one, other = whole.profiles[pair.first], whole.profiles[pair.second]
        alike = abs(one.distinct - other.distinct) <= 0.01 * one.distinct
        if pair.strength < SAME or pair.measure == "correlation ratio" or not alike or pair.second in told:
            continue
        if (
            pair.rows >= LEAST_ROWS
            and one.distinct >= LEAST_DISTINCT
            and "label" not in (roles[pair.first], roles[pair.second])
        ):
            told.add(pair.second)
            how = "orders the rows" if pair.measure == "rank correlation" else "divides the rows"
            reverse = ", the other way round" if pair.direction < 0 else ""
            yield _said(pair.second, f"{how} just as “{pair.first}” does{reverse}", pair.rows, 0.45)


def _said(name: str, what: str, rows: int, doubt: float) -> Suspicion:
    return Suspicion(name, what, rows, (), (), doubt)


SUSPICION = Check("two columns that say the same", table=look)
