"""Workbooks through calamine, which runs in a process of its own (core.datasets.calamine_process says why)."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from core.datasets.apart import apart
from core.errors import FileRefused, TooLarge

PROCESS = Path(__file__).with_name("calamine_process.py")
Row = tuple[int, list[str | None]]  # row number in the sheet from 1, cells
Range = tuple[tuple[int, int], tuple[int, int]]  # first and last cell as (row, column), from 0


@dataclass(frozen=True)
class Sheet:
    """A sheet that is being read: column of its first cell, from 0; size; merged cells; rows from the first one on."""

    column: int
    width: int
    height: int  # from the first row of all
    merged: tuple[Range, ...]
    rows: Iterator[Row]


class Workbook:
    """An open workbook. `sheets`: all names, in order. `shown`: those of tables that are not hidden."""

    def __init__(self, process: subprocess.Popen[bytes], name: str, memory_mb: int) -> None:
        self._process, self._name, self._memory_mb = process, name, memory_mb
        self._questions, self._answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        listed = self._hear(name)["sheets"]
        self.sheets = tuple(str(sheet["name"]) for sheet in listed)
        self.shown = tuple(str(sheet["name"]) for sheet in listed if sheet["shown"])

    def sheet(self, title: str) -> Sheet:
        """A sheet. Read its rows to the end before the next is asked for. Raises FileRefused, TooLarge, also later."""
        where = f"{self._name}, sheet “{title}”"
        try:
            self._questions.write(json.dumps(title).encode() + b"\n")
            self._questions.flush()
        except BrokenPipeError:
            raise self._ended(where) from None
        about = self._hear(where)
        merged = tuple(((a, b), (c, d)) for (a, b), (c, d) in about["merged"])
        return Sheet(about["column"], about["width"], about["height"], merged, self._rows(where))

    def _rows(self, where: str) -> Iterator[Row]:
        number = 0
        while (cells := self._hear(where)) is not None:
            number += 1
            yield number, cells

    def _hear(self, where: str) -> Any:
        line = self._answers.readline()
        if not line.endswith(b"\n"):
            raise self._ended(where)
        value = json.loads(line)
        if isinstance(value, dict) and "error" in value:
            raise self._refused(value, where)
        return value

    def _ended(self, where: str) -> FileRefused:
        """What to say of a process that is gone: it asked for more memory or time than it may have, or it crashed."""
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            return TooLarge("the workbook takes too long to read", where=where, fix="save the sheet as CSV")
        if code == -signal.SIGABRT:
            return self._refused({"error": "memory"}, where)
        return FileRefused("this workbook can't be read", where=where, fix="save the sheet as CSV and upload that")

    def _refused(self, said: dict[str, str], where: str) -> FileRefused:
        if said["error"] == "password":
            return FileRefused(
                "this workbook is locked with a password", where=where, fix="save it without one and upload it again"
            )
        if said["error"] == "memory":
            return TooLarge(
                f"the workbook asks for more than {self._memory_mb:,} MB of memory, which is the limit: a cell may stand "
                "far from the table",
                where=where,
                fix="delete what stands far below or to the right, or save the table as CSV",
            )
        return FileRefused("this workbook is damaged", where=where, fix="save the sheet as CSV and try again")


@contextmanager
def workbook(path: Path, name: str, memory_mb: int) -> Iterator[Workbook]:
    """Open a workbook (xlsx, xlsb, xls, ods). Raises FileRefused, TooLarge."""
    with apart(PROCESS, path, memory_mb) as process:
        yield Workbook(process, name, memory_mb)
