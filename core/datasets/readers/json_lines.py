"""JSON lines: an object a line. Also a list of objects, in a file that is named .json.

A key is a column, in the order of first appearance; `{"a": {"b": 1}}` is column a.b. Numbers keep their digits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
from numpy.typing import NDArray

from core.datasets.flat import put
from core.datasets.raw import Reading, Spool, unique_names
from core.datasets.readers import Reader
from core.errors import FileRefused, TooLarge, printable
from core.results import Dialect
from core.words import so_many

CHUNK = 20_000  # rows held at once
CELLS = 2_000_000  # or so many cells, where the rows are wide
SPREAD = 20_000_000  # cells, empty ones too, that a file of any size may have; beyond,
CELLS_A_BYTE = 50  # objects with hardly a key in common are no table: they spread to far more than they hold
DEPTH = 3  # objects within an object that become columns; what lies deeper stays JSON
LIST_LIMIT = 50_000_000  # bytes of a list, which is held whole
LONG = 60_000  # bytes of a first line that may go on beyond what is shown of the file
MARK = b"\xef\xbb\xbf"
HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # halves of a character, which alone are no text


class Pairs(list[tuple[str, Any]]):
    """An object, with keys that stand twice."""


class Digits(str):
    """A number as it is written."""


class NotARow(Exception):
    """Why a line can't be a row."""


DECODER = json.JSONDecoder(object_pairs_hook=Pairs, parse_float=Digits, parse_int=Digits, parse_constant=Digits)


def read(path: Path, spool: Spool) -> Reading:
    """The objects as rows. Raises FileRefused, TooLarge."""
    with path.open("rb") as file:
        start = file.read(64)
    objects = _of_list(path, spool) if _text_start(start).startswith(b"[") else _of_lines(path, spool)
    with Shelf(spool, path.stat().st_size) as shelf:
        for line, row in objects:
            shelf.put(line, row)
        names, notices = unique_names(list(shelf.keys))
        if names:
            spool.start(names)
        for columns, lines in shelf.chunks():
            put(spool, names, columns, lines)
    if spool.rejects:
        notices.append(
            f"{so_many(len(spool.rejects), 'line', 'holds', 'hold')} no object that could be a row, set aside"
        )
    return Reading(Dialect("", "", "", "utf-8"), tuple(notices))


class Shelf:
    """Rows on disk until all keys are known."""

    def __init__(self, spool: Spool, size: int) -> None:
        self._most_cells = max(SPREAD, CELLS_A_BYTE * size)
        self.keys: dict[str, None] = {}
        self._spool = spool
        self._folder = TemporaryDirectory(prefix="hourglass-")
        self._files: list[Path] = []
        self._rows: list[dict[str, str | None]] = []
        self._lines: list[int] = []
        self._count = 0

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def put(self, line: int, row: dict[str, str | None]) -> None:
        """Keep a row. Raises TooLarge as soon as there are too many columns, rows, or cells for the file's bytes."""
        self.keys.update(dict.fromkeys(row))
        self._rows.append(row)
        self._lines.append(line)
        self._count += 1
        limits = self._spool.limits
        if len(self.keys) > limits.column_limit:
            raise TooLarge(
                f"the objects have more than {limits.column_limit:,} different keys, which is the limit",
                where=f"{self._spool.name}, line {line:,}",
                fix="leave keys out, or have the limit raised (HOURGLASS_COLUMN_LIMIT)",
            )
        self._spool.check_rows(self._count, line)
        if self._count * len(self.keys) > self._most_cells:
            raise TooLarge(
                f"{self._count:,} objects with {len(self.keys):,} different keys make more than {self._most_cells:,} "
                "cells, nearly all of them empty, which is the limit for a file of this size",
                where=f"{self._spool.name}, line {line:,}",
                fix="leave out keys that few objects have, or write them as two columns, one for the key, one for the "
                "value",
            )
        if len(self._rows) >= min(CHUNK, 1 + CELLS // len(self.keys or "1")):
            self._put_away()

    def _put_away(self) -> None:
        keys = list(self.keys)
        arrays = [pa.array([row.get(key) for row in self._rows], pa.string()) for key in keys]
        arrays.append(pa.array(self._lines, pa.int64()))
        path = Path(self._folder.name) / str(len(self._files))
        feather.write_feather(pa.table(arrays, names=[str(i) for i in range(len(arrays))]), str(path))
        self._files.append(path)
        self._rows, self._lines = [], []

    def chunks(self) -> Iterator[tuple[list[pa.Array], NDArray[np.int64]]]:
        """All rows under all keys, and the lines."""
        if self._rows:
            self._put_away()
        for path in self._files:
            *columns, lines = feather.read_table(str(path), memory_map=False).combine_chunks().columns
            known = [column.chunk(0) for column in columns]
            absent = [pa.nulls(len(lines), pa.string())] * (len(self.keys) - len(known))
            yield [*known, *absent], lines.to_numpy().astype(np.int64)


def _of_lines(path: Path, spool: Spool) -> Iterator[tuple[int, dict[str, str | None]]]:
    longest = 16 * spool.limits.cell_limit_bytes
    with path.open("rb") as file:
        line = 0
        while text := file.readline(longest + 1):
            line += 1
            if len(text) > longest:
                raise TooLarge(
                    f"the line has more than {longest:,} bytes, which is the limit",
                    where=f"{spool.name}, line {line:,}",
                    fix="put each object on a line of its own",
                )
            if line == 1:
                text = text.removeprefix(MARK)
            if not text.strip():
                continue
            try:
                yield line, row_of(text)
            except NotARow as why:
                spool.reject(line, text.decode("utf-8", "replace").rstrip("\r\n"), str(why))


def _of_list(path: Path, spool: Spool) -> Iterator[tuple[int, dict[str, str | None]]]:
    """The objects of one list, each with its place in it."""
    data = path.read_bytes().removeprefix(MARK) if path.stat().st_size <= LIST_LIMIT else None
    if data is None:
        raise TooLarge(
            f"the list has more than {LIST_LIMIT:,} bytes, which is the limit for JSON that is not in lines",
            where=spool.name,
            fix="write one object a line (JSON lines), or CSV",
        )
    try:
        items = json.loads(data, object_pairs_hook=Pairs, parse_float=Digits, parse_int=Digits, parse_constant=Digits)
    except UnicodeDecodeError as error:
        raise FileRefused(
            "the bytes are not valid UTF-8", where=f"{spool.name}, byte {error.start:,}", fix="save it as UTF-8"
        ) from error
    except json.JSONDecodeError as error:
        raise FileRefused(
            f"the JSON is broken: {error.msg.lower()}", where=f"{spool.name}, line {error.lineno:,}", fix="mend it"
        ) from error
    except RecursionError as error:
        raise FileRefused("the JSON is nested too deeply", where=spool.name, fix="write it as CSV") from error
    halves = HALF.search(data) is not None
    for number, item in enumerate(items, start=1):
        try:
            yield number, _row(item, halves)
        except NotARow as why:
            spool.reject(number, printable(str(item)), str(why))


def row_of(line: bytes) -> dict[str, str | None]:
    """The cells of one line. Raises NotARow."""
    try:
        value = DECODER.decode(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotARow(f"byte {error.start + 1:,} of the line is not valid UTF-8") from error
    except json.JSONDecodeError as error:
        raise NotARow(f"not valid JSON at character {error.colno:,}: {error.msg.lower()}") from error
    except RecursionError as error:
        raise NotARow("nested too deeply") from error
    return _row(value, HALF.search(line) is not None)


def _row(value: Any, halves: bool) -> dict[str, str | None]:
    if not isinstance(value, Pairs):
        raise NotARow("not an object")
    if not value:
        raise NotARow("an object with nothing in it")
    row: dict[str, str | None] = {}
    try:
        _flatten(value, "", DEPTH, row)
    except RecursionError as error:
        raise NotARow("nested too deeply") from error
    if halves:
        try:
            "".join([*row, *(cell or "" for cell in row.values())]).encode()
        except UnicodeEncodeError as error:
            raise NotARow("half of a character (\\ud800 … \\udfff) is no text") from error
    return row


def _flatten(value: Pairs, prefix: str, depth: int, row: dict[str, str | None]) -> None:
    for key, item in value:
        name = prefix + key
        if isinstance(item, Pairs) and item and depth > 1:
            _flatten(item, name + ".", depth - 1, row)
        elif name in row:
            raise NotARow(printable(f"the key “{name}” stands twice"))
        else:
            row[name] = _cell(item)


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, Pairs):
        plain = [_cell(item) for item in value if isinstance(item, str | bool)]
        if len(plain) == len(value) and not any(";" in (item or "") for item in plain):
            return "; ".join(item or "" for item in plain)
    return as_json(value)


def as_json(value: Any) -> str:
    """A value as JSON again, its numbers as they were written."""
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, Pairs):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {as_json(v)}" for k, v in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _text_start(head: bytes) -> bytes:
    return head.removeprefix(MARK).lstrip()


def _recognises(head: bytes, name: str) -> bool:
    start = _text_start(head)
    if start.startswith(b"["):
        return name.endswith(".json") and start[1:].lstrip().startswith(b"{")
    if not start.startswith(b"{"):
        return False
    lines = [line for line in start.split(b"\n") if line.strip()]
    if not name.endswith((".jsonl", ".ndjson", ".jsonlines")) and not (
        len(lines) > 1 and lines[1].lstrip().startswith(b"{")
    ):
        return False  # one object alone is a document
    try:
        return isinstance(DECODER.decode(lines[0].decode("utf-8", "replace")), Pairs)
    except json.JSONDecodeError:
        return len(lines) == 1 and len(start) > LONG  # it goes on beyond the head
    except RecursionError:
        return False


READER = Reader("JSON lines", 30, _recognises, read)
