"""A pandas DataFrame or a numpy array → a typed Table, for the estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import DatasetRefused
from core.results import Column, Kind, Table

CATEGORY_LEVELS = 50


def table_from_frame(data: Any, columns: tuple[Column, ...] | None = None) -> Table:
    """A table of features. With `columns` (from fitting) the kinds are theirs and the names must match.

    Raises DatasetRefused for a wrong shape or missing columns.
    """
    frame = data if isinstance(data, pd.DataFrame) else _frame(data)
    frame = frame.rename(columns=str)
    if columns is None:
        columns = tuple(_column(name, frame[name]) for name in frame.columns)
    missing = [column.name for column in columns if column.name not in frame.columns]
    if missing:
        raise DatasetRefused(
            f"{len(missing)} column(s) of the training data are missing: {', '.join(missing[:5])}",
            where="X",
            fix="hand over a table with the same columns",
        )
    values = {column.name: _values(frame[column.name], column.kind) for column in columns}
    return Table(columns, values, np.arange(len(frame)).astype(str))


def _frame(data: Any) -> pd.DataFrame:
    array = np.asarray(data)
    if array.ndim != 2:
        raise DatasetRefused(
            f"expected a table (2 dimensions), got {array.ndim}; Reshape your data",
            where="X",
            fix="hand over rows × columns",
        )
    return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])])


def _column(name: str, series: pd.Series) -> Column:
    kind: Kind
    if pd.api.types.is_bool_dtype(series.dtype):
        kind = "boolean"
    elif pd.api.types.is_numeric_dtype(series.dtype):
        kind = "number"
    elif pd.api.types.is_datetime64_any_dtype(series.dtype):
        kind = "datetime"
    else:
        numbers = pd.to_numeric(series, errors="coerce")
        if numbers.notna().sum() == series.notna().sum():
            kind = "number"
        else:
            kind = "category" if series.nunique() <= max(CATEGORY_LEVELS, len(series) // 20) else "text"
    return Column(name, kind, "feature", f"dtype {series.dtype}")


def _values(series: pd.Series, kind: Kind) -> NDArray[Any]:
    if kind == "datetime":
        moments = pd.to_datetime(series, utc=True)
        seconds = (moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)
        return seconds.to_numpy(dtype=np.float64, na_value=np.nan)
    if kind in ("number", "boolean"):
        return pd.to_numeric(series).to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray([None if pd.isna(value) else str(value) for value in series], object)
