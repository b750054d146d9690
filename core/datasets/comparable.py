"""Some rows of a dataset as they are compared with others, column by column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.cells import Texts
from core.datasets.typed import typed
from core.results import Column, Dataset
from core.storage.store import Store


@dataclass(frozen=True)
class Comparable:
    """Columns of some rows as they are compared between rows.

    values: (R,) each, as `typed` has them, but of a boolean the words. separators: what stands between several choices in a cell, by column.
    """

    values: dict[str, NDArray[Any]]
    separators: dict[str, str]

    @classmethod
    def of(cls, store: Store, dataset: Dataset, columns: Iterable[Column], rows: NDArray[np.int64]) -> Comparable:
        """Those of the columns that can be compared: not constant ones and not texts."""
        chosen = [column for column in columns if column.kind not in ("constant", "text")]
        if not chosen:
            return cls({}, {})
        texts = store.datasets.some_rows(dataset, rows, [column.name for column in chosen])
        values = {
            column.name: _comparable(column, texts[column.name].to_numpy(zero_copy_only=False)) for column in chosen
        }
        return cls(values, {column.name: column.form for column in chosen if column.kind == "multiple"})


def _comparable(column: Column, texts: Texts) -> NDArray[Any]:
    values = typed(column, texts)
    if column.kind != "boolean":
        return values
    words = np.array(["no", "yes", None], object)
    out: NDArray[np.object_] = words[np.where(np.isnan(values), 2, values > 0).astype(int)]
    return out
