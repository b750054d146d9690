"""Rows like a given one: near it in the codes, and strange in the same columns by as much. Needs numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST = 50
LEAST = 1e-300  # what is divided by


def alike(
    row: int,
    codes: NDArray[np.float32],
    errors: NDArray[np.float32],
    scores: NDArray[np.float64],
    among: NDArray[np.int64],
    k: int = MOST,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The rows most like one, (K,), K at most k, and how like it they are, (K,), from 1, a copy, down to 0; equal ones by their row.

    codes: (N, L); errors: (N, C), never below 0, each column's part of the score; scores: (N,); among: (A,) the rows to choose from,
    of which the row itself is passed over. Likeness is the root of two factors: nearness, 1 / (1 + d² / m²) with the distance d of
    two codes and m the median of all rows' distances; and the squared overlap of the errors, the sum over columns of √(e f)
    (Bhattacharyya 1943) over the mean of both scores, which says whether the same columns are wrong, and by as much. It is each
    row's own: which others are chosen from makes no difference.
    """
    among = np.asarray(among, np.int64)
    among = among[among != row]
    if len(among) == 0 or k < 1:
        return among[:0], np.empty(0)
    away = np.square(codes - codes[row]).sum(axis=1, dtype=np.float64)
    others = np.delete(away, row)
    usual = float(np.median(others)) or float(others.mean()) or 1.0
    nearness = 1 / (1 + away[among] / usual)
    likeness = np.sqrt(nearness) * _overlap(errors, scores, row, among)
    last = np.partition(-likeness, min(k, len(among)) - 1)[min(k, len(among)) - 1]
    some = np.flatnonzero(-likeness <= last)
    first = some[np.lexsort((among[some], -likeness[some]))][:k]
    return among[first], likeness[first]


def nearest(
    codes: NDArray[np.float32],
    point: int,
    among: NDArray[np.int64],
    k: int,
    begins: NDArray[np.int64] | None = None,
    length: int = 0,
) -> NDArray[np.int64]:
    """The points nearest to one by their codes, (K,), K at most k, the nearest first. among: (A,) those to choose from.

    begins: (P,) where the window of each point begins, of so many steps: of windows that overlap, with this one or with each
    other, the nearest alone is taken.
    """
    among = np.asarray(among, np.int64)
    among = among[among != point]
    away = np.square(codes[among] - codes[point]).sum(axis=1)
    order = among[np.argsort(away, kind="stable")]
    if begins is None:
        return order[:k]
    taken: list[int] = []
    free = order[np.abs(begins[order] - begins[point]) >= length]
    while len(free) and len(taken) < k:
        taken.append(int(free[0]))
        free = free[np.abs(begins[free] - begins[free[0]]) >= length]
    return np.asarray(taken, np.int64)


def _overlap(
    errors: NDArray[np.float32], scores: NDArray[np.float64], row: int, among: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How much of the errors of rows is in the same columns as a row's, and as large, (A,): 1 where they are the same."""
    mine, theirs = errors[row], errors[among]
    sums = theirs.sum(axis=1, dtype=np.float64)
    total = float(mine.sum(dtype=np.float64))
    shared = np.sqrt(theirs * mine).sum(axis=1, dtype=np.float64) / np.sqrt(np.maximum(sums * total, LEAST))
    shared[(sums == 0) & (total == 0)] = 1.0
    score, other = max(float(scores[row]), 0.0), np.maximum(scores[among], 0.0)
    size = 2 * np.sqrt(score * other) / np.maximum(score + other, LEAST)
    size[(other == 0) & (score == 0)] = 1.0
    return np.asarray(np.clip(shared * size, 0.0, 1.0))
