"""Small pieces of statistics that several rooms stand on: intervals of shares, how two samples lie to each other, and what is
left of many chances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from core.results import Estimate

Z = float(norm.ppf(0.975))  # of 95 % intervals


T = TypeVar("T", float, NDArray[np.float64])


def wilson(share: T, count: int | NDArray[np.int64]) -> tuple[T, T]:
    """Wilson's 95 % interval (1927) of a share of so many, or of several shares, (S,), of as many or of so many each, (S,)."""
    middle = share + Z**2 / (2 * count)
    half = Z * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    low, high = (middle - half) / (1 + Z**2 / count), (middle + half) / (1 + Z**2 / count)
    return (low, high) if isinstance(share, np.ndarray) else (float(low), float(high))


def share_of(part: int, whole: int) -> Estimate:
    """A share with its interval; of nothing anything may be."""
    if whole == 0:
        return Estimate(0.0, 0.0, 1.0)
    share = part / whole
    low, high = wilson(share, whole)
    return Estimate(share, min(share, max(0.0, low)), max(share, min(1.0, high)))


def placements(ours: NDArray[Any], theirs: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The share of theirs below each of ours, (M,), and of ours above each of theirs, (N,), equal ones by half.

    The mean of either is the area under the ROC curve; from their variances come its intervals (DeLong, DeLong and
    Clarke-Pearson 1988).
    """
    ranks = rankdata(np.concatenate([ours, theirs]))
    below = (ranks[: len(ours)] - rankdata(ours)) / len(theirs)
    return below, 1 - (ranks[len(ours) :] - rankdata(theirs)) / len(ours)


def correlation(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Pearson's, of ranks Spearman's; 0 where one of them does not vary."""
    apart, other = ours - ours.mean(), theirs - theirs.mean()
    spread = float(np.sqrt((apart @ apart) * (other @ other)))
    return float(np.clip(apart @ other / spread, -1, 1)) if spread > 0 else 0.0


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted so that with any number of comparisons no more than each alone claims something that is not (Holm 1979)."""
    order, out, worst = np.argsort(p, kind="stable"), [1.0] * len(p), 0.0
    for place, i in enumerate(order):
        worst = max(worst, min(1.0, (len(p) - place) * p[i]))
        out[i] = worst
    return out
