"""How far a map can be believed: what of the codes' neighbourhoods and distances it keeps.

Up to `EXACT` rows over all of them; above, for so many seeded anchors *against all rows*, with a standard error: anchors
that are compared among themselves alone have neighbours that are none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist
from scipy.stats import rankdata

from core.intervals import correlation
from core.latent.believed import FIGURES, Figure, Trust
from core.latent.neighbours import others_than_itself
from core.results import Neighbours

EXACT = 5_000  # rows
ANCHORS = 2_000
PAIRED = 1_000  # anchors between which distances are compared, where there are more rows than EXACT
COPIES = 1e-12  # of the mean squared length: what two rows differ by that are the same but for the last bits
GROUPS = 10  # of anchors, of which one at a time is left out for a standard error
K = 15
CELLS = 4_000_000  # distances that are held at once


def trust(
    codes: NDArray[np.float32],
    points: NDArray[np.float32],
    seed: int,
    k: int = K,
    check: Callable[[float], None] = lambda done: None,
) -> Trust:
    """The figures of a map, (N, 2 or 3), of codes, (N, L). check hears how far it is, in [0, 1], and may raise."""
    rows = len(codes)
    k = min(k, (rows - 1) // 2)
    if k < 1 or not np.ptp(codes, axis=0).any():
        return Trust({}, max(0, k), 0, rows, "too few rows" if k < 1 else "all rows have the same code")
    if not np.isfinite(points).all():
        return Trust({}, k, 0, rows, "some points have no place")
    if not np.ptp(points, axis=0).any():
        return Trust({}, k, 0, rows, "all points lie in one place")
    draw, whole = np.random.default_rng(seed), rows <= EXACT
    anchors = np.arange(rows) if whole else np.sort(draw.choice(rows, ANCHORS, replace=False))
    spaces = [each.astype(np.float64) - each.mean(axis=0, dtype=np.float64) for each in (codes, points)]
    parts = _of_anchors(spaces[0], spaces[1], anchors, k, check)  # (A, 3)
    pairs = anchors if whole else np.sort(draw.choice(anchors, PAIRED, replace=False))
    correlation = _rank_correlation(codes[pairs], points[pairs], exact=whole)
    errors = [None if whole else float(each) for each in parts.std(axis=0, ddof=1) / np.sqrt(len(anchors))]
    figures = [Figure(float(value), error) for value, error in zip(parts.mean(axis=0), errors, strict=True)]
    return Trust(dict(zip(FIGURES, [*figures, correlation], strict=True)), k, len(anchors), rows)


def _of_anchors(
    codes: NDArray[np.float64],
    points: NDArray[np.float64],
    anchors: NDArray[np.int64],
    k: int,
    check: Callable[[float], None],
) -> NDArray[np.float64]:
    """Trustworthiness, continuity and neighbour recall of each anchor, (A, 3)."""
    rows = len(codes)
    worst = k * (2 * rows - 3 * k - 1) / 2  # what the ranks beyond k add up to at most
    lengths = [np.einsum("nl,nl->n", each, each) for each in (codes, points)]
    out = np.empty((len(anchors), 3))
    step = max(1, CELLS // rows)
    for start in range(0, len(anchors), step):
        check(start / len(anchors))
        some = anchors[start : start + step]
        blocks = []
        for space, length in zip((codes, points), lengths, strict=True):
            squared = length[some, None] + length[None, :] - 2 * (space[some] @ space.T)  # (S, N)
            squared[squared < COPIES * length.mean()] = 0.0  # copies, but for the last bits
            squared[np.arange(len(some)), some] = np.inf
            # Half the digits are compared in half the time; what is nearer than they tell apart counts as equal.
            blocks.append(squared if len(anchors) == rows else squared.astype(np.float32))
        for i in range(len(some)):
            out[start + i] = _of_one(blocks[0][i], blocks[1][i], k, worst)
    return out


def _of_one(
    by_code: NDArray[np.floating], on_map: NDArray[np.floating], k: int, worst: float
) -> tuple[float, float, float]:
    """The figures of one row from its squared distances to all, (N,) each, its own being infinite."""
    near_code, near_map = _nearest(by_code, k), _nearest(on_map, k)
    kept = np.isin(near_map, near_code, assume_unique=True)
    false = near_map[~kept]  # they only seem near
    lost = near_code[~np.isin(near_code, near_map, assume_unique=True)]
    return (
        1 - _beyond(by_code, false, k) / worst,
        1 - _beyond(on_map, lost, k) / worst,
        float(kept.mean()),
    )


def _beyond(distances: NDArray[np.floating], rows: NDArray[np.int64], k: int) -> float:
    """By how much the ranks of some rows go beyond k, added up."""
    return float(sum(max(0, int(np.count_nonzero(distances < distances[row])) + 1 - k) for row in rows))


def _nearest(distances: NDArray[np.floating], k: int) -> NDArray[np.int64]:
    """The k nearest, of equal ones the first, (k,)."""
    near = np.flatnonzero(distances <= np.partition(distances, k - 1)[k - 1])
    return near[np.argsort(distances[near], kind="stable")[:k]]


def _rank_correlation(codes: NDArray[np.float32], points: NDArray[np.float32], *, exact: bool) -> Figure:
    """Spearman's correlation of the distances between all pairs of rows, with a standard error by leaving out a tenth of them
    at a time (Efron and Tibshirani 1993, chapter 11), where they are a sample."""
    value = _spearman(codes, points)
    if exact:
        return Figure(value)
    groups = np.arange(len(codes)) % GROUPS
    without = np.array([_spearman(codes[groups != g], points[groups != g]) for g in range(GROUPS)])
    return Figure(value, float(np.sqrt((GROUPS - 1) / GROUPS * ((without - without.mean()) ** 2).sum())))


def _spearman(codes: NDArray[np.float32], points: NDArray[np.float32]) -> float:
    return correlation(*(rankdata(pdist(space.astype(np.float64))) for space in (codes, points)))


def distortion(
    neighbours: Neighbours, codes: NDArray[np.float32], points: NDArray[np.float32], k: int = K
) -> NDArray[np.float32]:
    """How much the map distorts around each row, (N,), from 0.

    The larger of two: how many times farther a row's true neighbours usually lie on the map than its neighbours there (it
    was torn from them), and how many times farther its neighbours on the map usually lie in the codes than its true ones
    (it was crowded among strangers); as logarithms of base 2. 0: the neighbours are the same ones. 1: twice as far. 3: eight times.
    """
    true = neighbours.nearest(k)
    k = true.rows.shape[1]
    if k == 0:
        return np.zeros(len(codes), np.float32)
    flat = points.astype(np.float64)
    seen = np.asarray(cKDTree(flat).query(flat, k + 1)[1])
    seen = seen[others_than_itself(seen)].reshape(len(flat), k)
    torn = _times(flat, true.rows, seen)
    crowded = _times(codes.astype(np.float64), seen, true.rows)
    return np.asarray(np.maximum(0.0, np.maximum(torn, crowded)), np.float32)


def _times(
    places: NDArray[np.float64],
    far: NDArray[np.int32] | NDArray[np.int64],
    near: NDArray[np.int32] | NDArray[np.int64],
) -> NDArray[np.float64]:
    """How many times farther each place usually lies from the one others, (N, K) of their numbers, than from the other ones:
    of their geometric means, by which one that is far away does not hide that the others are near, as a logarithm of base 2.

    Distances that are too small to matter, such as those between copies, are all alike.
    """
    apart = [
        np.stack([np.sqrt(((places - places[column]) ** 2).sum(axis=1)) for column in each.T]) for each in (far, near)
    ]
    some = np.concatenate([each[each > 0] for each in apart])  # of (K, N) each
    if len(some) == 0:
        return np.zeros(len(places))
    least = 0.05 * float(np.median(some))
    logs = [np.log2(each + least).mean(axis=0) for each in apart]
    return np.asarray(logs[0] - logs[1])
