"""The simple detectors that always stand beside the autoencoder, on the same encoded rows."""

from __future__ import annotations

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
    return np.column_stack(
        [
            pca_errors(values, train_rows, width).sum(axis=1),
            _forest(values, train_rows, seed),
            _neighbours(values, train_rows, seed),
        ]
    )


def pca_errors(values: NDArray[np.float32], train_rows: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """Squared difference between each cell and its PCA reconstruction, (N, D)."""
    data = np.clip(values.astype(np.float64), -50, 50)
    components = max(1, min(width, data.shape[1] - 1, len(train_rows) - 1)) if data.shape[1] > 1 else 0
    if components == 0:
        return np.asarray((data - data[train_rows].mean(axis=0)) ** 2)
    model = PCA(components, svd_solver="full").fit(data[train_rows])
    return np.asarray((data - model.inverse_transform(model.transform(data))) ** 2)


def _forest(values: NDArray[np.float32], train_rows: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    forest = IsolationForest(random_state=seed, n_jobs=1).fit(values[train_rows])
    return np.asarray(-forest.score_samples(values), np.float64)


def _neighbours(values: NDArray[np.float32], train_rows: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Mean distance to the nearest reference rows; a row is not its own neighbour."""
    rows = train_rows
    if len(rows) > REFERENCE_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, REFERENCE_ROWS, replace=False))
    k = min(NEIGHBOURS, len(rows) - 1)
    model = NearestNeighbors(n_neighbors=k + 1).fit(values[rows])
    distances, found = model.kneighbors(values)
    own = rows[found] == np.arange(len(values))[:, None]
    # Where a row finds itself it is dropped, else the farthest of the k + 1.
    drop = np.where(own.any(axis=1), own.argmax(axis=1), k)
    keep = np.arange(k + 1)[None, :] != drop[:, None]
    return np.asarray((distances * keep).sum(axis=1) / k, np.float64)
