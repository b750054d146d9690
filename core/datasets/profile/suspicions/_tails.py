"""Values that lie outside a column's tail: beyond a gap that the tail itself would not leave.

The outer tenth of the values on a side is taken for a generalised Pareto tail, heavy where it is heavy (peaks over a
threshold; Hosking and Wallis 1987). Measured by that tail, the gap below the k outermost of its values, times k, is
exponential with mean 1 (Rényi 1953): a hundred thousand lognormal incomes show none, one height in millimetres does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.datasets.cells import Floats

LEAST_ROWS = 30
TAIL = 0.1
LEAST_TAIL = 20  # rows
OUTSIDE = 0.005  # share of rows that may lie outside
FAR = 0.5  # the gap, in distances of the rest's end from the median
GAPS = 5  # widest gaps that are looked at
IMPROBABLE = 13.0  # e^-13: one gap in 400,000
ON_RATIOS = 6.0  # likewise, of numbers that are far on their own scale already
CAREFUL = 1.0  # standard errors by which the tail may be heavier than it looks
MOST = 1.0  # a heavier shape can't be told by these moments
WIDE = 4.0  # in means of the tail: two humps of a distribution are nearer


def far_above(values: Floats, counts: NDArray[np.int64]) -> float | None:
    """As `outside`; where no value is negative, those that lie outside on a scale of ratios too."""
    found = outside(values, counts)
    if found is None or values[0] < 0:
        return found
    positive = values > 0
    ratios = outside(np.log(values[positive]), counts[positive], ON_RATIOS)
    if ratios is None:
        return None
    return max(found, float(values[positive][np.searchsorted(np.log(values[positive]), ratios)]))


def far_below(values: Floats, counts: NDArray[np.int64]) -> float | None:
    """The greatest of the lowest values that lie outside the rest, None where none does."""
    found = outside(-values[::-1], counts[::-1])
    return -found if found is not None else None


@np.errstate(over="ignore")  # what is beyond a float's reach is far enough
def outside(values: Floats, counts: NDArray[np.int64], improbable: float = IMPROBABLE) -> float | None:
    """The least of the highest values that lie outside the rest, None where none does. values: ascending, finite."""
    rows = int(counts.sum())
    if rows < LEAST_ROWS or len(values) < 3:
        return None
    given, scale = values, float(np.abs(values).max())
    values = values / scale if scale > 1e100 else values
    above = np.cumsum(counts[::-1])[::-1]  # rows at or above each value
    first = int(np.searchsorted(-above, -max(LEAST_TAIL, TAIL * rows), side="right")) - 1
    first = max(first, 0)
    start, tail, weights = values[first], values[first + 1 :], counts[first + 1 :]
    beyond = above[first + 1 :]
    middle = values[np.searchsorted(-above, -rows / 2, side="right") - 1]
    gaps = np.diff(tail)
    candidates = np.flatnonzero(beyond[1:] <= max(3, OUTSIDE * rows))
    if len(candidates) == 0:
        return None
    relative = gaps[candidates] / (tail[candidates] - start)
    widest = np.sort(candidates[np.argsort(-relative, kind="stable")[:GAPS]])
    for gap in widest:  # from the inside: the first that is too wide decides
        kept = slice(0, int(gap) + 1)
        fit = _pareto(tail[kept] - start, weights[kept])
        if fit is None:
            continue
        sizes = _standard(tail[gap : gap + 2] - start, *fit)
        width, outer = float(sizes[1] - sizes[0]), int(beyond[gap + 1])
        far = gaps[gap] > FAR * (tail[gap] - middle)
        if far and width > WIDE and width * outer > improbable:
            return float(given[first + gap + 2])
    return None


def _pareto(excess: Floats, counts: NDArray[np.int64]) -> tuple[float, float] | None:
    """Shape (at least 0: exponential) and scale by probability-weighted moments; None where the tail is too thin."""
    rows = int(counts.sum())
    if rows < LEAST_TAIL // 2 or len(excess) < 4:
        return None
    ends = np.cumsum(counts)
    higher = 1 - (ends - (counts - 1) / 2 - 0.35) / rows  # share of the tail above, of each value
    mean = float(np.average(excess, weights=counts))
    if mean < np.finfo(float).tiny:  # so small beside the greatest that it is no float any more
        return None
    weighted = float(np.dot(excess / mean * higher, counts) / rows)  # in means
    if weighted >= 0.5:
        return MOST, mean / 2
    shape = min(MOST, 2 - 1 / (1 - 2 * weighted) + CAREFUL / rows**0.5)
    return (shape, mean * 2 * weighted / (1 - 2 * weighted)) if shape > 0 else (0.0, mean)


def _standard(excess: Floats, shape: float, scale: float) -> Floats:
    """Excesses in units in which the tail is exponential."""
    sizes = np.minimum(excess / scale, 1e300)
    out: Floats = np.log1p(shape * sizes) / shape if shape > 1e-6 else sizes
    return out
