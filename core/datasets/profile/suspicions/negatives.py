"""A few negative numbers in a column of positive ones: a lost or a superfluous sign."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.datasets.profile.facts import Facts
from core.datasets.profile.suspicions import Check, Suspicion, cells, suspicion
from core.datasets.profile.suspicions.recurring import is_code

LEAST_ROWS = 50
SHARE = 0.01
APART = 0.5  # of the way from the lowest of the others to their middle: none of these is missed out


def look(facts: Facts) -> Iterable[Suspicion]:
    """Negative numbers that are as large as the positive ones, or far from the lowest of them: not a distribution that reaches a
    little below zero."""
    if facts.column.kind != "number" or facts.numbers is None or facts.parsed is None:
        return
    values, counts = facts.numbers.finite
    below, rows = int(counts[values < 0].sum()), int(counts.sum())
    if rows < LEAST_ROWS or not 0 < below <= SHARE * rows or is_code(float(values[0]), values, counts):
        return
    positive, weights = values[values > 0], counts[values > 0]
    if len(positive) == 0:
        return
    usual, middle = positive[np.searchsorted(np.cumsum(weights) / weights.sum(), (0.05, 0.5))]
    large = (values < 0) & (-values >= usual)
    highest, lowest = values[values < 0][-1], values[values >= 0][0]
    as_large = counts[large].sum() * 2 >= below
    half = lowest / 2 - highest / 2  # of the gap, which may be beyond a float
    if as_large or half >= APART * (middle - lowest) / 2:
        which = np.isfinite(facts.parsed) & (facts.parsed < 0)
        words = cells(below, "is negative", "are negative")
        doubt = 0.87 if as_large else 0.7  # a heavy tail may do the latter
        yield suspicion(facts, which, f"{words}, the other {rows - below:,} are not", doubt)


SUSPICION = Check("negative among positive", look)
