"""Text cells → a typed Table, under the kinds of a schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.datasets.parsing import Texts, parse_booleans, parse_moments, parse_numbers
from core.results import Column, Kind, Table

PARSERS: dict[Kind, Callable[[Texts], NDArray[np.float64]]] = {
    "number": parse_numbers,
    "boolean": parse_booleans,
    "datetime": parse_moments,
}


def typed_table(cells: pa.Table, columns: tuple[Column, ...], row_keys: NDArray[np.str_]) -> Table:
    """The cells under their columns' kinds. A cell that is not of its kind is missing."""
    values: dict[str, NDArray[Any]] = {}
    for column in columns:
        texts = cells[column.name].to_numpy(zero_copy_only=False)
        parser = PARSERS.get(column.kind)
        values[column.name] = parser(texts) if parser is not None else texts
    return Table(columns, values, row_keys)
