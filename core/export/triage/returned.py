"""A workbook that comes back: what it says of each row, and which run it is of. What becomes of it is said in plan.py.

It may come from anywhere: it is looked at before it is opened, and opened in a process of its own (openpyxl_process.py).
"""

from __future__ import annotations

import json
import math
import re
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from core.datasets.apart import apart
from core.datasets.containers import ZIP, archive
from core.datasets.look import Look, look
from core.errors import FileRefused, InputRefused, TooLarge
from core.export.triage.cells import MOST_COLUMNS, TITLE
from core.export.triage.rows import CONTENT, KEY, ROW, SAID, SPOKEN
from core.settings import Settings

PROCESS = Path(__file__).with_name("openpyxl_process.py")
LARGEST_MB = 100  # of a workbook that is taken back; unpacked it may be four times that
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OURS = "choose the Excel file that was made on the page Triage, saved as .xlsx"
AGAIN = "export again, copy the verdicts into that file, and take that back"
ID, HASH = re.compile("[0-9a-z-]{1,24}"), re.compile("[0-9a-f]{1,16}")


@dataclass(frozen=True)
class Line:
    """What a row of the sheet says. number: of the row in the sheet, from 1; mark: whose it is (core.export.triage.rows.mark).

    said: number of the verdict that stood when the file was made, 0 where there was none, None where the file does not say.
    content: the hash of the row's cells then, empty where it is not known. words: by SPOKEN, as they stand in the cells; of a
    column that is gone there are none. uncomputed: the columns in which a formula has no value. row: of the dataset, from 1, as the
    number beside the cells says; None where it says none.
    """

    number: int
    mark: str
    said: int | None
    content: str
    words: dict[str, str]
    uncomputed: tuple[str, ...] = ()
    row: int | None = None


@dataclass(frozen=True)
class Returned:
    """A workbook that came back."""

    name: str
    sheet: str
    run_id: str
    dataset_name: str
    lineage_id: str
    scorer: str
    threshold: float | None
    lines: tuple[Line, ...]
    dataset_id: str = ""


def read_verdicts(source: Path | bytes, limits: Settings, name: str = "") -> Returned:
    """What a workbook says of its rows. name: what to call it.

    Raises FileRefused, TooLarge for what is no workbook or can't be read, InputRefused for one that is not ours any more.
    """
    if isinstance(source, bytes):
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            file.write(source)
            file.flush()
            return read_verdicts(Path(file.name), limits, name)
    name = name or source.name
    if (size := source.stat().st_size) > LARGEST_MB * 1_000_000:
        raise TooLarge(
            f"the file has {size:,} bytes, the limit is {LARGEST_MB} MB", where=name, fix="delete rows that are done"
        )
    looked = _look(source, name, limits)
    asked = {
        "key": KEY,
        "columns": [KEY, SAID, CONTENT, ROW, *SPOKEN],
        "title": TITLE,
        "formulas": any(span.uncomputed for span in looked.sheets.values()),
    }
    with apart(PROCESS, source, limits.ingest_memory_mb) as process:
        answer = _Answer(process, name, limits)
        cast(IO[bytes], process.stdin).write(json.dumps(asked).encode() + b"\n")
        cast(IO[bytes], process.stdin).flush()
        return _returned(answer, name)


def _look(path: Path, name: str, limits: Settings) -> Look:
    with path.open("rb") as file:
        head = file.read(8)
    if head == OLE:
        raise FileRefused("this is an Excel file of before 2007, or locked with a password", where=name, fix=OURS)
    if not head.startswith(ZIP):
        raise FileRefused("this is no Excel workbook", where=name, fix=f"{OURS}: CSV and Parquet don't come back")
    limits = limits.model_copy(update={"upload_limit_mb": LARGEST_MB, "column_limit": MOST_COLUMNS})
    try:
        with archive(path, name) as opened:
            if "xl/workbook.xml" not in opened.namelist():
                raise FileRefused("this zip archive is no Excel workbook", where=name, fix=OURS)
            looked = look(opened, name, limits)
        for sheet in looked.sheets:
            looked.check(sheet, name, limits)
    except FileRefused as error:  # which would have the sheet saved as CSV
        raise type(error)(error.what, where=error.where, fix=error.fix if error.fix == OURS else AGAIN) from error
    return looked


class _Answer:
    """The lines of the process, with words for its end."""

    def __init__(self, process: subprocess.Popen[bytes], name: str, limits: Settings) -> None:
        self._process, self._name, self._limits = process, name, limits

    def hear(self) -> Any:
        line = cast(IO[bytes], self._process.stdout).readline()
        value = json.loads(line) if line.endswith(b"\n") else {"error": "ended"}
        if not isinstance(value, dict) or "error" not in value:
            return value
        code = self._process.wait() if value["error"] == "ended" else 0
        if code == -signal.SIGXCPU:
            raise TooLarge("the workbook takes too long to read", where=self._name, fix=AGAIN)
        if code == -signal.SIGABRT or value["error"] == "memory":
            what = f"the workbook asks for more than {self._limits.ingest_memory_mb:,} MB of memory, which is the limit"
            raise TooLarge(what, where=self._name, fix=AGAIN)
        raise FileRefused("this workbook is damaged", where=self._name, fix=AGAIN)


def _returned(answer: _Answer, name: str) -> Returned:
    found = answer.hear()
    columns, about, sheet = found["columns"], found["about"], f"{name}, sheet “{found['sheet']}”"
    if not columns:
        raise InputRefused(
            f"no sheet has the column {KEY}, which says which row is which",
            where=name,
            fix="take back the file that was exported, or export again and copy the verdicts into that; hide columns, "
            "don't delete them",
        )
    if found["twice"]:
        raise InputRefused(f"two columns are called {found['twice']}", where=sheet, fix="rename or delete one of them")
    if "verdict" not in columns:
        raise InputRefused("there is no column “verdict”", where=sheet, fix="name the column with the verdicts so")
    if not about.get("lineage id"):
        raise InputRefused(
            "the file does not say any more which dataset it is of",
            where=name,
            fix="keep the sheet About; or export again and copy the verdicts into that",
        )
    lines = []
    while (heard := answer.hear()) is not None:
        number, cells = heard
        lines.append(_line(number, dict(zip(columns, cells, strict=True))))
    names = (about.get("dataset") or "", about["lineage id"])
    run_id, dataset_id = (
        told if ID.fullmatch(told := about.get(name) or "") else "" for name in ("run id", "dataset id")
    )
    scorer, threshold = about.get("scorer") or "", _number(about.get("threshold") or "")
    return Returned(name, found["sheet"], run_id, *names, scorer, threshold, tuple(lines), dataset_id)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _line(number: int, cells: dict[str, Any]) -> Line:
    said, content = cells.get(SAID) or "", cells.get(CONTENT) or ""
    return Line(
        number,
        (cells.get(KEY) or "").strip(),
        int(said) if re.fullmatch(r"\d{1,18}", said) else None,
        content if HASH.fullmatch(content) else "",
        {name: cells[name] or "" for name in SPOKEN if name in cells},
        tuple(name for name in SPOKEN if cells.get(name) is False),
        int(row) if re.fullmatch(r"[1-9]\d{0,17}", row := str(cells.get(ROW) or "")) else None,
    )
