"""PaCMAP (Wang, Huang, Rudin, Shaposhnik 2021), on neighbours that were found before."""

from __future__ import annotations

import io
import re
import warnings
from contextlib import redirect_stdout

import numpy as np
from numpy.typing import NDArray

from core.projections import Method, Tell
from core.projections._compiled import keep_compiled
from core.projections.pca import start
from core.results import Neighbours

NEIGHBOURS = 10
SCALE = 0.01  # of the start
STEPS = (100, 100, 250)  # of its three phases, as PaCMAP itself has them


def project(
    codes: NDArray[np.float32], neighbours: Neighbours, seed: int, dimensions: int, tell: Tell
) -> NDArray[np.float32]:
    """(N, L) → (N, dimensions)."""
    import numba
    import pacmap

    keep_compiled("pacmap.pacmap")
    numba.set_num_threads(1)
    k = min(NEIGHBOURS, neighbours.rows.shape[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own choices for few rows
        model = pacmap.PaCMAP(
            n_components=dimensions,
            n_neighbors=k,
            pair_neighbors=_pairs(neighbours, k),
            apply_pca=False,
            random_state=seed,
            num_iters=STEPS,
            verbose=True,
        )
        tell(0.1)
        with redirect_stdout(_Heard(tell)):
            return np.asarray(model.fit_transform(codes, init=start(codes, seed, dimensions, SCALE)), np.float32)


class _Heard(io.TextIOBase):
    """Where PaCMAP prints to: it has no callback, and says every ten steps how many it has taken."""

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self.hear = tell

    def write(self, text: str) -> int:
        if found := re.match(r"Iteration: +(\d+)", text):
            self.hear(0.1 + 0.9 * int(found[1]) / sum(STEPS))
        return len(text)


def _pairs(neighbours: Neighbours, k: int) -> NDArray[np.int32]:
    """Each row with the k that are nearest for how dense it is there, d² / (σᵢ σⱼ), (N · k, 2). σ: the mean distance to the
    fourth to sixth neighbour."""
    rows, squared = neighbours.rows, neighbours.distances.astype(np.float64) ** 2  # (N, K)
    spread = np.maximum(neighbours.distances[:, 3:6].mean(axis=1, dtype=np.float64), 1e-10)  # (N,)
    scaled = squared / (spread[:, None] * spread[rows])
    order = np.argsort(scaled, axis=1, kind="stable")[:, :k]
    near = np.take_along_axis(rows, order, axis=1)
    return np.column_stack([np.repeat(np.arange(len(rows)), k), near.ravel()]).astype(np.int32)


METHOD = Method(
    "PaCMAP",
    "Keeps neighbours together and, better than UMAP and t-SNE, how groups lie to each other.",
    False,
    project,
)
