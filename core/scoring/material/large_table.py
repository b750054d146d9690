"""A table that is larger than memory: encoded once, a part at a time, and read from disk while it trains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding import Encoder
from core.datasets.encoding.encoder import is_encoded
from core.datasets.encoding.on_disk import RowsOnDisk
from core.datasets.typed import one_by_one, typed_table
from core.errors import DiskFull
from core.results import Column, Dataset, Encoded, Table
from core.scoring.baselines import Baselines, Took
from core.scoring.evidence import spaced
from core.scoring.material.parts import (
    Far,
    Split,
    beside_pca,
    number_cells,
    unused_in_words,
    without_values,
    without_values_in_words,
)
from core.scoring.trained import Output, Trained
from core.specs import RunSpec
from core.storage.store import Store

FITTED = 50_000  # rows that the encoding and the simple methods are fitted on
COMPARED = 20_000  # rows that a PCA of equal width is compared on
BLOCK = 20_000  # rows that the simple methods score at once
SPARE = 200_000_000  # bytes of disk that stay free


class LargeTable:
    """core.scoring.material.Material of a table of which only a part is in memory at a time."""

    def __init__(
        self,
        store: Store,
        dataset: Dataset,
        spec: RunSpec,
        kept: NDArray[np.int64],
        tell: Callable[[float], None] = lambda done: None,
    ) -> None:
        self.dataset, self.split = dataset, Split.of(store, dataset, spec, kept)
        self.columns = tuple(column for column in dataset.features if is_encoded(column))
        some = spaced(self.split.train, FITTED)
        names = [column.name for column in self.columns]
        shown = typed_table(store.datasets.some_rows(dataset, some, names), self.columns, some.astype(str))
        self.encoder = Encoder.fit(shown, None, spec.numbers)
        self.far, self.empty = Far(), 0
        folder = store.settings.home / "scratch"
        folder.mkdir(parents=True, exist_ok=True)
        if (needed := 4 * dataset.rows * self.encoder.layout.width) > store.settings.free_bytes - SPARE:
            raise DiskFull(
                f"to train on {dataset.rows:,} rows from disk takes {needed / 1e9:.1f} GB of room, and there is less",
                where=str(folder),
                fix="free some, take a sample of the rows, or make columns that are not needed ignored",
            )
        self.data = RowsOnDisk.write(self.encoder.layout, self._encoded(store, tell), folder)

    def _encoded(self, store: Store, tell: Callable[[float], None]) -> Iterator[Encoded]:
        at = 0
        for part in table_in_parts(store, self.dataset, self.columns):
            self.far = self.far.and_then(Far.of(part, np.arange(at, at + len(part))))
            encoded = self.encoder.encode(part)
            self.empty += without_values(self.encoder, encoded)
            yield encoded
            at += len(part)
            tell(at / self.dataset.rows)

    def rows_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        return items

    def output(self, trained: Trained) -> Output:
        return trained.of_encoded(self.data)

    def baselines(self, width: int, seed: int, took: Took | None = None) -> NDArray[np.float64]:
        some = spaced(self.split.train, FITTED)
        fitted = Baselines.fit(self.data.take(some).compared, some, width, seed, took, self.data.layout.scale)
        blocks = (np.arange(at, min(at + BLOCK, len(self.data))) for at in range(0, len(self.data), BLOCK))
        return np.concatenate([fitted.scores(self.data.take(rows).compared, rows) for rows in blocks])

    def beside_pca(self, trained: Trained, width: int) -> dict[str, float | None]:
        """On cells of numbers only, of some of the rows."""
        cells = number_cells(self.dataset, self.data.layout)
        return beside_pca(trained, self.data, self.split.train, self.split.validation, width, COMPARED, cells)

    def notices(self) -> list[str]:
        fitted = min(FITTED, len(self.split.train))
        return [
            "read from disk while it trained, since its rows take more memory than a training may have; its encoding "
            f"and the simple methods were fitted on {fitted:,} rows, evenly spaced",
            *unused_in_words(self.dataset, self.encoder),
            *without_values_in_words(self.empty),
            *self.far.in_words(),
        ]

    def summary(self) -> dict[str, Any]:
        return {"rows_from": "disk"}


def table_in_parts(store: Store, dataset: Dataset, columns: tuple[Column, ...]) -> Iterator[Table]:
    """The dataset's rows under some columns, some thousand at a time where that can be."""
    names = [column.name for column in columns]
    groups = store.datasets.cells_in_groups(dataset, names)
    for cells in groups if one_by_one(columns) else [store.datasets.cells(dataset, names)]:
        yield typed_table(cells, columns, np.arange(len(cells)).astype(str))
