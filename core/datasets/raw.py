"""What a reader hands over: every cell as text, and what was done to get it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.results import Dialect, Reading, Reject


@dataclass(frozen=True)
class RawTable:
    """A table as text: null is an empty cell. `lines` is the source line (from 1) of each row."""

    cells: pa.Table
    lines: NDArray[np.int64]  # (N,)
    reading: Reading
    rejected: int = 0  # lines set aside, of which `reading.rejects` keeps the first

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.cells.column_names)


def unique_names(header: list[str]) -> tuple[list[str], list[str]]:
    """Column names made usable and unique, and a notice for each thing that was changed."""
    names: list[str] = []
    notices: list[str] = []
    taken = {name.strip() for name in header}
    seen: set[str] = set()
    for i, given in enumerate(header):
        name = given.strip()
        if not name:
            name = _free(f"col_{i + 1}", taken | seen)
            notices.append(f"column {i + 1} has no name; it is called “{name}”")
        elif name in seen:
            new = _free(f"{name} (2)", taken | seen, counting=name)
            notices.append(f"the name “{name}” stands twice; column {i + 1} is called “{new}”")
            name = new
        seen.add(name)
        names.append(name)
    return names, notices


def _free(first: str, taken: set[str], counting: str = "") -> str:
    candidate, number = first, 2
    while candidate in taken:
        number += 1
        candidate = f"{counting or first} ({number})"
    return candidate


def leading(records: Sequence[tuple[int, Sequence[str | None]]], width: int) -> int:
    """How many records stand before the first that fills most of the table's width."""
    if width < 3:
        return 0
    for i, (_, cells) in enumerate(records):
        if len(cells) >= width and sum(1 for cell in cells if cell and cell.strip()) > width // 2:
            return i
    return 0


def table_of(columns: dict[str, list[str | None]]) -> pa.Table:
    """A text table from lists."""
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


__all__ = ["Dialect", "RawTable", "Reading", "Reject", "leading", "table_of", "unique_names"]
