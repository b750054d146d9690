"""A file beside the one before it, row by row: which rows are new, came again, changed or are gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.datasets.canonical import read_as
from core.datasets.kin import first_columns, hashes_in, plain, read_alike, same_keys
from core.results import Dataset
from core.storage.store import Store

NEW, SAME, CHANGED = 0, 1, 2  # as in `Since.standing`


@dataclass(frozen=True)
class Since:
    """standing: (N,) uint8 of NEW, SAME, CHANGED. gone: (G,), rows of the file before that are not in this one. missing, more:
    columns that this file has no more, and that it has beside those of the one before; whether a row changed is told from the
    columns of both."""

    standing: NDArray[np.uint8]
    gone: NDArray[np.int64]
    missing: tuple[str, ...]
    more: tuple[str, ...]

    def rows(self, standing: int) -> NDArray[np.int64]:
        """The rows that stand so, in order, (K,)."""
        return np.flatnonzero(self.standing == standing)


def since(store: Store, dataset: Dataset, before: Dataset, renamed: Mapping[str, str] | None = None) -> Since:
    """Reads the cells of both. Files of two lineages have no row in common, whatever their rows are called (core.datasets.kin).
    renamed: columns of the file before that are called otherwise in this one → what they are called here."""
    standing = np.full(dataset.rows, NEW, np.uint8)
    gone = np.ones(before.rows, bool)
    known = {column.name: column for column in dataset.columns}
    there = [column.name for column in before.columns]
    other_names = {
        name: renamed[name] for name in there if renamed and name not in known and renamed.get(name) in known
    }
    called = {name: name for name in there if name in known} | other_names
    if dataset.lineage_id == before.lineage_id:
        shared = [name for name in there if name in called]
        ours, theirs = same_keys(store.datasets.row_keys(dataset), store.datasets.row_keys(before))
        first = first_columns(store.datasets.lineage(dataset.lineage_id))
        kinds = {name: first[name] for name in shared}
        read = [replace(read_as(plain(known[called[name]]), kinds[name]), name=called[name]) for name in shared]
        now, then = hashes_in(store, dataset, read), hashes_in(store, before, read_alike(before.columns, kinds))
        same = now[ours] == then[theirs]
        standing[ours] = np.where(same, SAME, CHANGED)
        gone[theirs] = False
    return Since(
        standing,
        np.flatnonzero(gone),
        tuple(name for name in there if name not in called),
        tuple(name for name in known if name not in called.values()),
    )
