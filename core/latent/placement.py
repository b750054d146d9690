"""New rows on a map that stays as it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.latent.neighbours import Index

NEIGHBOURS = 15
SAME = 1e-5  # of the distance to the farthest of them, within which a row is one that was laid before


def place(
    codes: NDArray[np.float32], laid_codes: Index, laid: NDArray[np.float32], k: int = NEIGHBOURS
) -> NDArray[np.float32]:
    """Where new codes, (M, L), come to lie on a map of others, `laid` (N, 2 or 3), that were indexed in its order, (M, 2 or 3).

    Each row by itself, so that one by one, all at once and in any order are the same to the bit. Its nearest laid rows weigh
    the more the nearer they are, w = exp(−(d − d₁) / σ) with the σ that makes the weights add up to log₂ k, as in UMAP
    (McInnes et al. 2018, section 3.1); it comes to lie at the weighted middle of those among them that lie together: a row
    that the map has torn from the others does not pull it into the empty space between. One that was laid before comes to lie
    where it lay.
    """
    k = min(k, len(laid))
    distances, found = laid_codes.search(codes, k)
    weights = _weights(distances.astype(np.float64))  # (M, k)
    same = distances <= SAME * distances[:, -1:]
    weights = np.where(same | ~same.any(axis=1, keepdims=True), weights, 0.0)
    spots = laid[found].astype(np.float64)  # (M, k, 2 or 3)
    middle = _weighted_medoid(spots, weights)  # (M, 1, 2 or 3)
    apart = np.sqrt(((spots - middle) ** 2).sum(axis=2))  # (M, k)
    near = np.median(apart, axis=1, keepdims=True)
    weights = np.where(apart <= 2 * near, weights, 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray((weights[:, :, None] * spots).sum(axis=1), np.float32)


def _weighted_medoid(spots: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The spot that is nearest to the others, each as it weighs, (M, 1, 2 or 3)."""
    between = np.sqrt(((spots[:, :, None, :] - spots[:, None, :, :]) ** 2).sum(axis=3))  # (M, k, k)
    cost = (between * weights[:, None, :]).sum(axis=2)
    best = np.argmin(cost, axis=1)
    return np.asarray(spots[np.arange(len(spots)), best][:, None, :])


def _weights(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the nearest rows, (M, k), from 1 for the nearest down, none 0."""
    beyond = distances - distances[:, :1]
    target = np.log2(max(2, distances.shape[1]))
    low, high = np.zeros((len(distances), 1)), np.full((len(distances), 1), np.inf)
    scale = np.maximum(beyond.mean(axis=1, keepdims=True), 1e-12)
    for _ in range(48):
        total = np.exp(-beyond / scale).sum(axis=1, keepdims=True)
        low, high = np.where(total < target, scale, low), np.where(total < target, high, scale)
        scale = np.where(np.isfinite(high), (low + high) / 2, scale * 2)
        scale = np.clip(scale, 1e-12, 1e12)
    return np.asarray(np.maximum(np.exp(-beyond / scale), 1e-12))
