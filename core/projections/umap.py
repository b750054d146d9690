"""UMAP (McInnes, Healy, Melville 2018), seeded, on neighbours that were found before."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
        )
        tell(0.1)
        with _counted(tell):
            return np.asarray(model.fit_transform(codes), np.float32)


@contextmanager
def _counted(tell: Tell) -> Iterator[None]:
    """While it lasts, tell hears of every epoch.

    UMAP has no callback, only a tqdm bar around its epochs, whose place is taken: the bar's lock is shared by all processes
    that were forked after it was made, and who is killed while holding it would stop every map after.
    """
    from umap import layouts

    def epochs(each: range, **_: Any) -> Iterator[int]:
        for done in each:
            tell(0.1 + 0.9 * done / len(each))
            yield done

    bar, layouts.tqdm = layouts.tqdm, epochs
    try:
        yield
    finally:
        layouts.tqdm = bar


METHOD = Method(
    "UMAP",
    "Keeps near neighbours together and shows groups; how far groups lie apart, and how wide they are, says little.",
    False,
    project,
)
