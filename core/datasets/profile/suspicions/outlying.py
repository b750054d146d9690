"""Numbers far outside the rest: a slip of the decimal mark, another unit, a code for missing."""

from __future__ import annotations

from collections.abc import Iterable

from core.datasets.profile.facts import Facts
from core.datasets.profile.suspicions import Check, Suspicion, cells, figure, suspicion
from core.datasets.profile.suspicions._tails import far_above, far_below


def look(facts: Facts) -> Iterable[Suspicion]:
    """Values beyond a gap that the column's own tail would not leave; infinite ones."""
    if facts.column.kind != "number" or facts.numbers is None or facts.parsed is None:
        return
    values, counts = facts.numbers.finite
    infinite = abs(facts.parsed) == float("inf")
    if infinite.any():
        yield suspicion(facts, infinite, cells(facts.count(infinite), "is infinite", "are infinite"), 0.8)
    if (least := far_above(values, counts)) is not None:
        which = (facts.parsed >= least) & ~infinite
        end = figure(float(values[values < least][-1]))
        what = f"far above the rest, which ends at {end}"
        yield suspicion(facts, which, cells(facts.count(which), f"lies {what}", f"lie {what}"), 0.85)
    if (most := far_below(values, counts)) is not None:
        which = (facts.parsed <= most) & ~infinite
        start = figure(float(values[values > most][0]))
        what = f"far below the rest, which begins at {start}"
        yield suspicion(facts, which, cells(facts.count(which), f"lies {what}", f"lie {what}"), 0.85)


SUSPICION = Check("far outside the rest", look)
