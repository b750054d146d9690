"""A quick look at a file: how its first rows read under other options, and its lines as they stand."""

from __future__ import annotations

import itertools
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import core.datasets.text.mixed  # noqa: F401  (what it is called has to be known here)
from core.datasets.calamine import workbook
from core.datasets.containers import OLE, inside, looks_like_workbook
from core.datasets.containers import is_text as starts_as_text
from core.datasets.read import may_be_table, read_file
from core.results import Dialect
from core.settings import Settings
from core.specs import ReadOptions

ROWS = 500
BYTES = 2_000_000  # looked at
WORKBOOK = 20_000_000  # bytes of one whose sheets are listed
HEAD = 4_096


@dataclass(frozen=True)
class Preview:
    """The first rows of a file under some options; `whole` where it has no others."""

    columns: tuple[str, ...]
    rows: list[dict[str, str | None]]
    dialect: Dialect
    notices: tuple[str, ...]
    whole: bool


def start_of(path: Path) -> bytes:
    """The first bytes, by which a format is known."""
    with path.open("rb") as file:
        return file.read(HEAD)


def is_text(path: Path) -> bool:
    """Whether a file can be looked at line by line: no workbook, no Parquet, nothing packed."""
    return starts_as_text(start_of(path))


def can_preview(path: Path) -> bool:
    """Whether the first rows can be had in no time: of text, and of a small workbook."""
    if is_text(path):
        return True
    head = start_of(path)
    return path.stat().st_size <= BYTES and (looks_like_workbook(head) or head.startswith(OLE))


def sheets(path: Path, name: str, limits: Settings) -> tuple[str, ...]:
    """The sheets of a workbook that is quickly looked at, hidden ones left out; of every other file none.

    Raises FileRefused, TooLarge.
    """
    head = start_of(path)
    if path.stat().st_size > WORKBOOK or not (looks_like_workbook(head) or head.startswith(OLE)):
        return ()
    with workbook(path, name, limits.ingest_memory_mb) as book:
        return book.shown


def preview(path: Path, name: str, limits: Settings, options: ReadOptions) -> Preview:
    """The first rows, without those that a sample would leave out. Only where `can_preview`. Raises FileRefused, TooLarge."""
    size = path.stat().st_size
    whole = size <= BYTES or not is_text(path)
    with tempfile.NamedTemporaryFile() as head:
        if not whole:
            with path.open("rb") as file:
                start = file.read(BYTES)
            cut = max(start.rfind(b"\n"), start.rfind(b"\r"))
            head.write(start[: cut + 1] if cut > 0 else start)
            head.flush()
        return _first(path if whole else Path(head.name), name, limits, options, whole)


def first_rows(path: Path, name: str, limits: Settings, options: ReadOptions) -> Preview:
    """As `preview`, of any table, without how it was read: for a job, since it may take long and much memory. Rows of pixels stay
    rows. Raises FileRefused, TooLarge."""
    limits = limits.model_copy(update={"row_limit": sys.maxsize})
    options = options.model_copy(update={"images": False})
    with inside(path, start_of(path), name, limits, options.sheet, may_be_table, BYTES) as found:
        if found is not None:
            path, name, options = found.path, found.name, options.model_copy(update={"sheet": found.sheet})
        if is_text(path):
            return preview(path, name, limits, options)
        return _first(path, name, limits, options, whole=True, most=ROWS + 1)


def _first(
    path: Path, name: str, limits: Settings, options: ReadOptions, whole: bool, most: int | None = None
) -> Preview:
    raw = read_file(path, name, limits, options.model_copy(update={"sample_rows": None}), most=most)
    rows: list[dict[str, str | None]] = []
    for batch in raw.batches():
        rows += batch.slice(0, ROWS - len(rows)).to_pylist()
        if len(rows) >= ROWS:
            break
    return Preview(raw.columns, rows, raw.reading.dialect, raw.reading.notices, whole and raw.rows <= ROWS)


def source_lines(path: Path, encoding: str, first: int, count: int) -> list[tuple[int, str]]:
    """Lines of a text file as they stand, with their numbers from 1; fewer where it ends. Wrong bytes are shown as such."""
    with path.open(encoding=encoding, errors="backslashreplace", newline=None) as file:
        wanted = itertools.islice(file, first - 1, first - 1 + count)
        return [(first + i, line.rstrip("\n")[:2_000]) for i, line in enumerate(wanted)]
