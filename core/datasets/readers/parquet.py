"""Parquet, checked against its metadata before a page of it is read, and counted while it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.datasets.flat import PIECE, RATIO, ROWS, SUSPECT, Flat, too_large, whole
from core.datasets.raw import Reading, Spool
from core.datasets.readers import Reader
from core.errors import TooLarge
from core.results import Dialect
from core.settings import Settings

DELTA = {"DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"}
AFTER_ANOTHER = 128  # rows read at once of a column that is stored as DELTA_BYTE_ARRAY


def read(path: Path, spool: Spool) -> Reading:
    """A Parquet file as text cells, some rows at a time. Raises FileRefused, TooLarge."""
    size = path.stat().st_size
    with whole("Parquet", spool.name):
        with pq.ParquetFile(path) as file:
            _check_metadata(file.metadata, spool, size)
            texts, rows = _texts(file.metadata)
        # Texts come as dictionaries: a file of 1 kB may repeat one long cell a million times.
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            table = Flat(file.schema_arrow, spool, size)
            batches = file.iter_batches(batch_size=min(rows, table.step))
            for batch in _together(batches, table.step) if rows < table.step else batches:
                table.put(batch)
    return Reading(Dialect("", "", "", ""), table.finish())


def _check_metadata(meta: pq.FileMetaData, spool: Spool, size: int) -> None:
    """What the file says of itself. Raises TooLarge."""
    limits: Settings = spool.limits
    unpacked = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
    if unpacked > max(SUSPECT, RATIO * size):
        raise too_large(f"{unpacked:,} bytes from {size:,}, over {RATIO:,} to 1", spool.name)
    spool.check_rows(meta.num_rows)
    spool.expected_rows = meta.num_rows
    spool.check_width(meta.num_columns)
    if unpacked > limits.upload_limit_mb * 4_000_000:
        raise TooLarge(
            f"the table has {unpacked:,} bytes when unpacked, the limit is {limits.upload_limit_mb * 4_000_000:,}",
            where=spool.name,
            fix="upload a part of it",
        )


def _texts(meta: pq.FileMetaData) -> tuple[list[str], int]:
    """The columns of bytes that can be read as dictionaries; and how many rows may be read at once.

    Those that are stored as what is new after the cell before can't, and may repeat a long cell too.
    """
    texts, rows = [], ROWS
    for i in range(meta.num_columns):
        encodings = {e for j in range(meta.num_row_groups) for e in meta.row_group(j).column(i).encodings}
        column = meta.schema.column(i)
        if column.physical_type == "BYTE_ARRAY" and "DELTA_BYTE_ARRAY" in encodings:
            rows = AFTER_ANOTHER
        elif column.physical_type == "BYTE_ARRAY" and column.path == column.name and not encodings & DELTA:
            texts.append(column.path)
    return texts, rows


def _together(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Small batches as larger ones of no more than so many rows, or a piece's bytes."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(len(one) for one in waiting) >= rows or sum(one.nbytes for one in waiting) >= PIECE:
            yield pa.concat_batches(waiting)
            waiting = []
    if waiting:
        yield pa.concat_batches(waiting)


READER = Reader("Parquet", 10, lambda head, _name: head.startswith(b"PAR1"), read)
