"""The simple detectors that always stand beside the autoencoder, on the same encoded rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import NearestNeighbors

REFERENCE_ROWS = 10_000
NEIGHBOURS = 5


def baseline_scores(
    values: NDArray[np.float32], train_rows: NDArray[np.int64], width: int, seed: int
) -> NDArray[np.float64]:
    """Scores of PCA (`width` components), IsolationForest and kNN, (N, 3), higher is stranger.

    values: (N, D) encoded rows; fitted on `train_rows`.
    """
    fitted = Baselines.fit(values[train_rows], train_rows, width, seed)
    return fitted.scores(values, np.arange(len(values)))


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
    reference: NDArray[np.int64]  # (R,): the rows that neighbours are looked for among

    @classmethod
    def fit(cls, values: NDArray[np.float32], rows: NDArray[np.int64], width: int, seed: int) -> Baselines:
        """values: (T, D), the rows to train on; rows: (T,), which ones they are, so that none is its own neighbour."""
        forest = IsolationForest(random_state=seed, n_jobs=1).fit(values)
        some = np.arange(len(rows))
        if len(rows) > REFERENCE_ROWS:
            some = np.sort(np.random.default_rng(seed).choice(len(rows), REFERENCE_ROWS, replace=False))
        neighbours = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(some) - 1) + 1).fit(values[some])
        return cls(NearPCA.fit(values, width), forest, neighbours, rows[some])

    def scores(self, values: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """(B, 3) of rows (B, D); rows: (B,), which ones they are."""
        forest = np.asarray(-self.forest.score_samples(values), np.float64)
        return np.column_stack([self.pca.errors(values).sum(axis=1), forest, self._distances(values, rows)])

    def _distances(self, values: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Mean distance to the nearest reference rows; a row is not its own neighbour."""
        distances, found = self.neighbours.kneighbors(values)
        k = distances.shape[1] - 1
        own = self.reference[found] == rows[:, None]
        # Where a row finds itself it is dropped, else the farthest of the k + 1.
        drop = np.where(own.any(axis=1), own.argmax(axis=1), k)
        keep = np.arange(k + 1)[None, :] != drop[:, None]
        return np.asarray((distances * keep).sum(axis=1) / k, np.float64)
