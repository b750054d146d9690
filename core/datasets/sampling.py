"""A random sample of a table that passes by, without knowing how long it is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


class Sample:
    """The `rows` rows with the smallest of the random numbers that each row is given (Vitter 1985 calls it a reservoir).

    The same file, size and seed give the same rows, however they were cut into pieces.
    """

    def __init__(self, rows: int, seed: int) -> None:
        self.rows = rows
        self._generator = np.random.default_rng(seed)
        self._bound = 1.0
        self._kept = 0
        self._pieces: list[tuple[NDArray[np.float64], pa.Table, NDArray[np.int64]]] = []

    def add(self, table: pa.Table, lines: NDArray[np.int64]) -> None:
        """Let rows pass by."""
        drawn = self._generator.random(len(lines))
        near = np.flatnonzero(drawn < self._bound)
        if len(near) == 0:
            return
        self._pieces.append((drawn[near], table.take(near), lines[near]))
        self._kept += len(near)
        if self._kept > 2 * self.rows:
            self._shrink()

    def taken(self) -> Iterator[tuple[pa.Table, NDArray[np.int64]]]:
        """The sample, in the order of the file."""
        if self._kept > self.rows:
            self._shrink()
        for _, table, lines in self._pieces:
            yield table, lines

    def _shrink(self) -> None:
        drawn = np.concatenate([piece[0] for piece in self._pieces])
        self._bound = float(np.partition(drawn, self.rows)[self.rows])
        kept = []
        for numbers, table, lines in self._pieces:
            near = np.flatnonzero(numbers < self._bound)
            if len(near):
                kept.append((numbers[near], table.take(near), lines[near]))
        self._pieces, self._kept = kept, self.rows
