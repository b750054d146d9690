"""Which earlier dataset holds the same rows as a new file: the same file with rows added, last week's, one with a column more.

Verdicts are kept by row: a row of the new file that was there before keeps what was said of it. That two files name rows
alike is not enough, since many tables count theirs from 1: the cells have to be alike too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.datasets.keys import hashes_of, row_hashes, row_keys
from core.datasets.raw import RawTable
from core.results import Column, Dataset
from core.storage.store import Store

ASKED = 200  # datasets, the newest ones
COLUMNS = 0.5  # of the column names of both, how many at least both have
ROWS = 0.1  # of the rows of the smaller one, how many at least both have
LOOKED_AT = 500  # of those rows
ALIKE = 0.5  # of what chance leaves unlike, how many cells at least are alike in the same rows
LOOKED_BACK = 5  # files of a lineage, the newest, that are asked whether a row changed


@dataclass(frozen=True)
class Named:
    """The rows of a new table: their keys, (N,), and the hashes of what they hold, (N,), both of the cells in these columns; and the
    lineage of the newest dataset with the same rows, empty for none. A row that an earlier file holds with the same cells in all
    columns that both have keeps the hash that it had there: a column more or less changes no row."""

    keys: NDArray[np.str_]
    hashes: list[str]
    made_of: tuple[str, ...]
    lineage_id: str = ""


def named_rows(store: Store, raw: RawTable, columns: tuple[Column, ...], parent: Dataset | None = None) -> Named:
    """Who the rows of a new table are. parent: the dataset that it is another reading of.

    Rows that have no identifier go by the hash of their cells in the columns that the lineage had at first: with a column
    more, or in another order, they are the same rows. Another reading has other cells: it is the same file all the same.
    """
    hashes = row_hashes(raw)
    own = Named(row_keys(raw, columns, hashes), hashes, raw.columns)
    if parent is not None:
        return replace(own, lineage_id=parent.lineage_id)
    for dataset in _with_such_columns(store, raw):
        made_of = store.datasets.key_columns(dataset)
        if made_of != raw.columns and set(made_of) <= set(raw.columns):
            hashes = row_hashes(raw, made_of)
            named = Named(row_keys(raw, columns, hashes), hashes, made_of)
        else:
            named = own
        if _same_rows(store, dataset, raw, columns, named.keys):
            return replace(
                named, hashes=_as_before(store, dataset.lineage_id, raw, named), lineage_id=dataset.lineage_id
            )
    return own


def _as_before(store: Store, lineage_id: str, raw: RawTable, named: Named) -> list[str]:
    """The hashes, (N,), of rows that changed; of the others those that they had in the newest file that holds them.

    A row is the same where its cells are those of every file in which it had that hash: a column that came back with other
    cells is seen, also when it was not in the last file.
    """
    own = np.asarray(named.hashes, str)
    before, unseen, changed = own.copy(), np.ones(len(own), bool), np.zeros(len(own), bool)
    looked_at = set[str]()
    for dataset in reversed(store.datasets.lineage(lineage_id)):
        if dataset.rows_address in looked_at:  # another version of the same file
            continue
        looked_at.add(dataset.rows_address)
        if len(looked_at) > LOOKED_BACK:
            break
        here, there = same_keys(named.keys, store.datasets.row_keys(dataset))
        then = store.datasets.row_contents(dataset)[there]
        before[here] = np.where(unseen[here], then, before[here])
        unseen[here] = False
        doubtful = (before[here] == then) & (own[here] != then)
        if doubtful.any():  # their cells differ, or only the columns that the hashes are made of
            shared = [column.name for column in dataset.columns if column.name in raw.columns]
            ours, theirs = np.asarray(row_hashes(raw, shared), str), hashes_in(store, dataset, shared)
            changed[here[doubtful & (ours[here] != theirs[there])]] = True
    return [str(each) for each in np.where(changed, own, before)]


def same_keys(ours: NDArray[np.str_], theirs: NDArray[np.str_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the rows that both have stand in the one, in order, and in the other, (K,) each."""
    found = pc.index_in(pa.array(ours), value_set=pa.array(theirs))  # (N,), null where it is not there
    here = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    return here, found.drop_null().to_numpy().astype(np.int64)


def hashes_in(store: Store, dataset: Dataset, names: Sequence[str]) -> NDArray[np.str_]:
    """A hash of each row's cells in some columns, in this order, (N,)."""
    if not names:
        return np.full(dataset.rows, "", "U16")
    groups = store.datasets.cells_in_groups(dataset, list(names))
    return np.asarray(hashes_of(batch for group in groups for batch in group.select(list(names)).to_batches()), str)


def _with_such_columns(store: Store, raw: RawTable) -> Iterator[Dataset]:
    """The newest dataset of each lineage that has much the same columns, newest first."""
    names, looked_at = set(raw.columns), set[str]()
    for dataset in store.datasets.find(limit=ASKED):
        if dataset.lineage_id in looked_at or (dataset.pictures is None) != (raw.pictures is None):
            continue
        looked_at.add(dataset.lineage_id)
        theirs = {column.name for column in dataset.columns}
        if len(names & theirs) >= COLUMNS * len(names | theirs):
            yield dataset


def _same_rows(
    store: Store, dataset: Dataset, raw: RawTable, columns: Sequence[Column], keys: NDArray[np.str_]
) -> bool:
    theirs = store.datasets.row_keys(dataset)
    here, there = same_keys(keys, theirs)
    if len(here) == 0 or len(here) < ROWS * min(len(keys), len(theirs)):
        return False
    known = {column.name for column in dataset.columns}
    names = [column.name for column in columns if column.role != "identifier" and column.name in known]
    if not names:
        return True
    some = np.sort(np.random.default_rng(0).choice(len(here), min(LOOKED_AT, len(here)), replace=False))
    ours = raw.some_columns(names).take(here[some])
    other = store.datasets.some_rows(dataset, there[some], names)
    alike = _alike(ours, other)
    chance = _alike(ours, other.take(np.roll(np.arange(len(some)), 1)))  # as rows are that are not the same
    return alike - chance >= ALIKE * (1 - chance)


def _alike(ours: pa.Table, others: pa.Table) -> float:
    """The share of cells that are the same in both."""
    sides = zip(ours.columns, others.columns, strict=True)
    return float(np.mean([[a == b for a, b in zip(x.to_pylist(), y.to_pylist(), strict=True)] for x, y in sides]))
