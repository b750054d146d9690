"""Groups of codes, by HDBSCAN (Campello, Moulavi, Sander 2013) at several smallest sizes, so that who looks need not wait."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.latent.groups import Clusters, Group, Step
from core.latent.neighbours import Index

LARGEST = 10_000  # rows that are grouped; every other takes the group of the nearest of them
STEPS, SMALLEST = 8, 5
DENSE = 10  # neighbours by which it is told how dense it is around a row
SMALL, THIN = 0.01, 5.0  # a small group's share of the rows; how many times longer than wide a thin one is


def ladder(rows: int) -> tuple[int, ...]:
    """The smallest sizes that are tried among so many rows, rising."""
    top = max(SMALLEST, rows // 8)
    return tuple(sorted({round(float(size)) for size in np.geomspace(SMALLEST, top, STEPS)}))


def clusters(
    codes: NDArray[np.float32], seed: int, check: Callable[[float], None] = lambda done: None
) -> tuple[NDArray[np.int32], Clusters]:
    """The group of each row at each step, (S, N), −1 for none, and what is known of them. Of fewer than ten rows none.

    Above `LARGEST` rows it is of so many, by lot, and smallest sizes count those. check hears how far it is, and may raise.
    """
    from sklearn.cluster import HDBSCAN

    rows = len(codes)
    some = np.arange(rows)
    if rows > LARGEST:
        some = np.sort(np.random.default_rng(seed).choice(rows, LARGEST, replace=False))
    if rows < 2 * SMALLEST or not np.ptp(codes, axis=0).any():
        return np.full((1, rows), -1, np.int32), Clusters((Step(SMALLEST, ()),), rows)
    nearest = np.arange(rows) if len(some) == rows else Index.build(codes[some]).search(codes, 1)[1][:, 0]
    labels, steps = [], []
    sizes = ladder(len(some))
    for place, smallest in enumerate(sizes):
        check(place / len(sizes))
        found = HDBSCAN(min_cluster_size=smallest, min_samples=min(DENSE, smallest), copy=True).fit_predict(codes[some])
        mine = by_size(found[nearest])
        labels.append(mine)
        count = int(mine.max(initial=-1)) + 1
        groups = tuple(
            Group(int((mine == group).sum()), worth_a_look=worth_a_look(codes[mine == group], rows))
            for group in range(count)
        )
        steps.append(Step(smallest, groups))
    return np.stack(labels), Clusters(tuple(steps), len(some))


def by_size(labels: NDArray[np.int64]) -> NDArray[np.int32]:
    """Groups numbered anew, the largest 0; −1 stays."""
    kept = labels[labels >= 0]
    order = np.argsort(-np.bincount(kept), kind="stable") if len(kept) else np.empty(0, np.int64)
    new = np.empty(len(order) + 1, np.int32)
    new[order] = np.arange(len(order))
    new[-1] = -1
    return new[labels]


def worth_a_look(codes: NDArray[np.float32], rows: int) -> str:
    """Why a group, (G, L), of so many rows in all should be looked at: it is small, or thin as rows are that one cause made."""
    if len(codes) <= SMALL * rows:
        return "small"
    if codes.shape[1] > 1:
        spread = np.sqrt(np.linalg.eigvalsh(np.cov(codes.astype(np.float64), rowvar=False))[::-1].clip(0))
        if spread[0] > THIN * max(spread[1], 1e-12):
            return "thin"
    return ""
