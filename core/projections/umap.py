"""UMAP (McInnes, Healy, Melville 2018), seeded, on neighbours found exactly by faiss."""

from __future__ import annotations

import os
import warnings

import numpy as np
from numpy.typing import NDArray

from core.projections import Method

NEIGHBOURS = 15
LARGEST = 50_000  # rows laid out; the rest is placed between its neighbours


def project(codes: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """(N, L) → (N, 2). Where there are no neighbourhoods (few rows, or all equal) it is the codes' PCA."""
    from core.projections.pca import project as pca

    codes = np.ascontiguousarray(codes, np.float32)
    if len(codes) <= NEIGHBOURS + 1 or not np.ptp(codes, axis=0).any():
        return pca(codes, seed)
    laid = np.arange(len(codes))
    if len(codes) > LARGEST:
        laid = np.sort(np.random.default_rng(seed).choice(len(codes), LARGEST, replace=False))
    out = np.empty((len(codes), 2), np.float32)
    out[laid] = _lay_out(codes[laid], seed)
    rest = np.setdiff1d(np.arange(len(codes)), laid)
    if len(rest):
        out[rest] = _place(codes[rest], codes[laid], out[laid])
    return out


def _lay_out(codes: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    import umap

    keep_compiled()
    distances, found = _nearest(codes, codes, NEIGHBOURS)
    # UMAP expects each row first among its own neighbours; exact copies may come before it.
    found[:, 0], distances[:, 0] = np.arange(len(codes)), 0.0
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*n_jobs value.*")
        warnings.filterwarnings("ignore", message=".*precomputed_knn.*")
        warnings.filterwarnings("ignore", message=".*not fully connected.*")
        model = umap.UMAP(
            n_neighbors=NEIGHBOURS,
            random_state=seed,
            n_jobs=1,
            init=_start(codes, seed),
            precomputed_knn=(found, distances, None),
        )
        return np.asarray(model.fit_transform(codes), np.float32)


def keep_compiled() -> None:
    """What UMAP compiles is kept in NUMBA_CACHE_DIR, where that is set, for all processes after this one: some seconds each."""
    import umap.layouts
    import umap.umap_
    import umap.utils
    from numba.core.registry import CPUDispatcher

    if "NUMBA_CACHE_DIR" not in os.environ:
        return
    for module in (umap.layouts, umap.umap_, umap.utils):
        for each in vars(module).values():
            if isinstance(each, CPUDispatcher) and each.__module__.startswith("umap."):
                each.enable_caching()


def _start(codes: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Where the layout begins: the codes' PCA at UMAP's own scale, with a little noise where rows coincide."""
    from core.projections.pca import project as pca

    flat = pca(codes, seed)
    flat = 10 * flat / max(float(np.abs(flat).max()), 1e-30)
    noise = np.random.default_rng(seed).normal(scale=1e-4, size=flat.shape)
    return np.asarray(flat + noise, np.float32)


def _nearest(
    rows: NDArray[np.float32], reference: NDArray[np.float32], k: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    import faiss

    index = faiss.IndexFlatL2(reference.shape[1])
    index.add(reference)
    squared, found = index.search(rows, k)
    return np.sqrt(np.maximum(squared, 0)).astype(np.float32), found


def _place(rows: NDArray[np.float32], reference: NDArray[np.float32], laid: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row by itself between its nearest laid-out rows, the nearer the heavier."""
    distances, found = _nearest(rows, reference, NEIGHBOURS)
    weights = 1.0 / (distances.astype(np.float64) + 1e-9)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray((weights[:, :, None] * laid[found]).sum(axis=1), np.float32)


METHOD = Method("UMAP", False, project)
