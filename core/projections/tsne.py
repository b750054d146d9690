"""t-SNE (van der Maaten and Hinton 2008) as openTSNE has it (Poličar, Stražar, Zupan 2024), begun at the codes' PCA
(Kobak and Berens 2019)."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from core.latent.neighbours import neighbours_among
from core.projections import Method, Tell
from core.projections.pca import start
from core.results import Neighbours

PERPLEXITY = 30
EARLY, REST = 250, 500  # steps with exaggeration, and without
OFTEN = 10  # steps between two looks at whether to go on
INTERPOLATED = 10_000  # rows from which repulsion is interpolated (Linderman et al. 2019), of maps in 2-D
SCALE = 1e-3  # of the start; small, so that early exaggeration can sort it


def project(
    codes: NDArray[np.float32], neighbours: Neighbours, seed: int, dimensions: int, tell: Tell
) -> NDArray[np.float32]:
    """(N, L) → (N, dimensions)."""
    import openTSNE
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    wide = min(3 * PERPLEXITY, len(codes) - 1)
    near = neighbours if neighbours.rows.shape[1] >= wide else neighbours_among(codes, wide)
    known = PrecomputedNeighbors(near.rows[:, :wide].astype(np.int64), near.distances[:, :wide].astype(np.float64))
    tell(0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own choices for few rows
        affinities = PerplexityBasedNN(perplexity=min(PERPLEXITY, wide / 3), knn_index=known, n_jobs=1)
    layout = openTSNE.TSNEEmbedding(
        start(codes, seed, dimensions, SCALE).astype(np.float64),
        affinities,
        negative_gradient_method="fft" if dimensions == 2 and len(codes) > INTERPOLATED else "bh",
        n_jobs=1,
        random_state=seed,
    )
    done = 0

    def told(iteration: int, error: float, embedding: NDArray[np.float64]) -> None:
        tell(0.1 + 0.9 * min(1.0, (done + iteration) / (EARLY + REST)))

    watched = {"callbacks": told, "callbacks_every_iters": OFTEN, "propagate_exception": True}
    layout = layout.optimize(EARLY, exaggeration=12, momentum=0.8, **watched)
    done = EARLY
    layout = layout.optimize(REST, momentum=0.8, **watched)
    return np.asarray(layout, np.float32)


METHOD = Method(
    "t-SNE",
    "Keeps the nearest neighbours together better than most; groups come apart, and neither their sizes nor what lies "
    "between them say much.",
    False,
    project,
)
