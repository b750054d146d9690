"""Excel workbooks (xlsx): the first sheet that holds a table, every cell as text."""

from __future__ import annotations

import datetime
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from core.datasets.raw import Dialect, RawTable, Reading, leading, table_of, unique_names
from core.datasets.readers import Reader
from core.errors import FileRefused, HourglassError, TooLarge
from core.settings import Settings

Row = tuple[int, list[str | None]]  # row number in the sheet from 1, cells
UNCOMPUTED = re.compile(rb"<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
# What openpyxl and the unpacking raise for a workbook that is not as it should be.
BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    NotImplementedError,
    RuntimeError,
    EOFError,
)


def read(path: Path, name: str, limits: Settings) -> RawTable:
    """The first sheet with a header and a row. Raises FileRefused, TooLarge."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(archive, name, limits)
        with path.open("rb") as file:  # of a path openpyxl wants the ending, and uploads have none
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            for sheet in book.worksheets:
                rows, empty = _rows(sheet, name, limits)
                if len(rows) > 1:
                    about = [*_about_sheets(book, sheet.title), *_about_empty(empty), *_about_formulas(path)]
                    return _table(rows, about)
    except HourglassError:
        raise
    except BROKEN as error:
        raise FileRefused(
            "this workbook can't be opened", where=name, fix="save the sheet as CSV and try again"
        ) from error
    raise FileRefused(
        "no sheet holds a header and a row", where=name, fix="upload a table with at least one row of data"
    )


def _check_archive(archive: zipfile.ZipFile, name: str, limits: Settings) -> None:
    if not any(entry.startswith("xl/") for entry in archive.namelist()):
        raise FileRefused(
            "this is a zip archive and no Excel workbook", where=name, fix="unpack it and upload the table in it"
        )
    unpacked = sum(info.file_size for info in archive.infolist())
    if unpacked > limits.upload_limit_mb * 4_000_000:
        raise TooLarge(
            f"the workbook unpacks to {unpacked:,} bytes, which is over the limit",
            where=name,
            fix="save the sheet as CSV and upload that",
        )


def _rows(sheet: Any, name: str, limits: Settings) -> tuple[list[Row], int]:
    """The sheet's rows that hold something, each with its number; and how many between them hold nothing."""
    rows: list[Row] = []
    empty = waiting = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = [_text(value) for value in values]
        if len(cells) > limits.column_limit:
            raise TooLarge(
                f"sheet “{sheet.title}” has {len(cells):,} columns, the limit is {limits.column_limit:,}",
                where=name,
                fix="delete what stands far to the right, or save the table as CSV",
            )
        if not any(cell is not None for cell in cells):
            waiting += bool(rows)
            continue
        rows.append((number, cells))
        empty, waiting = empty + waiting, 0
        if len(rows) > limits.row_limit:
            raise TooLarge(
                f"sheet “{sheet.title}” has more than {limits.row_limit:,} rows, which is the limit",
                where=name,
                fix="upload a part of it",
            )
    return rows, empty


def _table(rows: list[Row], notices: list[str]) -> RawTable:
    width = max(max(i for i, cell in enumerate(cells) if cell is not None) for _, cells in rows) + 1
    preamble = leading(rows, width)
    if preamble and len(rows) - preamble > 1:
        texts = ", ".join(f"“{next(filter(None, cells))[:60]}”" for _, cells in rows[: min(preamble, 3)])
        notices.append(f"{preamble:,} row(s) before the table were left out: {texts}")
        rows = rows[preamble:]
    else:
        preamble = 0
    header = [cell or "" for cell in rows[0][1][:width]]
    names, renamed = unique_names(header + [""] * (width - len(header)))
    columns = {
        column: [cells[i] if i < len(cells) else None for _, cells in rows[1:]] for i, column in enumerate(names)
    }
    reading = Reading(Dialect(delimiter="", preamble_rows=preamble), tuple(notices + renamed))
    return RawTable(table_of(columns), np.asarray([number for number, _ in rows[1:]], np.int64), reading)


def _about_sheets(book: Any, title: str) -> list[str]:
    others = [other for other in book.sheetnames if other != title]
    if not others:
        return []
    return [f"the workbook has {len(others) + 1} sheets; “{title}” was read, not {', '.join(others[:3])}"]


def _about_empty(count: int) -> list[str]:
    return [f"{count:,} row(s) between others hold nothing and were left out"] if count else []


def _about_formulas(path: Path) -> list[str]:
    """A workbook that no spreadsheet has computed holds formulas without values; they read as empty cells."""
    count = 0
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            if entry.startswith("xl/worksheets/sheet"):
                count += len(UNCOMPUTED.findall(archive.read(entry)))
    if count == 0:
        return []
    return [
        f"{count:,} formula(s) in the workbook have no stored value and were read as empty; open it in a spreadsheet, "
        "save it, and upload it again"
    ]


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


READER = Reader("Excel", 20, lambda head, _name: head.startswith((b"PK\x03\x04", b"PK\x05\x06")), read)
