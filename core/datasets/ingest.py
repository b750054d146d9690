"""From a file to a dataset: read, understand, key, store. And new versions of a dataset's schema."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from core.datasets.keys import row_hashes, row_keys
from core.datasets.kinds import describe, infer
from core.datasets.read import read_file
from core.errors import InputRefused, printable
from core.results import KINDS, ROLES, Column, Dataset, Job
from core.settings import Settings
from core.specs import RunSpec
from core.storage.store import Store


def submit(
    store: Store,
    upload: Path,
    source_name: str,
    *,
    name: str = "",
    label: str | None = None,
    then: RunSpec | None = None,
) -> Job:
    """Queue the reading of a file that was copied under home/uploads, and the run that follows it."""
    args = {
        "upload": str(upload),
        "source_name": printable(source_name),
        "name": printable(name) or Path(printable(source_name)).stem or "data",
        "label": label,
        "then": then.model_dump(mode="json") if then else None,
        # Those of who asks: the supervisor that starts the job may be older than they are.
        "limits": store.settings.limits(),
    }
    return store.jobs.submit("ingest", args)


def ingest(
    store: Store,
    source: Path,
    source_name: str,
    *,
    name: str = "",
    label: str | None = None,
    id_: str | None = None,
    limits: Settings | None = None,
) -> Dataset:
    """Read a file and record it as a dataset; `label` gives that column the role. `limits`: the store's by default.

    Raises FileRefused, TooLarge, InputRefused (no such label), StorageFailed.
    """
    raw = read_file(source, source_name, limits or store.settings)
    columns, notices = infer(raw.cells)
    if label is not None:
        columns = _with_label(columns, label, source_name)
    hashes = row_hashes(raw.cells)
    keys = row_keys(raw.cells, columns, hashes)
    rows = pa.table({"row_key": pa.array(keys.tolist(), pa.string()), "content": hashes, "line": raw.lines})
    notices = (*raw.reading.notices, *notices)
    artifacts, space = store.artifacts, store.space
    cells_address = artifacts.put_table(space, raw.cells)
    return store.datasets.new(
        name=name or Path(source_name).stem or "data",
        source_name=source_name,
        source_address=artifacts.put_file(space, source),
        cells_address=cells_address,
        rows_address=artifacts.put_table(space, rows),
        fingerprint=fingerprint(cells_address, columns),
        rows=raw.cells.num_rows,
        columns=columns,
        reading=replace(raw.reading, notices=notices),
        bytes=source.stat().st_size,
        id_=id_,
    )


def change_columns(store: Store, dataset: Dataset, changes: dict[str, dict[str, str]]) -> Dataset:
    """A new version with other kinds or roles: {column: {"kind": …, "role": …}}. Rows keep their keys.

    Raises InputRefused for an unknown column, kind or role.
    """
    columns: list[Column] = []
    notices: list[str] = []
    known = {column.name for column in dataset.columns}
    for name in changes:
        if name not in known:
            raise InputRefused(f"there is no column “{name}”", where=dataset.name, fix="choose one of its columns")
    for column in dataset.columns:
        wanted = changes.get(column.name, {})
        for what, value in wanted.items():
            allowed: tuple[str, ...] = KINDS if what == "kind" else ROLES
            if value not in allowed:
                raise InputRefused(f"“{value}” is no {what}", where=column.name, fix=f"one of: {', '.join(allowed)}")
        changed: Column = replace(column, **wanted)  # type: ignore[arg-type]
        if changed.kind != column.kind:
            texts = store.datasets.cells(dataset, [column.name])[column.name].to_numpy(zero_copy_only=False)
            changed, said = describe(replace(changed, reason="set by hand"), texts)
            notices += said
        columns.append(changed)
    if sum(column.role == "label" for column in columns) > 1:
        raise InputRefused("two columns are labels", where=dataset.name, fix="keep one, make the other ignored")
    return store.datasets.new(
        name=dataset.name,
        source_name=dataset.source_name,
        source_address=dataset.source_address,
        cells_address=dataset.cells_address,
        rows_address=dataset.rows_address,
        fingerprint=fingerprint(dataset.cells_address, tuple(columns)),
        rows=dataset.rows,
        columns=tuple(columns),
        reading=replace(dataset.reading, notices=(*dataset.reading.notices, *notices)),
        bytes=dataset.bytes,
        parent_id=dataset.id,
    )


def fingerprint(cells_address: str, columns: tuple[Column, ...]) -> str:
    """What a run was fitted on: the cells and how they were understood."""
    schema = [(column.name, column.kind, column.role) for column in columns]
    return hashlib.sha256(json.dumps([cells_address, schema]).encode()).hexdigest()


def _with_label(columns: tuple[Column, ...], label: str, where: str) -> tuple[Column, ...]:
    if label not in {column.name for column in columns}:
        raise InputRefused(
            f"there is no column “{label}” to be the label", where=where, fix="name one of the file's columns"
        )
    return tuple(
        replace(column, role="label", reason="named as the label")
        if column.name == label
        else replace(column, role="feature")
        if column.role == "label"
        else column
        for column in columns
    )
