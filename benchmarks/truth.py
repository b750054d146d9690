"""The shared tables with ground truth, in the two situations that a detector is asked in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TABLES = Path(__file__).parents[2] / "shared" / "data" / "adbench"
MOST_ROWS, DRAW = 10_000, 42
SITUATIONS = ("contaminated", "clean reference")
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A table in one situation."""

    table: str
    clean: bool
    fitted: Array  # (T, D)
    scored: Array  # (N, D)
    positive: NDArray[np.bool_]  # (N,)


def cases(path: Path, seed: int) -> Iterator[Case]:
    """Both situations of a table; the seed draws the half of the normal rows."""
    with np.load(path, allow_pickle=False) as file:
        values, positive = file["X"].astype(np.float64), file["y"] == 1
    if len(values) > MOST_ROWS:
        some = np.random.RandomState(DRAW).choice(len(values), MOST_ROWS, replace=False)
        values, positive = values[some], positive[some]
    yield from halves(path.stem, values, positive, seed)


def halves(table: str, values: Array, positive: NDArray[np.bool_], seed: int) -> Iterator[Case]:
    """All rows with themselves; and a random half of the normal rows with all that remains."""
    yield Case(table, False, values, values, positive)
    normal = np.flatnonzero(~positive)
    np.random.RandomState(seed).shuffle(normal)
    half = len(normal) // 2
    rest = np.concatenate([normal[half:], np.flatnonzero(positive)])
    yield Case(table, True, values[normal[:half]], values[rest], positive[rest])
