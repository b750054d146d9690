"""Excel workbooks (xlsx): the first sheet that holds a table, every cell as text."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl

from core.datasets.raw import RawTable, Reading, table_of, unique_names
from core.datasets.readers import Reader
from core.errors import FileRefused, TooLarge
from core.settings import Settings


def read(path: Path, name: str, limits: Settings) -> RawTable:
    """The first sheet with cells. Raises FileRefused, TooLarge."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
            if unpacked > limits.upload_limit_mb * 4_000_000:
                raise TooLarge(
                    f"the workbook unpacks to {unpacked:,} bytes, which is over the limit",
                    where=name,
                    fix="save the sheet as CSV and upload that",
                )
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise FileRefused(
            "this workbook can't be opened", where=name, fix="save the sheet as CSV and try again"
        ) from error
    notices: list[str] = []
    if len(book.sheetnames) > 1:
        notices.append(f"the workbook has {len(book.sheetnames)} sheets; the first with a table was read")
    for sheet in book.worksheets:
        rows: list[list[str | None]] = []
        for values in sheet.iter_rows(values_only=True):
            cells = [_text(value) for value in values]
            if len(cells) > limits.column_limit:
                raise TooLarge(
                    f"sheet “{sheet.title}” has {len(cells):,} columns, the limit is {limits.column_limit:,}",
                    where=name,
                    fix="delete what stands far to the right, or save the table as CSV",
                )
            if any(cell is not None for cell in cells):
                rows.append(cells)
            if len(rows) > limits.row_limit:
                raise TooLarge(
                    f"sheet “{sheet.title}” has more than {limits.row_limit:,} rows, which is the limit",
                    where=name,
                    fix="upload a part of it",
                )
        if len(rows) > 1:
            header = [cell or "" for cell in rows[0]]
            while (
                header
                and not header[-1]
                and all(len(row) < len(header) or row[len(header) - 1] is None for row in rows)
            ):
                header.pop()
            names, renamed = unique_names(header)
            columns = {column: [row[i] if i < len(row) else None for row in rows[1:]] for i, column in enumerate(names)}
            return RawTable(table_of(columns), np.arange(2, len(rows) + 1), Reading(notices=tuple(notices + renamed)))
    raise FileRefused(
        "no sheet holds a header and a row", where=name, fix="upload a table with at least one row of data"
    )


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat(sep=" ") if isinstance(value, datetime.datetime) else value.isoformat()
    return str(value)


def _recognises(head: bytes, name: str) -> bool:
    return head.startswith(b"PK\x03\x04") and (
        b"xl/" in head or b"[Content_Types].xml" in head or name.endswith(".xlsx")
    )


READER = Reader("Excel", 20, _recognises, read)
