"""A pandas DataFrame or a numpy array → a typed Table, for the estimator."""

from __future__ import annotations

from decimal import InvalidOperation
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import issparse

from core.errors import DatasetRefused, printable
from core.results import Column, Kind, Table
from core.words import count

CATEGORY_LEVELS = 50
Cells = pd.Series | NDArray[Any]


def table_from_frame(data: Any, columns: tuple[Column, ...] | None = None) -> Table:
    """A table of features. With `columns` (from fitting) the kinds are theirs and the names must match.

    Raises DatasetRefused for a wrong shape or missing columns.
    """
    if issparse(data):
        raise DatasetRefused("sparse input is not supported", where="X", fix="hand over X.toarray()")
    if not isinstance(data, pd.DataFrame):
        data = np.asarray(data)
    cells = _of_frame(data) if isinstance(data, pd.DataFrame) else _of_array(data)
    if not cells:
        raise DatasetRefused(
            f"0 feature(s) (shape={data.shape}) while a minimum of 1 is required", where="X", fix="hand over columns"
        )
    if columns is None:
        columns = tuple(_column(name, column) for name, column in cells.items())
    missing = [column.name for column in columns if column.name not in cells]
    if missing:
        raise DatasetRefused(
            f"{count(len(missing), 'column')} of the training data {'is' if len(missing) == 1 else 'are'} missing: {', '.join(missing[:5])}",
            where="X",
            fix="hand over a table with the same columns",
        )
    values = {column.name: _values(column.name, cells[column.name], column.kind) for column in columns}
    return Table(columns, values, np.arange(len(data)).astype(str))


def _of_frame(frame: pd.DataFrame) -> dict[str, Cells]:
    cells: dict[str, Cells] = {str(name): frame.iloc[:, i] for i, name in enumerate(frame.columns)}
    if len(cells) < len(frame.columns):
        names = [str(name) for name in frame.columns]
        twice = next(name for name in names if names.count(name) > 1)
        raise DatasetRefused(f"two columns are called “{twice}”", where="X", fix="give every column a name of its own")
    return cells


def _of_array(array: NDArray[Any]) -> dict[str, Cells]:
    """Columns x0, x1, …; those of a number array stay views of it."""
    if array.ndim != 2:
        raise DatasetRefused(
            f"expected a table (2 dimensions), got {array.ndim}; Reshape your data",
            where="X",
            fix="hand over rows × columns",
        )
    if array.dtype.kind == "c":
        raise DatasetRefused("Complex data not supported", where="X", fix="hand over real and imaginary parts")
    if array.dtype.kind in "fiub":
        return {f"x{i}": column for i, column in enumerate(array.T)}
    return {f"x{i}": pd.Series(column) for i, column in enumerate(array.T)}


def _column(name: str, series: Cells) -> Column:
    kind: Kind
    if pd.api.types.is_bool_dtype(series.dtype):
        kind = "boolean"
    elif pd.api.types.is_numeric_dtype(series.dtype):
        kind = "number"
    elif pd.api.types.is_datetime64_any_dtype(series.dtype):
        kind = "datetime"
    else:
        texts = pd.Series(series)
        strange = next((value for value in texts if not pd.api.types.is_scalar(value)), None)
        if strange is not None:
            raise DatasetRefused(
                f"a cell of {name} is a {type(strange).__name__}; argument must be a string or a number",
                where="X",
                fix="take it apart into columns",
            )
        numbers = pd.to_numeric(texts, errors="coerce")
        if numbers.notna().sum() == texts.notna().sum():
            kind = "number"
        else:
            kind = "category" if texts.nunique() <= max(CATEGORY_LEVELS, len(texts) // 20) else "text"
    return Column(name, kind, "feature", f"dtype {series.dtype}")


def _values(name: str, series: Cells, kind: Kind) -> NDArray[Any]:
    """Cells under their kind. Raises DatasetRefused for one that is of another."""
    try:
        return _converted(series, kind)
    except (ValueError, TypeError, OverflowError, InvalidOperation) as error:
        raise DatasetRefused(
            f"column {name} was a {kind} column in training, and this is none: {error}",
            where="X",
            fix=f"hand over a {kind}, or nothing, in each of its cells",
        ) from error


def _converted(series: Cells, kind: Kind) -> NDArray[Any]:
    if kind in ("number", "boolean"):
        if isinstance(series, np.ndarray):
            return series.astype(np.float64, copy=False)
        return pd.to_numeric(series).to_numpy(dtype=np.float64, na_value=np.nan)
    if kind == "datetime":
        moments = pd.to_datetime(pd.Series(series), utc=True)
        seconds = (moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)
        return np.asarray(seconds, np.float64)
    return np.asarray([None if pd.isna(value) else printable(str(value)) for value in series], object)
