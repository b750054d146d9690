"""Which earlier dataset holds the same rows as a new file: the same file with rows added, last week's, one with a column more.

Verdicts are kept by row: a row of the new file that was there before keeps what was said of it. That two files name rows
alike is not enough, since many tables count theirs from 1: the cells have to be alike too. A row that is found in an earlier file
goes by the key that it has there, whatever that was made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.datasets.canonical import canonical, read_as
from core.datasets.keys import hashes_of, identifier, names_each, row_hashes, with_ordinals
from core.datasets.raw import RawTable
from core.results import Column, Dataset
from core.storage.store import Store

ASKED = 200  # datasets, the newest ones
COLUMNS = 0.5  # of the column names of both, how many at least both have
ROWS = 0.1  # of the rows of the smaller one, how many at least both have
LOOKED_AT = 500  # of those rows
ALIKE = 0.5  # of what chance leaves unlike, how many cells at least are alike in the same rows
LOOKED_BACK = 5  # files of a lineage, the newest, that are asked whether a row changed
KEPT = 3  # ways in which a table's rows were hashed, beside its own, that are kept for the next to ask
HASHED = re.compile(r"^[0-9a-f]{16}(-\d+)?$")  # as a key looks that is made of a hash
TOLD_APART = 0.95  # of the rows of a file, how many at least the columns left tell from all others
Places = tuple[
    NDArray[np.int64], NDArray[np.int64]
]  # of the rows that both have, in the one and in the other, (K,) each


@dataclass(frozen=True)
class Named:
    """The rows of a new table: their keys, (N,); those by their own cells alone, (N,), and the columns that these are made of; hashes of
    what the rows hold, (N,); and the lineage of the newest dataset with the same rows, empty for none. A row that an earlier file
    holds with the same cells in all columns that both have keeps the hash that it had there: a column more or less changes no row."""

    keys: NDArray[np.str_]
    own_keys: NDArray[np.str_]
    keyed_by: tuple[Column, ...]
    hashes: list[str]
    lineage_id: str = ""


def named_rows(store: Store, raw: RawTable, columns: tuple[Column, ...], parent: Dataset | None = None) -> Named:
    """Who the rows of a new table are. parent: the dataset that it is another reading of, and has the rows of in any case.

    A file of an earlier one's lineage is keyed by the columns of that one's keys, under the kinds that these had at first: neither
    another way of writing, nor another order of columns, nor a column more makes other rows, be it one that numbers them.
    """
    new = _New(raw, columns)
    for dataset in _with_such_columns(store, raw) if parent is None else (parent,):
        files = _files(store, dataset)
        if parent is None and not _same_rows(store, files[0], new, files[0].places(new)):
            continue
        own_keys, by = new.own_keys()
        for file in files:  # the oldest that will do is the last
            if (keys := new.keys(file.by)) is not None:
                own_keys, by = keys, file.by
        keys = _known(store, files, new, own_keys)
        return Named(keys, own_keys, by, _as_before(store, files, new, keys), dataset.lineage_id)
    own_keys, by = new.own_keys()
    return Named(own_keys, own_keys, by, new.hashes(new.columns))


class _New:
    """The table that came, keyed in the ways that it is asked for."""

    def __init__(self, raw: RawTable, columns: Sequence[Column]) -> None:
        self.raw, self.columns = raw, [plain(column) for column in columns]
        self._hashes: dict[tuple[Column, ...], list[str]] = {}
        self.hashes(self.columns)

    def hashes(self, columns: Sequence[Column]) -> list[str]:
        """Of the rows' cells in these columns, read like this, (N,)."""
        if (read := tuple(columns)) not in self._hashes:
            if len(self._hashes) > KEPT:  # those asked for first, the table's own, stay
                del self._hashes[list(self._hashes)[1]]
            self._hashes[read] = row_hashes(self.raw, read)
        return self._hashes[read]

    def own_keys(self) -> tuple[NDArray[np.str_], tuple[Column, ...]]:
        """The identifier where one has that role and is unique, else the row's hash with its ordinal among equals; and of which columns."""
        if (named := identifier(self.raw, self.columns)) is not None:
            return as_texts(self.raw.column(named.name)), (named,)
        return with_ordinals(self.hashes(self.columns)), tuple(replace(each, role="feature") for each in self.columns)

    def keys(self, by: Sequence[Column]) -> NDArray[np.str_] | None:
        """As another file's rows are keyed, (N,); None where this table lacks what it takes."""
        if not by or not {column.name for column in by} <= set(self.raw.columns):
            return None
        if by[0].role == "identifier":
            return _named_by(self.raw.column(by[0].name))
        return with_ordinals(self.hashes(self.read(by)))

    def read(self, like: Iterable[Column]) -> list[Column]:
        """How columns are read that are these in an earlier file."""
        return read_alike(self.columns, {column.name: column for column in like})


class _Earlier:
    """A stored file, as its rows are looked for in a new one. by: what its own keys are made of."""

    def __init__(self, store: Store, dataset: Dataset, first: Mapping[str, Column]) -> None:
        self.store, self.dataset, self.first = store, dataset, first
        self.recorded = store.datasets.keyed_by(dataset)
        self.by = self.recorded or self._made_of()

    def _made_of(self) -> tuple[Column, ...]:
        """Of a file that does not say so, since its keys were made when they still were of the text of cells."""
        keys = self.store.datasets.row_keys(self.dataset)
        few = np.arange(min(LOOKED_AT, len(keys)))
        named = any(column.role == "identifier" for column in self.dataset.columns)
        hashed = not named and all(HASHED.match(key) for key in keys[few])
        for column in () if hashed else self.dataset.columns:
            some = self.store.datasets.some_rows(self.dataset, few, [column.name]).column(0)
            if some.to_pylist() == keys[few].tolist() and self._cells(column) == keys.tolist():
                return (replace(plain(column), role="identifier"),)
        names = set(self.store.datasets.key_columns(self.dataset))
        return tuple(
            replace(self.first[each.name], role="feature") for each in self.dataset.columns if each.name in names
        )

    def _cells(self, column: Column) -> list[str | None]:
        cells: list[str | None] = self.store.datasets.cells(self.dataset, [column.name]).column(0).to_pylist()
        return cells

    @cached_property
    def own_keys(self) -> NDArray[np.str_]:
        """Of keys made of the text of cells: what they would be now, (N,)."""
        if self.recorded:
            return self.store.datasets.own_keys(self.dataset)
        if self.by[0].role == "identifier":
            return self.store.datasets.row_keys(self.dataset)
        return with_ordinals(hashes_in(self.store, self.dataset, self.read(self.by)).tolist())

    def read(self, like: Iterable[Column]) -> list[Column]:
        """How its own columns are read, as those of the new table are."""
        return read_alike(self.dataset.columns, {column.name: column for column in like})

    def places(self, new: _New) -> Places:
        """Where the same rows stand in the new table and here."""
        keys = new.keys(self.by)
        return same_keys(keys, self.own_keys) if keys is not None else self._by_shared(new)

    def _by_shared(self, new: _New) -> Places:
        """By the cells in the columns that both have, where these tell nearly all rows here apart; rows alike in them are nobody's."""
        shared = self.shared(new)
        theirs = hashes_in(self.store, self.dataset, self.read(shared))
        once = _stand_once(theirs)
        if not shared or once.sum() < TOLD_APART * len(once):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        ours = np.asarray(new.hashes(new.read(shared)), str)
        here, there = same_keys(ours, theirs)
        sure = _stand_once(ours)[here] & once[there]
        return here[sure], there[sure]

    def shared(self, new: _New) -> list[Column]:
        """The columns that both have, as they were understood at first."""
        return [self.first[column.name] for column in self.dataset.columns if column.name in new.raw.columns]


def plain(column: Column) -> Column:
    """Of a column only what says how its cells are read, and its role."""
    read = {
        what: getattr(column, what) for what in ("name", "kind", "role", "form", "unit", "missing_words", "question")
    }
    return Column(**read, reason="")


def _named_by(cells: pa.ChunkedArray) -> NDArray[np.str_] | None:
    """The keys of rows that an earlier file names by these cells, (N,): of a few that stand more than once the first is that row, and
    the others are told apart; None where they name too few."""
    if names_each(cells):
        return as_texts(cells)
    different = pc.count_distinct(cells, mode="only_valid").as_py()
    if cells.null_count or different < TOLD_APART * len(cells) or not names_each(cells.unique()):
        return None
    keys = with_ordinals(cells.to_pylist())
    return keys if len(np.unique(keys)) == len(keys) else None


def as_texts(column: pa.ChunkedArray) -> NDArray[np.str_]:
    """A column without empty cells, (N,)."""
    return np.asarray(column.to_pylist(), str)


def first_columns(files: Iterable[Dataset]) -> dict[str, Column]:
    """The columns of a lineage's files, given oldest first, as they were understood when they first were there."""
    first: dict[str, Column] = {}
    for dataset in files:
        for column in dataset.columns:
            if column.name not in first or first[column.name].kind == "constant":
                first[column.name] = plain(column)
    return first


def read_alike(here: Iterable[Column], first: Mapping[str, Column]) -> list[Column]:
    """How the columns of `first`, in that order, are read in a file that has them, to be compared with those of other files."""
    known = {column.name: plain(column) for column in here}
    return [read_as(known[name], column) for name, column in first.items()]


def _files(store: Store, newest: Dataset) -> list[_Earlier]:
    """The files of a dataset's lineage, newest first and this one before all; of the versions of a file one."""
    lineage = store.datasets.lineage(newest.lineage_id)
    first = first_columns(lineage)
    different = {(each.rows_address, each.cells_address): each for each in (newest, *reversed(lineage))}
    return [_Earlier(store, each, first) for each in different.values()]


def _stand_once(values: NDArray[np.str_]) -> NDArray[np.bool_]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse] == 1)


def _known(store: Store, files: Sequence[_Earlier], new: _New, own_keys: NDArray[np.str_]) -> NDArray[np.str_]:
    """The keys that the rows have in the lineage, (N,): in the file that says most of who they are, of these the newest. Of rows that
    are nowhere their own."""
    keys: dict[int, str] = {}
    taken = set[str]()
    for file in sorted(files, key=lambda file: (file.by[0].role != "identifier", -len(file.by))):
        here, there = file.places(new)
        theirs = store.datasets.row_keys(file.dataset)[there]
        for row, key in zip(here.tolist(), theirs.tolist(), strict=True):
            if row not in keys and key not in taken:
                keys[row] = key
                taken.add(key)
    for row, own in enumerate(own_keys.tolist()):
        if row not in keys:
            number, key = 0, own
            while key in taken:  # another row went by it before
                number += 1
                key = f"{own}-{number}"
            keys[row] = key
            taken.add(key)
    return np.asarray([keys[row] for row in range(len(own_keys))], str)


def _as_before(store: Store, files: Sequence[_Earlier], new: _New, keys: NDArray[np.str_]) -> list[str]:
    """The hashes, (N,), of rows that changed; of the others those that they had in the newest file that holds them.

    A row is the same where its cells are those of every file in which it had that hash: a column that came back with other
    cells is seen, also when it was not in the last file.
    """
    own = np.asarray(new.hashes(new.columns), str)
    before, unseen, changed = own.copy(), np.ones(len(own), bool), np.zeros(len(own), bool)
    for file in files[:LOOKED_BACK]:
        here, there = same_keys(keys, store.datasets.row_keys(file.dataset))
        then = store.datasets.row_contents(file.dataset)[there]
        before[here] = np.where(unseen[here], then, before[here])
        unseen[here] = False
        doubtful = (before[here] == then) & (own[here] != then)
        if doubtful.any():  # their cells differ, or only what the hashes are made of
            shared = file.shared(new)
            ours = np.asarray(new.hashes(new.read(shared)), str)
            theirs = hashes_in(store, file.dataset, file.read(shared))
            changed[here[doubtful & (ours[here] != theirs[there])]] = True
    return [str(each) for each in np.where(changed, own, before)]


def same_keys(ours: NDArray[np.str_], theirs: NDArray[np.str_]) -> Places:
    """Where the rows that both have stand in the one, in order, and in the other, (K,) each."""
    found = pc.index_in(pa.array(ours), value_set=pa.array(theirs))  # (N,), null where it is not there
    here = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    return here, found.drop_null().to_numpy().astype(np.int64)


def hashes_in(store: Store, dataset: Dataset, columns: Sequence[Column]) -> NDArray[np.str_]:
    """A hash of what each row's cells say in some columns, in this order and read like this, (N,)."""
    if not columns:
        return np.full(dataset.rows, "", "U16")
    names = [column.name for column in columns]
    groups = store.datasets.cells_in_groups(dataset, names)
    batches = (batch for group in groups for batch in group.select(names).to_batches())
    return np.asarray(hashes_of(batches, columns), str)


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


def _same_rows(store: Store, file: _Earlier, new: _New, found: Places) -> bool:
    here, there = found
    if len(here) == 0 or len(here) < ROWS * min(new.raw.rows, file.dataset.rows):
        return False
    naming = {column.name for column in (*new.columns, *file.by) if column.role == "identifier"}
    shared = [column for column in file.shared(new) if column.name not in naming]
    if not shared:
        return True
    some = np.sort(np.random.default_rng(0).choice(len(here), min(LOOKED_AT, len(here)), replace=False))
    names = [column.name for column in shared]
    ours = _said(new.raw.some_columns(names).take(here[some]), new.read(shared))
    others = _said(store.datasets.some_rows(file.dataset, there[some], names), file.read(shared))
    alike = _alike(ours, others)
    chance = _alike(ours, others.take(np.roll(np.arange(len(some)), 1)))  # as rows are that are not the same
    return alike - chance >= ALIKE * (1 - chance)


def _said(cells: pa.Table, columns: Sequence[Column]) -> pa.Table:
    return pa.table({column.name: canonical(cells[column.name].combine_chunks(), column) for column in columns})


def _alike(ours: pa.Table, others: pa.Table) -> float:
    """The share of cells that are the same in both."""
    sides = zip(ours.columns, others.columns, strict=True)
    return float(np.mean([[a == b for a, b in zip(x.to_pylist(), y.to_pylist(), strict=True)] for x, y in sides]))
