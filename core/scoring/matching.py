"""What of another file a trained model can be asked about: its columns by name, and what happens with those that differ."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa

from core.datasets.typed import typed, typed_table
from core.datasets.written import missing
from core.errors import InputRefused
from core.results import Column, Dataset, Run, Table
from core.storage.records import from_json
from core.storage.store import Store
from core.words import count

LOOKED_AT = 2_000  # rows
UNREADABLE = 0.5  # of the cells that hold something, from which on a column can't be read as it was learned
MOST_LACKING = 0.2  # of the learned columns, beyond which a score would mean nothing

Standing = Literal["same", "read otherwise", "other unit", "missing", "unreadable", "more"]


@dataclass(frozen=True)
class Matched:
    """One column of the run or of the file. lost: of the cells looked at, the share that can't be read as it was learned."""

    column: str
    standing: Standing
    lost: float = 0.0

    @property
    def lacking(self) -> bool:
        """Whether the model sees nothing of it."""
        return self.standing in ("missing", "unreadable")

    def in_words(self) -> str:
        """What will happen with it; empty where nothing has to be said. The name as it is, not escaped."""
        if self.standing == "missing":
            return f"“{self.column}” is not in the file: taken as empty in every row"
        if self.standing == "unreadable":
            return f"“{self.column}” can't be read as it was learned ({self.lost:.0%} of its cells): they are taken as empty"
        if self.standing == "other unit":
            return f"“{self.column}” has another unit here than when it was learned: its numbers are taken as they are"
        if self.standing == "read otherwise":
            lost = f"; {self.lost:.1%} of its cells can't be and are taken as empty" if self.lost else ""
            return f"“{self.column}” looks like another kind here; it is read as it was learned{lost}"
        if self.standing == "more":
            return f"“{self.column}” was not learned from: the score does not look at it"
        return ""


def read_as(learned: Column, dataset: Dataset) -> Column:
    """How a learned column is read in another file: numbers and times as they are written there, all else as it was learned."""
    here = next((column for column in dataset.columns if column.name == learned.name), None)
    if here is None or here.kind != learned.kind or here.kind not in ("number", "datetime"):
        return replace(learned, role="feature")
    return replace(learned, role="feature", form=here.form, unit=here.unit)


def matched(store: Store, learned: Sequence[Column], dataset: Dataset) -> tuple[Matched, ...]:
    """The learned columns, then what else is in the file. Some thousand rows are looked at."""
    here = {column.name: column for column in dataset.columns}
    names = [column.name for column in learned if column.name in here]
    rows = np.unique(np.linspace(0, dataset.rows - 1, min(LOOKED_AT, dataset.rows)).astype(np.int64))
    cells = store.datasets.some_rows(dataset, rows, names)
    out = []
    for column in learned:
        if column.name not in here:
            out.append(Matched(column.name, "missing"))
            continue
        texts = cells[column.name].to_numpy(zero_copy_only=False)
        own = [not missing(value) for value in typed(here[column.name], texts).tolist()]
        read = [not missing(value) for value in typed(read_as(column, dataset), texts).tolist()]
        there = max(1, sum(own))
        lost = sum(a and not b for a, b in zip(own, read, strict=True)) / there
        if lost > UNREADABLE:
            out.append(Matched(column.name, "unreadable", lost))
        elif column.kind == here[column.name].kind == "number" and column.unit != here[column.name].unit:
            out.append(Matched(column.name, "other unit", lost))
        else:
            out.append(Matched(column.name, "same" if _alike(column, here[column.name]) else "read otherwise", lost))
    known = {column.name for column in learned}
    more = [column for column in dataset.columns if column.name not in known and column.role == "feature"]
    return (*out, *(Matched(column.name, "more") for column in more))


def as_learned(store: Store, dataset: Dataset, learned: Sequence[Column], lacking: Collection[str]) -> Table:
    """A file's rows under the kinds that were learned; a column that is lacking is empty in every row."""
    cells = store.datasets.cells(dataset, [column.name for column in learned if column.name not in lacking])
    for name in lacking:
        cells = cells.append_column(name, pa.nulls(dataset.rows, pa.string()))
    return typed_table(cells, tuple(learned), store.datasets.row_keys(dataset))


def rows_of_run(store: Store, run: Run, dataset: Dataset, names: Sequence[str]) -> Table:
    """The rows that a run is about, in the columns that it learned from: of another file's rows under the kinds of then."""
    learned = columns_of_run(store, run, dataset, names)
    if "learned" not in run.artifacts:
        return as_learned(store, dataset, learned, ())
    found = from_json(tuple[Matched, ...], store.artifacts.get_json(store.space, run.artifacts["matched"]))
    return as_learned(store, dataset, learned, {each.column for each in found if each.lacking})


def columns_of_run(store: Store, run: Run, dataset: Dataset, names: Sequence[str]) -> list[Column]:
    """The columns that a run learned from, as its rows are read: those of another file under the kinds of then."""
    if "learned" not in run.artifacts:
        return [replace(dataset.column(name), role="feature") for name in names]
    return list(from_json(tuple[Column, ...], store.artifacts.get_json(store.space, run.artifacts["learned"])))


def _alike(learned: Column, here: Column) -> bool:
    """A column that does not vary in a small file says nothing of its kind."""
    return learned.kind == here.kind or "constant" in (learned.kind, here.kind)


def refuse_meaningless(found: Sequence[Matched], where: str) -> None:
    """Raises InputRefused where so much is lacking that a score would mean nothing."""
    learned = [each for each in found if each.standing != "more"]
    lacking = [each.column for each in learned if each.lacking]
    if len(lacking) > MOST_LACKING * len(learned):
        raise InputRefused(
            f"of {count(len(learned), 'column')} that the run learned from {len(lacking)} can't be found or read: "
            f"{', '.join(lacking[:5])}{' …' if len(lacking) > 5 else ''}",
            where=where,
            fix="upload a file with the same columns, in any order, or train on this one",
        )
