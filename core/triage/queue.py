"""In which order flagged rows are looked at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def strangest_first(rows: Rows, scores: NDArray[np.float64], errors: NDArray[np.float32], threshold: float) -> Rows:
    """By score, the highest first; equal ones in their order."""
    return rows[np.argsort(-scores[rows], kind="stable")]


def nearest_the_threshold(
    rows: Rows, scores: NDArray[np.float64], errors: NDArray[np.float32], threshold: float
) -> Rows:
    """Those first that say most about where the threshold should be."""
    return rows[np.argsort(scores[rows] - threshold, kind="stable")]


def one_of_each_kind(rows: Rows, scores: NDArray[np.float64], errors: NDArray[np.float32], threshold: float) -> Rows:
    """The strangest of each kind first, then the second of each, and so on. Rows are of one kind where the same column has the
    largest part of the score.

    errors: (N, C).
    """
    ordered = strangest_first(rows, scores, errors, threshold)
    kinds = errors[ordered].argmax(axis=1)  # (F,)
    turn = np.zeros(len(ordered), np.int64)
    for kind in np.unique(kinds):
        mine = np.flatnonzero(kinds == kind)
        turn[mine] = np.arange(len(mine))
    return ordered[np.argsort(turn, kind="stable")]


# rows to look at (F,), scores (N,), errors (N, C), threshold → the rows in order, (F,)
ORDERS: dict[str, Callable[[Rows, NDArray[np.float64], NDArray[np.float32], float], Rows]] = {
    "strangest first": strangest_first,
    "one of each kind first": one_of_each_kind,
    "nearest the threshold first": nearest_the_threshold,
}
