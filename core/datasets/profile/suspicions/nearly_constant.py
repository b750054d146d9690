"""A column that is one value almost everywhere."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.datasets.profile.facts import Facts, shown
from core.datasets.profile.suspicions import Check, Suspicion, figure, suspicion

LEAST_ROWS = 200
SHARE = 0.995


def look(facts: Facts) -> Iterable[Suspicion]:
    """All but one row in two hundred say the same. Not of labels: anomalies are rare."""
    if facts.column.role != "feature" or facts.column.kind in ("text", "constant", "datetime"):
        return
    there = ~facts.missing
    counts, filled = facts.counts * there, facts.count(there)
    if filled < LEAST_ROWS or there.sum() < 2:
        return
    top = int(np.argmax(counts))
    if SHARE <= counts[top] / filled < 1:
        others = there.copy()
        others[top] = False
        value = (
            f"“{shown(facts.texts[top])}”"
            if facts.column.kind != "number" or facts.parsed is None
            else figure(float(facts.parsed[top]))
        )
        what = f"{value} stands in {counts[top]:,} of {filled:,} rows: this column says little"
        yield suspicion(facts, others, what, 0.2)


SUSPICION = Check("one value almost everywhere", look)
