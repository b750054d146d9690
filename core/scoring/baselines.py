"""The simple detectors that always stand beside the autoencoder, on the same encoded rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import NearestNeighbors

REFERENCE_ROWS = 10_000
NEIGHBOURS = 5


Took = dict[str, float]


def baseline_scores(
    values: NDArray[np.float32],
    train_rows: NDArray[np.int64],
    width: int,
    seed: int,
    took: Took | None = None,
    scale: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Scores of PCA (`width` components), IsolationForest and kNN, (N, 3), higher is stranger.

    values: (N, D) encoded rows; fitted on `train_rows`. took, scale: as in `Baselines.fit`.
    """
    fitted = Baselines.fit(values[train_rows], train_rows, width, seed, took, scale)
    return fitted.scores(values, np.arange(len(values)))


@contextmanager
def timed(took: Took, name: str) -> Iterator[None]:
    """Add the seconds that something takes to what is known of it."""
    began = time.perf_counter()
    yield
    took[name] = took.get(name, 0.0) + time.perf_counter() - began


@dataclass(frozen=True)
class NearPCA:
    """A PCA of rows whose far cells are drawn in."""

    centre: NDArray[np.float64]  # (D,)
    model: PCA | None  # None where there is one column: its mean is all

    @classmethod
    def fit(cls, values: NDArray[np.float32], width: int) -> NearPCA:
        """values: (T, D), the rows to train on; width: components at most."""
        data = _near(values)
        components = max(1, min(width, data.shape[1] - 1, len(data) - 1)) if data.shape[1] > 1 else 0
        return cls(data.mean(axis=0), PCA(components, svd_solver="full").fit(data) if components else None)

    def errors(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Squared difference between each cell and its reconstruction, (B, D)."""
        data = _near(values)
        made = self.centre if self.model is None else self.model.inverse_transform(self.model.transform(data))
        return np.asarray((data - made) ** 2)


def _near(values: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.clip(values.astype(np.float64), -50, 50)


@dataclass(frozen=True)
class Baselines:
    """The simple detectors, fitted."""

    pca: NearPCA
    forest: IsolationForest
    neighbours: NearestNeighbors
    scale: NDArray[np.float32]  # (D,) or (): of distances between neighbours
    reference: NDArray[np.int64]  # (R,): the rows that neighbours are looked for among
    took: Took  # seconds, by name, to fit and to score

    @classmethod
    def fit(
        cls,
        values: NDArray[np.float32],
        rows: NDArray[np.int64],
        width: int,
        seed: int,
        took: Took | None = None,
        scale: NDArray[np.float64] | None = None,
    ) -> Baselines:
        """values: (T, D), the rows to train on; rows: (T,), which ones they are, so that none is its own neighbour.

        took: is told how long each took; scale: (D,), what cells are multiplied by before distances are taken.
        """
        took = {} if took is None else took
        apart = np.asarray(1.0 if scale is None else scale, np.float32)
        with timed(took, "IsolationForest"):
            forest = IsolationForest(random_state=seed, n_jobs=1).fit(values)
        some = np.arange(len(rows))
        if len(rows) > REFERENCE_ROWS:
            some = np.sort(np.random.default_rng(seed).choice(len(rows), REFERENCE_ROWS, replace=False))
        with timed(took, "kNN"):
            neighbours = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(some) - 1) + 1).fit(values[some] * apart)
        with timed(took, "PCA"):
            pca = NearPCA.fit(values, width)
        return cls(pca, forest, neighbours, apart, rows[some], took)

    def scores(self, values: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """(B, 3) of rows (B, D); rows: (B,), which ones they are."""
        with timed(self.took, "IsolationForest"):
            forest = np.asarray(-self.forest.score_samples(values), np.float64)
        with timed(self.took, "PCA"):
            pca = self.pca.errors(values).sum(axis=1)
        with timed(self.took, "kNN"):
            distances = self._distances(values, rows)
        return np.column_stack([pca, forest, distances])

    def _distances(self, values: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Mean distance to the nearest reference rows; a row is not its own neighbour."""
        distances, found = self.neighbours.kneighbors(values * self.scale)
        k = distances.shape[1] - 1
        own = self.reference[found] == rows[:, None]
        # Where a row finds itself it is dropped, else the farthest of the k + 1.
        drop = np.where(own.any(axis=1), own.argmax(axis=1), k)
        keep = np.arange(k + 1)[None, :] != drop[:, None]
        return np.asarray((distances * keep).sum(axis=1) / k, np.float64)
