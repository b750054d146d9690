"""The directions in which the codes vary most (Pearson 1901; Hotelling 1933)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.projections import Method, Tell
from core.results import Neighbours


def directions(codes: NDArray[np.float32], dimensions: int) -> NDArray[np.float32]:
    """(N, L) → (N, dimensions); where the codes have fewer numbers the rest is zeros. The signs are fixed."""
    centred = codes.astype(np.float64) - codes.mean(axis=0, dtype=np.float64)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, np.argsort(-values, kind="stable")[:dimensions]]  # (L, ≤ dimensions)
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    out = np.zeros((len(codes), dimensions), np.float32)
    out[:, : axes.shape[1]] = centred @ axes
    return out


def start(codes: NDArray[np.float32], seed: int, dimensions: int, scale: float) -> NDArray[np.float32]:
    """Where a layout begins: the codes' PCA within ± scale, with a little noise where rows coincide, (N, dimensions)."""
    flat = directions(codes, dimensions)
    flat = scale * flat / max(float(np.abs(flat).max()), 1e-30)
    noise = np.random.default_rng(seed).normal(scale=1e-5 * scale, size=flat.shape)
    return np.asarray(flat + noise, np.float32)


def project(
    codes: NDArray[np.float32], neighbours: Neighbours, seed: int, dimensions: int, tell: Tell
) -> NDArray[np.float32]:
    """As every method is asked; neighbours and seed change nothing."""
    return directions(codes, dimensions)


METHOD = Method(
    "PCA",
    "The directions in which the codes vary most: distances far apart can be believed, near ones overlap.",
    True,
    project,
)
