"""What is missing, where along the rows, and which columns go missing together. Fed one column at a time."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.datasets.profile.facts import Mask
from core.profiles import Missing, MissingPattern

STRETCHES = 50
COLUMNS = 60
PATTERNS = 20
ROWS_AT_ONCE = 100_000


class Gaps:
    """Collects columns' missing cells: one bit a cell, of columns that have any."""

    def __init__(self, rows: int, seed: int) -> None:
        self.rows = rows
        self._generator = np.random.default_rng(seed)
        self._starts = np.linspace(0, rows, min(STRETCHES, rows) + 1).astype(np.int64)
        self._names: list[str] = []
        self._bits: list[NDArray[np.uint8]] = []
        self._shares: list[NDArray[np.float64]] = []
        self._counts: list[int] = []
        # Each row's pattern as one number: that of its missing columns, exclusive-or'd (Zobrist 1970).
        self._pattern = np.zeros(rows, np.uint64)
        self._some = np.zeros(rows, bool)

    def add(self, name: str, empty: Mask) -> None:
        """A column's missing cells, (N,)."""
        count = int(empty.sum())
        if count == 0:
            return
        self._names.append(name)
        self._counts.append(count)
        self._bits.append(np.packbits(empty))
        inside = np.add.reduceat(empty, self._starts[:-1], dtype=np.int64)
        self._shares.append(inside / np.diff(self._starts))
        self._pattern[empty] ^= self._generator.integers(1, 2**64, dtype=np.uint64)
        self._some |= empty

    def missing(self, duck: duckdb.DuckDBPyConnection) -> Missing:
        """All of it, when every column was added."""
        emptiest = sorted(range(len(self._names)), key=lambda i: (-self._counts[i], i))[:COLUMNS]
        return Missing(
            columns=tuple(self._names[i] for i in emptiest),
            shares=tuple(tuple(float(share) for share in self._shares[i]) for i in emptiest),
            together=self._together(emptiest),
            patterns=self._patterns(duck),
            complete=self.rows - int(self._some.sum()),
        )

    def _together(self, which: list[int]) -> tuple[tuple[float | None, ...], ...]:
        """Phi of each two: the correlation of being missing."""
        both = np.zeros((len(which), len(which)))
        for start in range(0, self.rows, ROWS_AT_ONCE):  # a multiple of 8
            stop = min(self.rows, start + ROWS_AT_ONCE)
            bits = [np.unpackbits(self._bits[i][start // 8 : (stop + 7) // 8], count=stop - start) for i in which]
            block = np.asarray(bits, np.float32).reshape(len(which), stop - start)
            both += block @ block.T
        alone = np.diag(both)
        spread = np.sqrt(alone * (self.rows - alone))
        with np.errstate(divide="ignore", invalid="ignore"):
            phi = (both * self.rows - np.outer(alone, alone)) / np.outer(spread, spread)
        varies = spread > 0
        return tuple(
            tuple(float(np.clip(phi[i, j], -1.0, 1.0)) if varies[i] and varies[j] else None for j in range(len(which)))
            for i in range(len(which))
        )

    def _patterns(self, duck: duckdb.DuckDBPyConnection) -> tuple[MissingPattern, ...]:
        if not self._names:
            return ()
        gaps = np.flatnonzero(self._some)
        rows = pa.table({"pattern": self._pattern[gaps], "row": gaps})
        duck.register("gaps", rows)
        commonest = duck.execute(
            "SELECT count(*), min(row) FROM gaps GROUP BY pattern ORDER BY 1 DESC, 2 LIMIT ?", [PATTERNS]
        ).fetchall()
        duck.unregister("gaps")
        return tuple(
            MissingPattern(
                tuple(name for name, bits in zip(self._names, self._bits, strict=True) if _bit(bits, row)), count
            )
            for count, row in commonest
        )


def _bit(bits: NDArray[np.uint8], row: int) -> bool:
    return bool(bits[row // 8] >> (7 - row % 8) & 1)
