"""Workbooks (xlsx, xlsb, xls, ods): one sheet of them, every cell as text."""

from __future__ import annotations

import mmap
import zipfile
from pathlib import Path

from core.datasets.calamine import Workbook, workbook
from core.datasets.containers import ZIP, archive
from core.datasets.grid import put_sheet
from core.datasets.look import Look, Span, check_span, look
from core.datasets.raw import Reading, Spool
from core.datasets.readers import Reader
from core.errors import FileRefused
from core.results import Dialect
from core.words import so_many

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
SHEETS = 3  # that are named where they were not read
DOCUMENTS = {"word/": "a Word document", "ppt/": "a PowerPoint presentation", "visio/": "a Visio drawing"}


def read(path: Path, spool: Spool) -> Reading:
    """The sheet that was asked for, else the first that holds a table: of several columns and rows, if there is one.

    Raises FileRefused, TooLarge.
    """
    with path.open("rb") as file:
        looked = _look_at_zip(path, spool) if file.read(4) in ZIP else _look_at_ole(path, spool)
    with workbook(path, spool.name, spool.limits.ingest_memory_mb) as book:
        candidates = _candidates(book, spool)
        # A cover or a list of what the sheets hold is passed over.
        for least in (2, 1) if len(candidates) > 1 else (1,):
            for title in candidates:
                looked.check(title, spool.name, spool.limits)
                if (found := _read_sheet(book, title, spool, least)) is not None:
                    dialect, notices = found
                    said = (*_about_sheets(book, title, spool), *notices)
                    values = _about_values(looked.sheets.get(title, Span()))
                    return Reading(dialect, (*said, *values), sheets=book.sheets)
        chosen = spool.options.sheet
    raise FileRefused(
        f"sheet “{chosen}” holds no table" if chosen else "no sheet holds a header and a row",
        where=spool.name,
        fix="upload a table with a header and at least one row of data",
    )


def _read_sheet(book: Workbook, title: str, spool: Spool, least: int) -> tuple[Dialect, tuple[str, ...]] | None:
    """As `put_sheet`."""
    sheet = book.sheet(title)
    check_span(sheet.width, sheet.height, f"{spool.name}, sheet “{title}”", spool.limits)
    found = put_sheet(sheet, title, spool, least=least)
    for _ in sheet.rows:
        pass
    return found


def _candidates(book: Workbook, spool: Spool) -> tuple[str, ...]:
    chosen = spool.options.sheet
    if not chosen:
        return book.shown or book.sheets
    if chosen not in book.sheets:
        raise FileRefused(
            f"the workbook has no sheet “{chosen}”", where=spool.name, fix=f"one of: {', '.join(book.sheets[:20])}"
        )
    return (chosen,)


def _look_at_zip(path: Path, spool: Spool) -> Look:
    with archive(path, spool.name) as opened:
        names = opened.namelist()
        for folder, what in DOCUMENTS.items():
            if any(name.startswith(folder) for name in names):
                raise _no_workbook(what, spool)
        if "mimetype" in names and not _is_ods(opened):
            raise _no_workbook("an OpenDocument file that is no spreadsheet", spool)
        if not any(name.startswith("xl/") or name == "content.xml" for name in names):
            raise _no_workbook("a zip archive without a workbook", spool)
        return look(opened, spool.name, spool.limits)


def _is_ods(opened: zipfile.ZipFile) -> bool:
    with opened.open("mimetype") as file:
        return file.read(len(ODS)) == ODS


def _look_at_ole(path: Path, spool: Spool) -> Look:
    """An Office file of before 2007 is a small file system, whose names are UTF-16."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:

        def holds(name: str) -> bool:
            return data.find(name.encode("utf-16-le")) >= 0

        if holds("EncryptedPackage"):
            raise FileRefused(
                "this workbook is locked with a password", where=spool.name, fix="save it without one and try again"
            )
        if not holds("Workbook") and not holds("Book"):
            what = "a Word document" if holds("WordDocument") else "an old Office file that is no workbook"
            raise _no_workbook(what, spool)
    return Look()


def _no_workbook(what: str, spool: Spool) -> FileRefused:
    return FileRefused(f"this is {what}, not a table", where=spool.name, fix="upload a CSV, Excel or Parquet file")


def _about_sheets(book: Workbook, title: str, spool: Spool) -> list[str]:
    others = [other for other in book.sheets if other != title]
    if not others or spool.options.sheet:
        return []
    more = f" and {len(others) - SHEETS:,} more" if len(others) > SHEETS else ""
    return [f"the workbook has {len(others) + 1} sheets; “{title}” was read, not {', '.join(others[:SHEETS])}{more}"]


def _about_values(span: Span) -> list[str]:
    """A workbook that no spreadsheet has computed holds formulas without values."""
    said = []
    if span.uncomputed:
        said.append(
            f"{so_many(span.uncomputed, 'formula', 'has', 'have')} no stored value, read as empty; open the "
            "workbook in a spreadsheet, save it, and upload it again"
        )
    if span.errors:
        said.append(f"{so_many(span.errors, 'cell', 'holds', 'hold')} an error such as #N/A or #DIV/0!, read as empty")
    return said


def _recognises(head: bytes, _name: str) -> bool:
    return head.startswith((*ZIP, OLE))


READER = Reader("Excel", 20, _recognises, read)
