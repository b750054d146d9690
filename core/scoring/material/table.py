"""A table: each of its rows is a row of the matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding import Encoder
from core.datasets.typed import typed_table
from core.results import Dataset
from core.scoring.baselines import NearPCA, Took, baseline_scores
from core.scoring.material.parts import (
    Far,
    Split,
    number_cells,
    unused_in_words,
    without_values,
    without_values_in_words,
)
from core.scoring.trained import Output, Trained
from core.specs import RunSpec
from core.storage.store import Store


class Table:
    """core.scoring.material.Material of a table."""

    def __init__(self, store: Store, dataset: Dataset, spec: RunSpec, kept: NDArray[np.int64]) -> None:
        self.dataset, self.split = dataset, Split.of(store, dataset, spec, kept)
        cells = typed_table(store.datasets.cells(dataset), dataset.columns, store.datasets.row_keys(dataset))
        self.encoder = Encoder.fit(cells, self.split.train, spec.numbers)
        self.data = self.encoder.encode(cells)
        self.far = Far.of(cells, np.arange(dataset.rows))

    def rows_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        return items

    def output(self, trained: Trained) -> Output:
        return trained.of_encoded(self.data)

    def baselines(self, width: int, seed: int, took: Took | None = None) -> NDArray[np.float64]:
        return baseline_scores(self.data.compared, self.split.train, width, seed, took, self.data.layout.scale)

    def beside_pca(self, trained: Trained, width: int) -> dict[str, float | None]:
        """On cells of numbers only."""
        number, held_back = number_cells(self.dataset, self.data.layout), self.split.validation
        if len(held_back) == 0 or len(number) == 0:
            return {"error_network": None, "error_pca": None}
        held = self.data.take(held_back)
        rebuilt = trained.rebuilt(held)
        seen = held.observed[:, number]
        network = ((rebuilt - held.values)[:, number] ** 2)[seen]
        pca = NearPCA.fit(self.data.take(self.split.train).compared, width).errors(held.compared)[:, number][seen]
        return {"error_network": float(network.mean(dtype=np.float64)), "error_pca": float(pca.mean(dtype=np.float64))}

    def notices(self) -> list[str]:
        empty = without_values(self.encoder, self.data)
        return [
            *unused_in_words(self.dataset, self.encoder),
            *without_values_in_words(empty),
            *self.far.in_words(),
        ]

    def summary(self) -> dict[str, Any]:
        return {"rows_from": "memory"}
