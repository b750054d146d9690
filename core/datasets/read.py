"""A file in, a RawTable out: the format is found by content, never by name; what is no table is refused."""

from __future__ import annotations

import gzip
import re
import tempfile
import zlib
from pathlib import Path

from core.datasets.raw import RawTable
from core.datasets.readers import READERS
from core.errors import FileRefused, TooLarge
from core.settings import Settings

HEAD = 65_536
GZIP = b"\x1f\x8b"
# First bytes of what is often renamed to .csv and is no table.
NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a bitmap image"),
    (b"II*\x00", "a TIFF image"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (xls or doc)"),
    (b"{\\rtf", "a text document"),
)

JSON = re.compile(rb"(\[\s*)*(\{\s*[\"}]|\[\s*[\[\"\]])")


def read_file(path: Path, source_name: str, limits: Settings) -> RawTable:
    """A table from a file. Raises FileRefused, TooLarge (core.errors) naming file, place and what to do."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        size = path.stat().st_size
    except OSError as error:
        raise FileRefused(
            f"the file can't be opened: {(error.strerror or str(error)).lower()}",
            where=source_name,
            fix="check that it is there and that you may read it",
        ) from error
    if size == 0:
        raise FileRefused("the file is empty", where=source_name, fix="upload a table with a header and rows")
    limit = limits.upload_limit_mb * 1_000_000
    if size > limit:
        raise TooLarge(
            f"the file has {size / 1e6:,.0f} MB, the limit is {limits.upload_limit_mb:,} MB",
            where=source_name,
            fix="upload a part of it, or have the limit raised (HOURGLASS_UPLOAD_LIMIT_MB)",
        )
    if head.startswith(GZIP):
        return _unzipped(path, source_name, limits, limit)
    _refuse_what_is_no_table(head, source_name)
    readers = sorted((READERS.get(name) for name in READERS), key=lambda reader: reader.order)
    reader = next(reader for reader in readers if reader.recognises(head, source_name.lower()))
    return reader.read(path, source_name, limits)


def _unzipped(path: Path, source_name: str, limits: Settings, limit: int) -> RawTable:
    """A gzip of one file, counted while it is unpacked."""
    with tempfile.NamedTemporaryFile() as target:
        written = 0
        try:
            with gzip.open(path) as source:
                while piece := source.read(1 << 20):
                    written += len(piece)
                    if written > limit:
                        raise TooLarge(
                            f"the file unpacks to more than {limits.upload_limit_mb:,} MB, which is the limit",
                            where=source_name,
                            fix="upload a part of it",
                        )
                    target.write(piece)
        except (OSError, EOFError, zlib.error) as error:
            raise FileRefused("the gzip file is damaged", where=source_name, fix="pack it again") from error
        target.flush()
        target.seek(0)
        if target.read(len(GZIP)) == GZIP:
            raise FileRefused("this is a gzip inside a gzip", where=source_name, fix="unpack it and upload the table")
        return read_file(Path(target.name), source_name.removesuffix(".gz"), limits)


def _refuse_what_is_no_table(head: bytes, name: str) -> None:
    for magic, what in NOT_TABLES:
        if head.startswith(magic) and (len(magic) > 2 or b"\0" in head[:64]):
            raise FileRefused(f"this is {what}, not a table", where=name, fix="upload a CSV, Excel or Parquet file")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<svg")):
        raise FileRefused(
            "this is a web page or XML, not a table", where=name, fix="download the CSV itself and upload it"
        )
    if start.startswith((b"{", b"[")) and JSON.match(start):
        raise FileRefused("this is JSON, not a table", where=name, fix="save it as CSV and upload that")
