"""What of a dataset a network is fed, and how what it says comes back to the dataset's rows: one file a sort of data."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding import AnyEncoder
from core.results import Dataset, Rows
from core.scoring.trained import Output, Trained
from core.specs import RunSpec
from core.storage.store import Store


class Material(Protocol):
    """A dataset as a training sees it. *Items* are the dataset's rows, (N,); *rows* are those of `data`, (R,)."""

    @property
    def encoder(self) -> AnyEncoder: ...

    @property
    def data(self) -> Rows: ...

    def rows_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of `data` that belong to some items, in order."""

    def output(self, trained: Trained) -> Output:
        """Score, split and code of each item."""

    def baselines(self, items: NDArray[np.int64], width: int, seed: int) -> NDArray[np.float64]:
        """Scores of the simple methods, fitted on some items, for every item, (N, 3)."""

    def beside_pca(
        self, trained: Trained, items: NDArray[np.int64], held_back: NDArray[np.int64], width: int
    ) -> dict[str, float | None]:
        """error_network and error_pca: mean squared error on held-back items, of a PCA fitted on `items`."""

    def notices(self) -> list[str]:
        """What a reader of the run should know."""

    def summary(self) -> dict[str, Any]:
        """What the pages need to know of it."""


def material_of(store: Store, dataset: Dataset, spec: RunSpec, items: NDArray[np.int64]) -> Material:
    """A dataset as a training on some of its rows sees it. Raises DatasetRefused, StorageFailed."""
    if dataset.pictures is not None:
        from core.scoring.material.images import Images

        return Images(store, dataset, spec, items)
    if spec.windows is not None:
        from core.scoring.material.series import Series

        return Series(store, dataset, spec, items)
    from core.scoring.material.table import Table

    return Table(store, dataset, spec, items)


def divided(
    store: Store, dataset: Dataset, spec: RunSpec, kept: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of the rows that are kept, those to train on and those to validate on, each in order: by chance, of a series by
    time. Raises DatasetRefused."""
    if spec.windows is not None and dataset.pictures is None:
        from core.scoring.material.series import divided as by_time

        return by_time(store, dataset, spec, kept)
    order = np.random.default_rng(spec.training.seed).permutation(kept)
    held = int(spec.training.validation_share * len(order))
    return np.sort(order[held:]), np.sort(order[:held])
