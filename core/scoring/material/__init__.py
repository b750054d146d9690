"""What of a dataset a network is fed, and how what it says comes back to the dataset's rows: one file a sort of data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding import AnyEncoder
from core.datasets.seen import stays_on_disk
from core.results import Dataset, Rows
from core.scoring.material.parts import Far, Split
from core.scoring.trained import Output, Trained
from core.specs import RunSpec
from core.storage.store import Store


class Material(Protocol):
    """A dataset as a training sees it. *Items* are the dataset's rows, (N,); *rows* are those of `data`, (R,)."""

    @property
    def split(self) -> Split:
        """The items to train and to validate on."""

    @property
    def encoder(self) -> AnyEncoder: ...

    @property
    def data(self) -> Rows: ...

    @property
    def far(self) -> Far:
        """The items with a cell beyond what a network's numbers reach."""

    def rows_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of `data` that belong to some items, in order."""

    def output(self, trained: Trained) -> Output:
        """Score, split and code of each item."""

    def baselines(self, width: int, seed: int, took: dict[str, float] | None = None) -> NDArray[np.float64]:
        """Scores of the simple methods, fitted on the items to train on, for every item, (N, 3). took: is told how many
        seconds each took."""

    def beside_pca(self, trained: Trained, width: int) -> dict[str, float | None]:
        """error_network and error_pca: mean squared error on items to validate on, of a PCA fitted on those to train on."""

    def notices(self) -> list[str]:
        """What a reader of the run should know."""

    def summary(self) -> dict[str, Any]:
        """What the pages need to know of it."""


def material_of(
    store: Store,
    dataset: Dataset,
    spec: RunSpec,
    kept: NDArray[np.int64],
    tell: Callable[[float], None] = lambda done: None,
) -> Material:
    """A dataset as a training on those of its rows that are kept sees it. Raises DatasetRefused, StorageFailed.

    tell: hears how much of a table that is read part by part is read, in [0, 1]; may raise Cancelled.
    """
    if dataset.pictures is not None:
        from core.scoring.material.images import Images

        return Images(store, dataset, spec, kept)
    if spec.windows is not None:
        from core.scoring.material.series import Series

        return Series(store, dataset, spec, kept)
    if stays_on_disk(spec, dataset, store.settings):
        from core.scoring.material.large_table import LargeTable

        return LargeTable(store, dataset, spec, kept, tell)
    from core.scoring.material.table import Table

    return Table(store, dataset, spec, kept)
