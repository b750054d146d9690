"""A few negative numbers in a column of positive ones: a lost or a superfluous sign."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.datasets.profile.facts import Facts
from core.datasets.profile.suspicions import Check, Suspicion, cells, suspicion
from core.datasets.profile.suspicions.recurring import is_code

LEAST_ROWS = 50
SHARE = 0.01


def look(facts: Facts) -> Iterable[Suspicion]:
    """Negative numbers that are as large as the positive ones: not a distribution that reaches a little below zero."""
    if facts.column.kind != "number" or facts.numbers is None or facts.parsed is None:
        return
    values, counts = facts.numbers.finite
    below, rows = int(counts[values < 0].sum()), int(counts.sum())
    if rows < LEAST_ROWS or not 0 < below <= SHARE * rows or is_code(float(values[0]), values, counts):
        return
    positive, weights = values[values > 0], counts[values > 0]
    if len(positive) == 0:
        return
    usual = positive[np.searchsorted(np.cumsum(weights) / weights.sum(), 0.05)]
    large = (values < 0) & (-values >= usual)
    if counts[large].sum() * 2 >= below:
        which = np.isfinite(facts.parsed) & (facts.parsed < 0)
        words = cells(below, "is negative", "are negative")
        yield suspicion(facts, which, f"{words}, the other {rows - below:,} are not", 0.87)


SUSPICION = Check("negative among positive", look)
