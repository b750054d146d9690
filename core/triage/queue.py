"""In which order flagged rows are looked at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def strangest_first(rows: Rows, scores: NDArray[np.float64], kinds: NDArray[np.int64], threshold: float) -> Rows:
    """By score, the highest first; equal ones in their order."""
    return rows[np.argsort(-scores[rows], kind="stable")]


def nearest_the_threshold(rows: Rows, scores: NDArray[np.float64], kinds: NDArray[np.int64], threshold: float) -> Rows:
    """Those first that say most about where the threshold should be."""
    return rows[np.argsort(scores[rows] - threshold, kind="stable")]


def one_of_each_kind(rows: Rows, scores: NDArray[np.float64], kinds: NDArray[np.int64], threshold: float) -> Rows:
    """The strangest of each kind first, then the second of each, and so on; those whose kind nobody looked at, below 0, come last."""
    order = np.argsort(-scores[rows], kind="stable")
    ordered, theirs = rows[order], kinds[order]  # (F,)
    turn = np.zeros(len(ordered), np.int64)
    for kind in np.unique(theirs):
        mine = np.flatnonzero(theirs == kind)
        turn[mine] = np.arange(len(mine)) if kind >= 0 else len(ordered)
    return ordered[np.argsort(turn, kind="stable")]


BY_KIND = "one of each kind first"
# rows to look at (F,), scores (N,), the kind of each of these rows (F,), threshold → the rows in order, (F,)
ORDERS: dict[str, Callable[[Rows, NDArray[np.float64], NDArray[np.int64], float], Rows]] = {
    "strangest first": strangest_first,
    BY_KIND: one_of_each_kind,
    "nearest the threshold first": nearest_the_threshold,
}
