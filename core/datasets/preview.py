"""A quick look at a file: how its first rows read under other options, and its lines as they stand."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.datasets.calamine import workbook
from core.datasets.containers import PACKED, looks_like_workbook
from core.datasets.read import read_file
from core.results import Dialect
from core.settings import Settings
from core.specs import ReadOptions

ROWS = 500
BYTES = 2_000_000  # looked at
WORKBOOK = 20_000_000  # bytes of one whose sheets are listed
HEAD = 4_096
OLE = b"\xd0\xcf\x11\xe0"  # a workbook of before 2007


@dataclass(frozen=True)
class Preview:
    """The first rows of a file under some options; `whole` where it has no others."""

    columns: tuple[str, ...]
    rows: list[dict[str, str | None]]
    dialect: Dialect
    notices: tuple[str, ...]
    whole: bool


def is_text(path: Path) -> bool:
    """Whether a file can be looked at line by line: no workbook, no Parquet, nothing packed."""
    with path.open("rb") as file:
        head = file.read(8)
    packed = itertools.chain.from_iterable(PACKED.values())
    return not head.startswith((b"PAR1", b"ARROW1", b"FEA1", OLE, *packed))


def can_preview(path: Path) -> bool:
    """Whether the first rows can be had in no time: of text, and of a small workbook."""
    if is_text(path):
        return True
    with path.open("rb") as file:
        head = file.read(HEAD)
    return path.stat().st_size <= BYTES and (looks_like_workbook(head) or head.startswith(OLE))


def sheets(path: Path, name: str, limits: Settings) -> tuple[str, ...]:
    """The sheets of a workbook that is quickly looked at, hidden ones left out; of every other file none.

    Raises FileRefused, TooLarge.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if path.stat().st_size > WORKBOOK or not (looks_like_workbook(head) or head.startswith(OLE)):
        return ()
    with workbook(path, name, limits.ingest_memory_mb) as book:
        return book.shown


def preview(path: Path, name: str, limits: Settings, options: ReadOptions) -> Preview:
    """The first rows, without those that a sample would leave out. Only where `can_preview`. Raises FileRefused, TooLarge."""
    options = options.model_copy(update={"sample_rows": None})
    size = path.stat().st_size
    whole = size <= BYTES or not is_text(path)
    with tempfile.NamedTemporaryFile() as head:
        if not whole:
            with path.open("rb") as file:
                start = file.read(BYTES)
            cut = max(start.rfind(b"\n"), start.rfind(b"\r"))
            head.write(start[: cut + 1] if cut > 0 else start)
            head.flush()
        raw = read_file(path if whole else Path(head.name), name, limits, options)
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
