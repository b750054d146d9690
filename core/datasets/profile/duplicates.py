"""Rows that say the same, and columns that hold the same in every row. Fed one column at a time."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from core.datasets.profile.facts import Facts
from core.profiles import Duplicates

GROUPS = 10
ROWS = 10


class Sameness:
    """Each row as one number: of its cells but the identifiers', equal for rows of equal cells (Zobrist 1970)."""

    def __init__(self, rows: int, seed: int) -> None:
        self._generator = np.random.default_rng(seed)
        self._rows = np.zeros(rows, np.uint64)
        self._ignoring: list[str] = []
        self._compared = 0
        self._columns: dict[bytes, list[str]] = {}

    def add(self, facts: Facts) -> None:
        """A column's cells."""
        if len(facts.cells):
            self._columns.setdefault(facts.digest(), []).append(facts.column.name)
        if facts.column.role == "identifier":
            self._ignoring.append(facts.column.name)
            return
        self._compared += 1
        self._rows ^= self._generator.integers(0, 2**64, len(facts.cells) + 1, dtype=np.uint64)[facts.places]

    def duplicates(self, duck: duckdb.DuckDBPyConnection) -> Duplicates:
        """All of it, when every column was added."""
        columns = tuple(tuple(names) for names in self._columns.values() if len(names) > 1)
        if self._compared == 0:
            return Duplicates(0, 0, (), tuple(self._ignoring), columns)
        duck.register("contents", pa.table({"content": self._rows}))
        duck.execute("CREATE TEMP TABLE same AS SELECT content, count(*) n FROM contents GROUP BY content HAVING n > 1")
        groups, rows = duck.execute("SELECT count(*), coalesce(sum(n - 1), 0) FROM same").fetchall()[0]
        largest = duck.execute("SELECT content FROM same ORDER BY n DESC, content LIMIT ?", [GROUPS]).fetchall()
        duck.execute("DROP TABLE same")
        duck.unregister("contents")
        members = [np.flatnonzero(self._rows == np.uint64(content)) for (content,) in largest]
        members.sort(key=lambda found: (-len(found), int(found[0])))
        return Duplicates(
            groups=int(groups),
            rows=int(rows),
            examples=tuple(tuple(int(row) + 1 for row in found[:ROWS]) for found in members),
            ignoring=tuple(self._ignoring),
            columns=columns,
        )
