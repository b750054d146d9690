"""What of another file a trained model can be asked about: its columns by name, and what happens with those that differ."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.datasets.spelling import has_spelling, spelt_so
from core.datasets.typed import typed, typed_table
from core.datasets.written import missing
from core.errors import InputRefused, NotFound
from core.results import Column, Dataset, Run, Table
from core.storage.records import from_json
from core.storage.store import Store
from core.words import count

LOOKED_AT = 2_000  # rows
UNREADABLE = 0.5  # of the cells that hold something, from which on a column can't be read as it was learned
MOST_LACKING = 0.2  # of the learned columns, beyond which a score would mean nothing
LIKE_CELLS, DIFFERENT = (
    0.6,
    20,
)  # of a column's different cells, how many stood in another one, and how many there are at least
NAMED = 5  # columns that a sentence names

Standing = Literal["same", "read otherwise", "other unit", "spelt otherwise", "missing", "unreadable", "more"]
Renamed = Mapping[str, str]  # learned column → what it is called in the file


@dataclass(frozen=True)
class Matched:
    """One column of the run or of the file. lost: of the cells looked at, the share that can't be read as it was learned.
    written: the file's name for it, where that is another one."""

    column: str
    standing: Standing
    lost: float = 0.0
    written: str = ""

    @property
    def lacking(self) -> bool:
        """Whether the model sees nothing of it."""
        return self.standing in ("missing", "unreadable")

    def in_words(self) -> str:
        """What will happen with a column that is there; empty where nothing has to be said. The name as it is, not escaped."""
        if self.standing == "unreadable":
            return f"“{self.column}” can't be read as it was learned ({self.lost:.0%} of its cells): they are taken as empty"
        if self.standing == "other unit":
            return f"“{self.column}” has another unit here than when it was learned: its numbers are taken as they are"
        if self.standing == "spelt otherwise":
            return f"“{self.column}” is spelt otherwise here: its levels are taken as they were learned"
        if self.standing == "read otherwise":
            lost = f"; {self.lost:.1%} of its cells can't be and are taken as empty" if self.lost else ""
            return f"“{self.column}” looks like another kind here; it is read as it was learned{lost}"
        return ""


def in_words(found: Sequence[Matched]) -> list[str]:
    """What will happen with the columns that differ, those of one sort in one sentence. Names as they are, not escaped."""
    said = [f"“{each.written}” is taken for “{each.column}”" for each in found if each.written]
    if names := [each.column for each in found if each.standing == "missing"]:
        said.append(f"{_named(names)} not in the file: taken as empty in every row")
    if names := [each.column for each in found if each.standing == "spelt otherwise"]:
        said.append(f"{_named(names)} spelt otherwise here: the levels are taken as they were learned")
    said += filter(None, (each.in_words() for each in found if each.standing != "spelt otherwise"))
    if names := [each.column for each in found if each.standing == "more"]:
        learned = "was" if len(names) == 1 else "were"
        listed = _listed(names)
        said.append(
            f"{listed} {learned} not learned from: the score does not look at {'it' if len(names) == 1 else 'them'}"
        )
    return said


def _named(names: Sequence[str]) -> str:
    return f"{_listed(names)} {'is' if len(names) == 1 else 'are'}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {count(len(names) - NAMED, 'more column')}" if len(names) > NAMED else ""
    return ", ".join(f"“{name}”" for name in names[:NAMED]) + more


def read_as(learned: Column, dataset: Dataset, renamed: Renamed) -> Column:
    """How a learned column is read in another file: numbers and times as they are written there, all else as it was learned."""
    written = renamed.get(learned.name, learned.name)
    return _read_as(learned, next((column for column in dataset.columns if column.name == written), None))


def _read_as(learned: Column, here: Column | None) -> Column:
    if here is None or here.kind != learned.kind or here.kind not in ("number", "datetime"):
        return spelt_so(replace(learned, role="feature"))
    return replace(learned, role="feature", form=here.form, unit=here.unit)


def matched(store: Store, learned: Sequence[Column], dataset: Dataset, renamed: Renamed) -> tuple[Matched, ...]:
    """The learned columns, then what else is in the file. Some thousand rows are looked at. renamed: those of which somebody
    said what they are called there; Raises InputRefused where that is no column."""
    here = {column.name: column for column in dataset.columns}
    _refuse_unknown(renamed, {column.name for column in learned}, here, dataset)
    names = {column.name: renamed.get(column.name, column.name) for column in learned}
    rows = np.unique(np.linspace(0, dataset.rows - 1, min(LOOKED_AT, dataset.rows)).astype(np.int64))
    cells = store.datasets.some_rows(dataset, rows, [name for name in names.values() if name in here])
    out = [
        stands(column, here[names[column.name]], cells[names[column.name]].to_numpy(zero_copy_only=False))
        if names[column.name] in here
        else Matched(column.name, "missing")
        for column in learned
    ]
    known = {*names.values()}
    more = [column for column in dataset.columns if column.name not in known and column.role == "feature"]
    return (*out, *(Matched(column.name, "more") for column in more))


def stands(learned: Column, here: Column, texts: NDArray[np.object_]) -> Matched:
    """How a file's column stands to the learned one that it is taken for. texts: some of its cells, (N,)."""
    own = [not missing(value) for value in typed(here, texts).tolist()]
    cells = typed(as_here := _read_as(learned, here), texts).tolist()
    read = [not missing(value) for value in cells]
    lost = sum(a and not b for a, b in zip(own, read, strict=True)) / max(1, sum(own))
    standing: Standing = "same" if _alike(learned, here) else "read otherwise"
    if lost > UNREADABLE:
        standing = "unreadable"
    elif learned.kind == here.kind == "number" and learned.unit != here.unit:
        standing = "other unit"
    elif has_spelling(as_here) and any(a is not None and a != b for a, b in zip(cells, texts.tolist(), strict=True)):
        standing = "spelt otherwise"
    return Matched(learned.name, standing, lost, here.name if here.name != learned.name else "")


def _refuse_unknown(renamed: Renamed, learned: Collection[str], here: Collection[str], dataset: Dataset) -> None:
    taken = [*renamed.values(), *(name for name in learned if name in here)]  # each of the file stands for one
    for name, written in renamed.items():
        if name not in learned or written not in here or name in here or taken.count(written) > 1:
            raise InputRefused(
                f"“{written[:60]}” can't be taken for “{name[:60]}”",
                where=dataset.name,
                fix="name a column that the run learned from and the file lacks, and one of the file that stands for no other",
            )


def likely_names(
    store: Store, trained_on: Dataset, lacking: Sequence[str], more: Mapping[str, Sequence[str | None]]
) -> dict[str, str]:
    """Of learned columns that are not in a file, those of the file that are likely the same under another name: by the name, or by
    the cells, of which most stood in the column before. To be asked about, never taken unasked. more: the file's other columns,
    with some of their cells."""
    out = _by_name(lacking, list(more))
    left = [name for name in more if name not in out.values()]
    for name in [each for each in lacking if each not in out][:NAMED] if left else ():
        known = set(store.datasets.cells(trained_on, [name])[name].to_pylist()) - {None}
        shares = {each: _share_known(more[each], known) for each in left}
        best = max(shares, key=lambda each: shares[each], default="")
        if best and shares[best] >= LIKE_CELLS:
            out[name] = best
            left.remove(best)
    return out


def _by_name(lacking: Sequence[str], more: Sequence[str]) -> dict[str, str]:
    """Of each the only one of the same letters and digits, or where one of both has something behind, such as a unit in brackets; not
    c10 for c1."""
    out: dict[str, str] = {}
    for name in lacking:
        like = [
            each
            for each in more
            if _plain(each) == _plain(name) != "" or _has_more_behind(each, name) or _has_more_behind(name, each)
        ]
        if len(like) == 1 and like[0] not in out.values():
            out[name] = like[0]
    return out


def _has_more_behind(name: str, start: str) -> bool:
    name, start = name.casefold().strip(), start.casefold().strip()
    return start != "" and name.startswith(start) and not name[len(start) : len(start) + 1].isalnum()


def _share_known(cells: Sequence[str | None], known: Collection[str]) -> float:
    """Of the different cells, how many are known; 0 where there are too few to say so."""
    different = set(cells) - {None}
    return sum(cell in known for cell in different) / len(different) if len(different) >= DIFFERENT else 0.0


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def called_here(names: Sequence[str], found: Sequence[Matched]) -> dict[str, str]:
    """What learned columns are called in a file, but for those that it lacks. found: how they stand to the file's."""
    lacking = {each.column for each in found if each.lacking}
    written = {each.column: each.written for each in found if each.written}
    return {name: written.get(name, name) for name in names if name not in lacking}


def as_learned(store: Store, dataset: Dataset, learned: Sequence[Column], found: Sequence[Matched] = ()) -> Table:
    """A file's rows under the kinds that were learned; a column that is lacking is empty in every row. found: how the columns
    stand to the file's; by default as they are called."""
    called = called_here([column.name for column in learned], found)
    cells = store.datasets.cells(dataset, list(called.values()))
    cells = cells.select(list(called.values())).rename_columns(list(called))
    for column in learned:
        if column.name not in called:
            cells = cells.append_column(column.name, pa.nulls(dataset.rows, pa.string()))
    return typed_table(cells, tuple(learned), store.datasets.row_keys(dataset))


def rows_of_run(store: Store, run: Run, dataset: Dataset, names: Sequence[str]) -> Table:
    """The rows that a run is about, in the columns that it learned from: of another file's rows under the kinds of then."""
    return as_learned(store, dataset, columns_of_run(store, run, dataset, names), matched_of(store, run))


def matched_of(store: Store, run: Run) -> tuple[Matched, ...]:
    """How the columns of a scored file stand to those that were learned; of a run that was trained nothing."""
    if "matched" not in run.artifacts:
        return ()
    return from_json(tuple[Matched, ...], store.artifacts.get_json(store.space, run.artifacts["matched"]))


def fitting_runs(
    store: Store, names: Collection[str], not_on: Collection[str] = (), shape: tuple[int, int, int] | None = None
) -> list[Run]:
    """Trained runs that can look at a file with such columns, or at images of such a height, width and number of colours; those with
    the fewest columns lacking first, then those whose file had the most like columns, then those on rows of which somebody said
    something, then the newest. not_on: datasets whose runs are left out."""
    here = set(names)
    out: list[tuple[int, int, str, Run]] = []
    for run, dataset in _trained(store, not_on):
        theirs = {column.name for column in dataset.columns}
        lacking = _lacking(run, here, theirs, shape)
        if lacking is not None:
            out.append((lacking, len(here ^ theirs) if shape is None else 0, dataset.lineage_id, run))
    judged = {lineage for lineage in {lineage for _, _, lineage, _ in out} if store.verdicts.stamp(lineage)[0]}
    # Among equals the newest first, as they were found.
    return [run for *_, run in sorted(out, key=lambda each: (each[0], each[1], each[2] not in judged))]


def _trained(store: Store, not_on: Collection[str]) -> Iterator[tuple[Run, Dataset]]:
    """The runs that were trained, with what they learned from, the newest first."""
    known: dict[str, Dataset] = {}
    for run in store.runs.find():
        if not run.ready or run.dataset_id in not_on or "scored_with" in run.summary:
            continue
        try:
            dataset = known.get(run.dataset_id) or store.datasets.get(run.dataset_id)
        except NotFound:  # deleted in this moment
            continue
        known[dataset.id] = dataset
        yield run, dataset


def _lacking(run: Run, here: set[str], theirs: set[str], shape: tuple[int, int, int] | None) -> int | None:
    """How many of the run's columns are not in the file by their names; None where it can't look at it, even if what else is in the
    file were those columns under other names. here: the file's columns; theirs: those of the file that the run learned from.
    Images have to be of the size and colours that it learned from, a series needs all columns, also of time and group."""
    if "image_score" in run.summary or shape is not None:
        return 0 if "image_score" in run.summary and shape == tuple(run.summary["shape"]) else None
    learned, windows = run.summary["columns"], run.summary.get("windows")
    if windows is not None:
        return 0 if {*learned, *filter(None, (windows["time"], windows["group"]))} <= here else None
    lacking = [name for name in learned if name not in here]
    if len(lacking) > len(learned) / 2:
        return None
    return len(lacking) if len(lacking) - len(here - theirs) <= MOST_LACKING * len(learned) else None


def learned_by(store: Store, model: Run) -> list[Column]:
    """The columns that a trained run learned from, as its own file has them."""
    trained_on = store.datasets.get(model.dataset_id)
    return [trained_on.column(name) for name in model.summary["columns"]]


def called_in_file(store: Store, run: Run, dataset: Dataset, names: Sequence[str]) -> dict[str, str]:
    """What the columns that a run learned from are called in the file of its rows; those that it lacks are not among them."""
    there = {column.name for column in dataset.columns}
    called = called_here(names, matched_of(store, run))
    return {name: own for name, own in called.items() if own in there}


def columns_of_run(store: Store, run: Run, dataset: Dataset, names: Sequence[str]) -> list[Column]:
    """The columns that a run learned from, as its rows are read: those of another file under the kinds of then."""
    if "learned" not in run.artifacts:
        return [replace(dataset.column(name), role="feature") for name in names]
    return list(from_json(tuple[Column, ...], store.artifacts.get_json(store.space, run.artifacts["learned"])))


def _alike(learned: Column, here: Column) -> bool:
    """A column that does not vary in a small file says nothing of its kind."""
    return learned.kind == here.kind or "constant" in (learned.kind, here.kind)


def refuse_beforehand(store: Store, model: Run, dataset: Dataset, renamed: Renamed) -> None:
    """Raises what `matched` and `refuse_meaningless` do before a run is made of a table that could not be scored; of images and
    series the job says so."""
    if "image_score" in model.summary or model.summary.get("windows") is not None or dataset.pictures is not None:
        return
    learned = learned_by(store, store.runs.get(model.summary.get("scored_with", model.id)))
    refuse_meaningless(matched(store, learned, dataset, renamed), dataset.source_name)


def refuse_meaningless(found: Sequence[Matched], where: str) -> None:
    """Raises InputRefused where so much is lacking that a score would mean nothing."""
    learned = [each for each in found if each.standing != "more"]
    lacking = [each.column for each in learned if each.lacking]
    if what := too_little(lacking, len(learned)):
        raise InputRefused(
            what,
            where=where,
            fix="upload a file with the same columns, in any order, or train on this one",
        )


def too_little(lacking: Sequence[str], learned: int) -> str:
    """What is lacking, where it is so much that a score would mean nothing; else nothing. learned: how many columns were learned."""
    if len(lacking) <= MOST_LACKING * learned:
        return ""
    named = ", ".join(lacking[:NAMED]) + (" …" if len(lacking) > NAMED else "")
    return f"of {count(learned, 'column')} that the run learned from {len(lacking)} can't be found or read: {named}"
