"""From a file to a dataset: read, understand, key, store. And new versions of a dataset's schema."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.datasets import perhaps_label
from core.datasets.containers import unpacked
from core.datasets.kin import named_rows
from core.datasets.kinds import describe, infer
from core.datasets.raw import EMPTY, RawPictures, RawTable, Tell, short_columns, silent
from core.datasets.read import read_file
from core.errors import FileRefused, InputRefused, printable
from core.results import KINDS, ROLES, Column, Dataset, Job, Pictures, Template
from core.settings import Settings
from core.specs import FOUND, ReadOptions, RunSpec, ScoreWith
from core.storage.datasets import with_keyed_by
from core.storage.store import Store
from core.words import count

# How far the work is when a stage of it is done; measured on tables of a million rows.
READ, UNDERSTOOD, KEYED = 0.15, 0.8, 0.92


def submit(
    store: Store,
    upload: Path,
    source_name: str,
    *,
    name: str = "",
    label: str | None = None,
    then: RunSpec | ScoreWith | None = None,
    options: ReadOptions = FOUND,
    parent: Dataset | None = None,
    keep: bool = False,
) -> Job:
    """Queue the reading of a file, and the run that follows it, or the score that an earlier one gives it.

    keep: the file stays where it is; one that was copied under home/uploads goes when it was read. parent: the
    dataset that this is another reading of.
    """
    args = {
        "upload": str(upload),
        "source_name": printable(source_name),
        "name": printable(name) or Path(unpacked(printable(source_name))).stem or "data",
        "label": label,
        "then": None
        if then is None
        else then.model_dump(mode="json", exclude_defaults=True),  # the rest suits the data
        "then_is": "score" if isinstance(then, ScoreWith) else "train",
        "options": options.model_dump(exclude_defaults=True),
        "parent": parent.id if parent is not None else None,
        "keep": keep,
        # Those of who asks: the supervisor that starts the job may be older than they are.
        "limits": store.settings.limits(),
    }
    return store.jobs.submit("ingest", args)


def read_refused(store: Store, job: Job, options: ReadOptions) -> Job:
    """Queue the reading of a file that was refused, in another way; with what was asked for with it.

    Raises InputRefused where the uploaded file is gone.
    """
    if not Path(job.args["upload"]).exists():
        raise InputRefused("the uploaded file is gone", where=job.args["source_name"], fix="upload it again")
    args = {**job.args, "options": options.model_dump(exclude_defaults=True), "limits": store.settings.limits()}
    again = store.jobs.submit("ingest", args)
    store.jobs.forget(job.id)
    return again


def read_again(store: Store, dataset: Dataset, options: ReadOptions) -> Job:
    """Queue another reading of a dataset's file; a new version of it, with the same schema where columns are the same."""
    source = store.artifacts.local_path(store.space, dataset.source_address)
    return submit(store, source, dataset.source_name, name=dataset.name, options=options, parent=dataset, keep=True)


def ingest(
    store: Store,
    source: Path,
    source_name: str,
    *,
    name: str = "",
    label: str | None = None,
    id_: str | None = None,
    limits: Settings | None = None,
    options: ReadOptions = FOUND,
    parent: Dataset | None = None,
    like: Dataset | None = None,
    tell: Tell = silent,
) -> Dataset:
    """Read a file and record it as a dataset; `label` gives that column the role. `limits`: the store's by default.

    parent: the dataset that this is another reading of. like: the file of last time; what somebody decided on its columns, or on its
    parent's, holds for those of the same name. tell: hears how far it is; what it raises ends it.

    Raises FileRefused, TooLarge, InputRefused (no such label), StorageFailed.
    """
    reading = partial(_part, tell, 0.0, READ)
    raw = with_rows(read_file(source, source_name, limits or store.settings, options, reading), source_name)
    columns, notices = understood(raw, partial(_part, tell, READ, UNDERSTOOD))
    if (last := parent or like) is not None:
        decided = tuple(column for column in last.columns if column.reason.endswith(BY_HAND))
        columns, changed = with_schema(columns, decided, raw.column)
        notices = (
            *(notice for notice in notices if not notice.startswith(_about(changed))),
            *itertools.chain(*changed.values()),
        )
    if label is not None:
        columns = _with_label(columns, label, source_name)
    tell(UNDERSTOOD, "naming the rows")
    named = named_rows(store, raw, columns, parent)
    rows = pa.table(
        {
            "row_key": pa.array(named.keys.tolist(), pa.string()),
            "own_key": pa.array(named.own_keys.tolist(), pa.string()),
            "content": named.hashes,
            "line": raw.lines,
        }
    )
    notices = (*raw.reading.notices, *notices)
    artifacts, space = store.artifacts, store.space
    tell(KEYED, "storing the table")
    cells_address = artifacts.put_file(space, raw.path)
    pictures = _stored(store, raw.pictures) if raw.pictures is not None else None
    return store.datasets.new(
        name=name or Path(unpacked(source_name)).stem or "data",
        source_name=source_name,
        source_address=artifacts.put_file(space, source),
        cells_address=cells_address,
        rows_address=artifacts.put_table(space, with_keyed_by(rows, named.keyed_by)),
        fingerprint=fingerprint(cells_address, columns, pictures),
        rows=raw.rows,
        columns=columns,
        reading=replace(raw.reading, notices=notices),
        bytes=source.stat().st_size,
        rejects_address=artifacts.put_table(space, _rejects(raw)) if raw.rejects else "",
        pictures=pictures,
        parent=parent,
        lineage_id=named.lineage_id,
        id_=id_,
    )


def understood(raw: RawTable, tell: Tell = silent) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns of a table that was read, and what to say of them.

    Those that tell about images are no features: what the network sees is the images.
    """
    columns, notices = infer(_each_column(raw, tell))
    if raw.pictures is None:
        return columns, notices
    roles = raw.pictures.roles
    about = [replace(column, role=roles[column.name], question="", reason="about the images") for column in columns]
    return tuple(about), ()


def _stored(store: Store, pictures: RawPictures) -> Pictures:
    def put(path: Path) -> str:
        return store.artifacts.put_file(store.space, path)

    return replace(
        pictures.pictures,
        pieces_address=put(pictures.pieces),
        thumbs_address=put(pictures.thumbs),
        places_address=put(pictures.places) if pictures.places is not None else "",
    )


def _part(tell: Tell, start: float, end: float, done: float, words: str) -> None:
    """Tell how far a stage is that goes from `start` to `end` of the whole."""
    tell(start + done * (end - start), words)


def _each_column(raw: RawTable, tell: Tell) -> Iterator[tuple[str, pa.ChunkedArray]]:
    for i, column in enumerate(raw.each_column()):
        tell(i / len(raw.columns), f"understanding column {i + 1:,} of {len(raw.columns):,}")
        yield column


def with_rows(raw: RawTable, source_name: str) -> RawTable:
    """The table, where there is something in it. Raises FileRefused."""
    if raw.rows:
        return raw
    if raw.rejects and all(reject.reason == EMPTY for reject in raw.rejects):
        raise FileRefused(
            f"{'below the header ' if raw.columns else ''}every cell is empty, in {count(len(raw.rejects), 'line')}",
            where=source_name,
            fix="open the file and look whether the values were saved with it, then upload one with at least one row of data",
        )
    raise FileRefused(
        "there is a header but no row below it" if raw.columns else "the file is empty",
        where=source_name,
        fix="upload a table with a header and at least one row of data",
    )


def _rejects(raw: RawTable) -> pa.Table:
    return pa.table(
        {
            "line": pa.array([reject.line for reject in raw.rejects], pa.int64()),
            "text": pa.array([printable(reject.text) for reject in raw.rejects], pa.string()),
            "reason": pa.array([printable(reject.reason) for reject in raw.rejects], pa.string()),
        }
    )


# What a user may say about a column. Everything else is found.
MOST_IGNORED = 0.95  # of an image
BY_HAND = "set by hand"  # how the reason of a column ends that a user has changed
DECIDED = ("kind", "role", "form", "unit", "levels", "missing_words")


def change_columns(store: Store, dataset: Dataset, changes: dict[str, dict[str, Any]]) -> Dataset:
    """A new version under another schema: {column: {any of DECIDED: value}}. Rows keep their keys.

    A column that is named with what it has already is confirmed: its question is answered. Raises InputRefused for
    an unknown column, kind or role, and for a schema that fits no cell.
    """
    described, notices = changed_columns(store, dataset, changes)
    columns = tuple(described.get(column.name, column) for column in dataset.columns)
    return new_version(store, dataset, columns, notices, changed=described)


def changed_columns(
    store: Store, dataset: Dataset, changes: dict[str, dict[str, Any]]
) -> tuple[dict[str, Column], tuple[str, ...]]:
    """What `change_columns` would make of the columns that it changes, and what there is to say of them.

    Raises InputRefused as it does.
    """
    known = {column.name for column in dataset.columns}
    described: dict[str, Column] = {}
    notices: list[str] = []
    for name, change in changes.items():
        if name not in known:
            raise InputRefused(f"there is no column “{name}”", where=dataset.name, fix="choose one of its columns")
        described[name], said = _changed(dataset.column(name), change, partial(short_cells, store, dataset, name))
        notices += said
    return described, tuple(notices)


def short_cells(store: Store, dataset: Dataset, name: str) -> pa.ChunkedArray:
    """A column as `core.datasets.raw.short_columns` gives it: in little memory, and enough to say what it is."""
    with pq.ParquetFile(store.artifacts.local_path(store.space, dataset.cells_address)) as file:
        return short_columns(file, [name])[name]


def ignore_regions(store: Store, dataset: Dataset, boxes: tuple[tuple[float, float, float, float], ...]) -> Dataset:
    """A new version of images in which nothing looks at these rectangles (left, top, right, bottom, in shares).

    Raises InputRefused for a dataset without images, and where nothing would be left.
    """
    if dataset.pictures is None:
        raise InputRefused("there are no images in it", where=dataset.name, fix="choose a dataset of images")
    for left, top, right, bottom in boxes:
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise InputRefused("a region lies outside the image", where=dataset.name, fix="draw it again")
    if _covered(boxes) > MOST_IGNORED:
        raise InputRefused("the regions cover nearly all of the image", where=dataset.name, fix="draw smaller ones")
    marked = replace(dataset, pictures=replace(dataset.pictures, ignored=boxes))
    what = f"{len(boxes)} region{'s' if len(boxes) != 1 else ''} of every image set to be ignored"
    return new_version(store, marked, dataset.columns, (what,))


def _covered(boxes: tuple[tuple[float, float, float, float], ...]) -> float:
    """The share of an image that lies in any of the boxes, on a grid of 100 × 100."""
    middles = (np.arange(100) + 0.5) / 100
    inside = np.zeros((100, 100), bool)
    for left, top, right, bottom in boxes:
        rows, columns = (middles >= top) & (middles < bottom), (middles >= left) & (middles < right)
        inside |= rows[:, None] & columns
    return float(inside.mean())


def apply_template(store: Store, dataset: Dataset, template: Template) -> Dataset:
    """A new version under a schema that was kept. Raises InputRefused where no column has a name of the template's."""
    columns, changed = with_schema(dataset.columns, template.columns, partial(short_cells, store, dataset))
    laid = {column.name for column in template.columns} & {column.name for column in dataset.columns}
    if not laid:
        raise InputRefused(
            "none of its columns is in this table", where=f"schema “{template.name}”", fix="choose another schema"
        )
    others = [column.name for column in dataset.columns if column.name not in laid]
    notices = [f"the schema “{template.name}” was laid over {len(laid):,} columns"]
    if others:
        notices.append(
            f"not in the schema “{template.name}”: {', '.join(others[:5])}{', …' if len(others) > 5 else ''}"
        )
    said = itertools.chain(notices, *changed.values())
    return new_version(store, dataset, columns, said, changed=changed)


def differs_from(columns: tuple[Column, ...], template: Template) -> tuple[str, ...]:
    """The columns of which a kept schema says something else."""
    decided = {column.name: column for column in template.columns}
    return tuple(
        column.name for column in columns if column.name in decided and _decisions(column, decided[column.name])
    )


def with_schema(
    columns: tuple[Column, ...], schema: tuple[Column, ...], cells: Callable[[str], pa.ChunkedArray]
) -> tuple[tuple[Column, ...], dict[str, tuple[str, ...]]]:
    """The columns as decided in a schema, where they have its names; and what to say of each that this changed."""
    decided = {column.name: column for column in schema}
    out: list[Column] = []
    changed: dict[str, tuple[str, ...]] = {}
    for column in columns:
        wanted = decided.get(column.name)
        if wanted is not None and (change := _decisions(column, wanted)):
            column, changed[column.name] = _changed(column, change, partial(cells, column.name))
        out.append(column)
    return tuple(out), changed


def _decisions(column: Column, wanted: Column) -> dict[str, Any]:
    """What was decided otherwise; nothing of a column that holds nothing here."""
    if column.distinct == 0:
        return {}
    return {what: getattr(wanted, what) for what in DECIDED if getattr(wanted, what) != getattr(column, what)}


def _changed(
    column: Column, change: dict[str, Any], cells: Callable[[], pa.ChunkedArray]
) -> tuple[Column, tuple[str, ...]]:
    for what, value in change.items():
        if what not in DECIDED:
            raise InputRefused(f"“{what}” can't be set", where=column.name, fix=f"one of: {', '.join(DECIDED)}")
        allowed: tuple[str, ...] = KINDS if what == "kind" else ROLES if what == "role" else ()
        if allowed and value not in allowed:
            raise InputRefused(f"“{value}” is no {what}", where=column.name, fix=f"one of: {', '.join(allowed)}")
    values: dict[str, Any] = {what: _usable(what, value, column.name) for what, value in change.items()}
    if set(change) == {"role"} and not column.question:
        by_hand = column.reason if column.reason.endswith(BY_HAND) else f"{column.reason}; role {BY_HAND}"
        return replace(column, role=values["role"], reason=by_hand), ()
    return describe(replace(column, **values, reason=BY_HAND), cells())


def _usable(what: str, value: Any, where: str) -> str | tuple[str, ...]:
    """What a user says, as it is kept. Raises InputRefused."""
    several = what in ("levels", "missing_words")
    texts = list(value) if several and isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(text, str) for text in texts) or (several and not isinstance(value, (list, tuple))):
        raise InputRefused(f"{what} can't be {value!r:.40}", where=where, fix="a text, or several of them")
    return tuple(printable(text) for text in texts) if several else printable(texts[0])


def new_version(
    store: Store,
    dataset: Dataset,
    columns: tuple[Column, ...],
    notices: Iterable[str] = (),
    changed: Iterable[str] = (),
) -> Dataset:
    """The same cells under another schema. changed: columns of which what was said before is no longer so.

    Raises InputRefused where two columns are labels.
    """
    before = [notice for notice in dataset.reading.notices if not notice.startswith(_about(changed))]
    if sum(column.role == "label" for column in columns) > 1:
        raise InputRefused("two columns are labels", where=dataset.name, fix="keep one, make the other ignored")
    return store.datasets.new(
        name=dataset.name,
        source_name=dataset.source_name,
        source_address=dataset.source_address,
        cells_address=dataset.cells_address,
        rows_address=dataset.rows_address,
        fingerprint=fingerprint(dataset.cells_address, columns, dataset.pictures),
        rows=dataset.rows,
        columns=columns,
        reading=replace(dataset.reading, notices=(*before, *notices)),
        bytes=dataset.bytes,
        rejects_address=dataset.rejects_address,
        pictures=dataset.pictures,
        parent=dataset,
    )


def _about(names: Iterable[str]) -> tuple[str, ...]:
    """How the notices about these columns begin."""
    return tuple(f"column “{name}”" for name in names)


def fingerprint(cells_address: str, columns: tuple[Column, ...], pictures: Pictures | None = None) -> str:
    """What a run was fitted on: the cells and how they were understood, and the images."""
    schema = [[column.name, *(getattr(column, what) for what in DECIDED)] for column in columns]
    images = [pictures.pieces_address, pictures.ignored] if pictures is not None else []
    return hashlib.sha256(json.dumps([cells_address, schema, *images]).encode()).hexdigest()


def _with_label(columns: tuple[Column, ...], label: str, where: str) -> tuple[Column, ...]:
    if label not in {column.name for column in columns}:
        raise InputRefused(
            f"there is no column “{label}” to be the label", where=where, fix="name one of the file's columns"
        )
    return tuple(
        replace(perhaps_label.settled(column), role="label", reason="named as the label")
        if column.name == label
        else replace(perhaps_label.settled(column), role="feature")
        if column.role == "label"
        else perhaps_label.settled(column)
        for column in columns
    )
