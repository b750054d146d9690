"""Triage as CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.export.csv import AT_ONCE, Tell, neutralise, nobody, so_far
from core.export.triage.rows import BEFORE, BEHIND, HARMLESS, Asked, ours
from core.storage.store import Store

NUMBERS = {"row": pa.int64(), "score": pa.float64(), "percentile": pa.float64(), "flag": pa.int8()}
METADATA = b"hourglass"


def source_rows(cells: pa.Table) -> Iterator[list[str | None]]:
    """Source cells row by row; few of them at a time are Python values."""
    for start in range(0, len(cells), AT_ONCE):
        columns = [column.to_pylist() for column in cells.slice(start, AT_ONCE).columns]
        yield from map(list, zip(*columns, strict=True))


def triage_csv(store: Store, asked: Asked, tell: Tell = nobody) -> bytes:
    """UTF-8 with a header; cells that a spreadsheet would run have an apostrophe before them. The last column says of each row
    which. tell: as core.jobs.work.Work.tell."""
    found = ours(store, asked)
    cells = store.datasets.some_rows(asked.dataset, asked.rows, asked.source)
    out, header = io.StringIO(newline=""), asked.header
    writer = csv.writer(out)
    writer.writerow([*map(neutralise, header), HARMLESS])
    before = zip(*(found[name] for name in BEFORE), strict=True)
    behind = zip(*(found[name] for name in BEHIND), strict=True)
    for done, (first, source, last) in enumerate(zip(before, source_rows(cells), behind, strict=True)):
        if done % AT_ONCE == 0:
            tell(done / len(asked.rows), so_far(done))
        row = (*first, *source, *last)
        words = [_word(cell) for cell in row]
        mended = [name for name, cell, word in zip(header, row, words, strict=True) if cell and word == f"'{cell}"]
        writer.writerow([*words, neutralise("; ".join(map(neutralise, mended)))])
    return out.getvalue().encode()


def _word(cell: Any) -> str:
    if cell is None:
        return ""
    return neutralise(cell) if isinstance(cell, str) else repr(cell)


def triage_parquet(store: Store, asked: Asked, tell: Tell = nobody) -> bytes:
    """Cells as they are, source columns as text with nulls; what the file is of stands in the schema's metadata, as JSON under
    “hourglass”."""
    tell(0.0, "reading the rows")
    found = ours(store, asked)
    cells = store.datasets.some_rows(asked.dataset, asked.rows, asked.source)
    tell(0.5, "writing the file")
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


def triage_file(ending: str) -> Callable[[Store, Asked, Tell], bytes]:
    """What makes a file by its ending: csv, parquet, xlsx."""
    if ending == "xlsx":
        from core.export.triage.workbook import triage_xlsx  # openpyxl, for those only who ask for it

        return triage_xlsx
    return {"csv": triage_csv, "parquet": triage_parquet}[ending]
