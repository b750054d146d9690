"""Cells of another file that lie beyond all that a run's own file holds: categories that it has not, numbers outside its range, text
that can't be read as what was learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.typed import typed
from core.datasets.typed import unreadable as unreadable_cells
from core.datasets.written import missing
from core.latent.differences import counted
from core.results import NUMERIC, Column, Dataset, Table
from core.scoring.matching import Matched, called_here
from core.storage.store import Store

MOSTLY_NEW = 0.5  # of the rows, how many different values, from which on one that was never there says nothing


def never_seen(store: Store, trained_on: Dataset, table: Table) -> NDArray[np.bool_]:
    """Which cells, (N, C), in the order of the table's columns; a missing cell is none, nor is one of a text."""
    out = np.zeros((len(table.row_keys), len(table.columns)), bool)
    for i, column in enumerate(table.columns):
        then = trained_on.column(column.name)
        if then.kind in ("text", "boolean"):
            continue
        known = typed(then, store.datasets.cells(trained_on, [then.name])[then.name].to_numpy(zero_copy_only=False))
        out[:, i] = _beyond(table.values[column.name], known, column)
    return out


def unreadable(
    store: Store, dataset: Dataset, learned: Sequence[Column], found: Sequence[Matched]
) -> NDArray[np.bool_]:
    """Which cells of a file hold text that can't be read as the learned kind, and so were taken as empty, (N, C). found: how the
    columns stand to the file's; a column that is taken as empty as a whole is none of it."""
    out = np.zeros((dataset.rows, len(learned)), bool)
    called = called_here([column.name for column in learned], found)
    for i, column in enumerate(learned):
        if column.kind in NUMERIC and (own := called.get(column.name)) is not None:
            cells = store.datasets.cells(dataset, [own])[own]
            out[:, i] = unreadable_cells(column, cells.to_numpy(zero_copy_only=False))
    return out


def _beyond(cells: NDArray[Any], known: NDArray[Any], column: Column) -> NDArray[np.bool_]:
    """cells: (N,), known: (M,)."""
    if cells.dtype.kind == "f":
        there = known[~np.isnan(known)]
        if len(there) == 0:
            return np.zeros(len(cells), bool)
        outside: NDArray[np.bool_] = (cells < there.min()) | (cells > there.max())
        return outside
    separator = column.form if column.kind == "multiple" else ""
    values = np.array([each for each in known if not missing(each)], object)
    seen = set(counted(values, separator))
    if not seen or len(seen) > MOSTLY_NEW * len(values):
        return np.zeros(len(cells), bool)
    told: dict[str, bool] = {}
    for text in {str(each) for each in cells if not missing(each)}:
        told[text] = bool(set(counted(np.array([text], object), separator)) - seen)
    return np.array([not missing(each) and told[str(each)] for each in cells], bool)
