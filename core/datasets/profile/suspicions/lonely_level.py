"""A level that one row has, where all others have many."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.datasets.profile.facts import Facts, shown
from core.datasets.profile.suspicions import Check, Suspicion, suspicion

LEAST_ROWS = 1_000
MOST_LEVELS = 50
LONELY = 3
USUAL = 20


def look(facts: Facts) -> Iterable[Suspicion]:
    """Up to three levels of one row each; the next rarest has at least twenty."""
    if facts.column.kind not in ("category", "ordered") or facts.column.role == "label":
        return
    there = ~facts.missing
    counts = facts.counts[there]
    if counts.sum() < LEAST_ROWS or not 2 < len(counts) <= MOST_LEVELS:
        return
    lonely = there & (facts.counts == 1)
    others = counts[counts > 1]
    if 0 < lonely.sum() <= LONELY and len(others) > 1 and others.min() >= USUAL:
        names = ", ".join(f"“{shown(facts.texts[i])}”" for i in np.flatnonzero(lonely))
        one = "stands in one row" if lonely.sum() == 1 else "stand in one row each"
        yield suspicion(
            facts, lonely, f"{names} {one} of {int(counts.sum()):,}; all others in {others.min():,} or more", 0.5
        )


SUSPICION = Check("a level of one row", look)
