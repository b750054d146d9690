"""Triage as CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.export.csv import neutralise
from core.export.triage.rows import BEFORE, BEHIND, Asked, ours
from core.storage.store import Store

AT_ONCE = 1_000  # rows as Python values
NUMBERS = {"row": pa.int64(), "score": pa.float64(), "percentile": pa.float64(), "flag": pa.int8()}
METADATA = b"hourglass"


def source_rows(cells: pa.Table) -> Iterator[list[str | None]]:
    """Source cells row by row; few of them at a time are Python values."""
    for start in range(0, len(cells), AT_ONCE):
        columns = [column.to_pylist() for column in cells.slice(start, AT_ONCE).columns]
        yield from map(list, zip(*columns, strict=True))


def triage_csv(store: Store, asked: Asked) -> bytes:
    """UTF-8 with a header; cells that a spreadsheet would run have an apostrophe before them."""
    found = ours(store, asked)
    cells = store.datasets.some_rows(asked.dataset, asked.rows, asked.source)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(map(neutralise, asked.header))
    before = zip(*(found[name] for name in BEFORE), strict=True)
    behind = zip(*(found[name] for name in BEHIND), strict=True)
    for first, source, last in zip(before, source_rows(cells), behind, strict=True):
        writer.writerow([_word(cell) for cell in (*first, *source, *last)])
    return out.getvalue().encode()


def _word(cell: Any) -> str:
    if cell is None:
        return ""
    return neutralise(cell) if isinstance(cell, str) else repr(cell)


def triage_parquet(store: Store, asked: Asked) -> bytes:
    """Cells as they are, source columns as text with nulls; what the file is of stands in the schema's metadata, as JSON under
    “hourglass”."""
    found = ours(store, asked)
    cells = store.datasets.some_rows(asked.dataset, asked.rows, asked.source)
    columns = [
        *(pa.array(found[name], NUMBERS.get(name, pa.string())) for name in BEFORE),
        *cells.columns,
        *(pa.array(found[name], pa.string()) for name in BEHIND),
    ]
    table = pa.table(columns, names=asked.header)
    about = json.dumps(asked.about(), ensure_ascii=False).encode()
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({METADATA: about}), out, compression="zstd")
    return out.getvalue()
