"""The two directions in which the codes vary most (Pearson 1901; Hotelling 1933)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.projections import Method


def project(codes: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """(N, L) → (N, 2); a code of one dimension gets a second axis of zeros. The sign is fixed."""
    centred = codes.astype(np.float64) - codes.mean(axis=0, dtype=np.float64)
    if centred.shape[1] == 1:
        return np.column_stack([centred[:, 0], np.zeros(len(centred))]).astype(np.float32)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, np.argsort(-values)[:2]]  # (L, 2)
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    return np.asarray(centred @ axes, np.float32)


METHOD = Method("PCA", True, project)
