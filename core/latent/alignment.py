"""Two maps of the same rows laid over each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def align(points: NDArray[np.float32], onto: NDArray[np.float32], *, same_size: bool = False) -> NDArray[np.float32]:
    """The map, (N, D), moved, turned, mirrored and scaled as a whole to lie on another of the same rows, (N, D).

    Orthogonal Procrustes (Schönemann 1966, with scale as in Schönemann and Carroll 1970). same_size: scaled to the other's radius
    instead, for a look: the scale that fits best draws a map the smaller the less it agrees. Rows without a place in either map
    have no say; where nothing is left to turn by, the map is moved alone.
    """
    both = np.isfinite(points).all(axis=1) & np.isfinite(onto).all(axis=1)
    if not both.any():
        return points
    ours, theirs = points[both].astype(np.float64), onto[both].astype(np.float64)
    middle, other = ours.mean(axis=0), theirs.mean(axis=0)
    left, sizes, right = np.linalg.svd((ours - middle).T @ (theirs - other))
    spread = ((ours - middle) ** 2).sum()
    turned = left @ right if spread > 0 else np.eye(points.shape[1])
    scale = 1.0
    if spread > 0 and sizes.sum() > 0:
        scale = float(np.sqrt(((theirs - other) ** 2).sum() / spread)) if same_size else sizes.sum() / spread
    return np.asarray((points - middle) @ turned * scale + other, np.float32)


def drift(aligned: NDArray[np.float32], onto: NDArray[np.float32]) -> float:
    """How far a row typically (median) lies from its place on the other map, in that map's radii.

    A radius is the root of the mean squared distance to the middle.
    """
    both = np.isfinite(aligned).all(axis=1) & np.isfinite(onto).all(axis=1)
    if not both.any():
        return 0.0
    ours, theirs = aligned[both].astype(np.float64), onto[both].astype(np.float64)
    radius = float(np.sqrt(((theirs - theirs.mean(axis=0)) ** 2).sum(axis=1).mean()))
    moved = float(np.median(np.sqrt(((ours - theirs) ** 2).sum(axis=1))))
    return moved / radius if radius > 0 else 0.0
