"""Parquet, checked against its metadata before a page of it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.datasets.raw import RawTable, Reading, unique_names
from core.datasets.readers import Reader
from core.errors import FileRefused, TooLarge
from core.settings import Settings


def read(path: Path, name: str, limits: Settings) -> RawTable:
    """A Parquet file as text cells. Raises FileRefused, TooLarge."""
    try:
        file = pq.ParquetFile(path)
        meta = file.metadata
    except (pa.ArrowException, OSError) as error:
        raise FileRefused("the Parquet file is damaged", where=name, fix="write it again from its source") from error
    unpacked = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
    for what, value, limit in (
        ("rows", meta.num_rows, limits.row_limit),
        ("columns", meta.num_columns, limits.column_limit),
        ("bytes when unpacked", unpacked, limits.upload_limit_mb * 4_000_000),
    ):
        if value > limit:
            raise TooLarge(
                f"the table has {value:,} {what}, the limit is {limit:,}", where=name, fix="upload a part of it"
            )
    try:
        table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise FileRefused("the Parquet file is damaged", where=name, fix="write it again from its source") from error
    if table.num_rows == 0 or table.num_columns == 0:
        raise FileRefused("the table has no rows", where=name, fix="upload a table with at least one row of data")
    names, notices = unique_names([str(column) for column in table.column_names])
    arrays = [text_array(table.column(i), column, name) for i, column in enumerate(names)]
    cells = pa.table(dict(zip(names, arrays, strict=True)))
    return RawTable(cells, np.arange(1, table.num_rows + 1), Reading(notices=tuple(notices)))


def text_array(column: pa.ChunkedArray, name: str, where: str) -> pa.ChunkedArray:
    """Any flat column as text; floats with all their digits."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    try:
        text = column.cast(pa.string())
    except pa.ArrowException as error:
        raise FileRefused(
            f"column “{name}” holds {column.type}, which is no flat value",
            where=where,
            fix="flatten the column, or leave it out",
        ) from error
    try:
        text.validate(full=True)
    except pa.ArrowException as error:
        raise FileRefused(
            f"column “{name}” holds bytes that are no UTF-8 text", where=where, fix="write the column as text again"
        ) from error
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(text), ""), pa.scalar(None, pa.string()), text)


READER = Reader("Parquet", 10, lambda head, _name: head.startswith(b"PAR1"), read)
