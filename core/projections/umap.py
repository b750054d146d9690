"""UMAP (McInnes, Healy, Melville 2018), seeded, on neighbours that were found before."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from core.projections import Method, Tell
from core.projections._compiled import keep_compiled
from core.projections.pca import start
from core.results import Neighbours

NEIGHBOURS = 15
SCALE = 10.0  # half the width of the start, as UMAP itself has it


def project(
    codes: NDArray[np.float32], neighbours: Neighbours, seed: int, dimensions: int, tell: Tell
) -> NDArray[np.float32]:
    """(N, L) → (N, dimensions), begun at the codes' PCA."""
    import umap

    keep_compiled("umap.layouts", "umap.umap_", "umap.utils")
    near = neighbours.nearest(NEIGHBOURS - 1)
    # UMAP expects each row first among its own neighbours.
    itself = np.arange(len(codes))[:, None]
    found = np.column_stack([itself, near.rows])
    distances = np.column_stack([np.zeros((len(codes), 1), np.float32), near.distances])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*n_jobs value.*")
        warnings.filterwarnings("ignore", message=".*precomputed_knn.*")
        warnings.filterwarnings("ignore", message=".*not fully connected.*")
        model = umap.UMAP(
            n_components=dimensions,
            n_neighbors=found.shape[1],
            random_state=seed,
            n_jobs=1,
            init=start(codes, seed, dimensions, SCALE),
            precomputed_knn=(found, distances, None),
            tqdm_kwds={"disable": True},
        )
        tell(0.1)
        return np.asarray(model.fit_transform(codes), np.float32)


METHOD = Method(
    "UMAP",
    "Keeps near neighbours together and shows groups; how far groups lie apart, and how wide they are, says little.",
    False,
    project,
)
