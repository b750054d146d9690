"""Text cells → a typed Table, under the kinds of a schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.datasets.cells import UNKNOWN_WORDS, Floats, Texts, distinct, say_missing
from core.datasets.parsing import parsed, says_missing
from core.datasets.spelling import has_spelling, spelt
from core.results import NUMERIC, Column, Table


def typed_table(cells: pa.Table, columns: tuple[Column, ...], row_keys: NDArray[np.str_]) -> Table:
    """The cells under their columns' kind, form, unit and missing words. A cell that is not of its kind is missing.

    Where the column has a form, a row alone gives the same values as in the whole column.
    """
    values = {column.name: typed(column, cells[column.name].to_numpy(zero_copy_only=False)) for column in columns}
    return Table(columns, values, row_keys)


def one_by_one(columns: Iterable[Column]) -> bool:
    """Whether each row can be read by itself: a column that was stored before forms were is decided from all its cells."""
    return all(column.form or column.kind not in ("number", "datetime") for column in columns)


def numeric(column: Column, texts: Texts) -> Floats:
    """A number, boolean or datetime column's values, NaN where a cell is missing or of another kind, (N,)."""
    cells = distinct(texts)
    values = parsed(column, cells.values)
    if values is None:
        raise ValueError(f"a {column.kind} column has no numbers")
    return cells.spread(values)


def unreadable(column: Column, texts: Texts) -> NDArray[np.bool_]:
    """Which of a column's cells hold text that is neither of its kind nor a word for a missing value, and so count as missing, (N,).
    None where the kind takes any text."""
    cells = distinct(texts)
    values = parsed(column, cells.values)
    if values is None:
        return np.zeros(len(texts), bool)
    lost = np.isnan(values) & ~says_missing(column, cells.values) & ~say_missing(cells.values, UNKNOWN_WORDS)
    out: NDArray[np.bool_] = np.append(lost, False)[cells.places]
    return out


def typed(column: Column, texts: Texts) -> NDArray[Any]:
    """A column's cells as a table in memory has them, (N,): float64 with NaN, or text with None, where missing."""
    if column.kind in NUMERIC:
        return numeric(column, texts)
    respelt = has_spelling(column)
    if not column.missing_words and not respelt:
        return texts
    cells = distinct(texts)
    values = spelt(cells.values, column.form) if respelt else cells.values
    out = texts.copy()
    if respelt:
        there = cells.places >= 0
        out[there], out[~there] = values[cells.places[there]], None
    out[np.append(says_missing(column, values), False)[cells.places]] = None
    return out
