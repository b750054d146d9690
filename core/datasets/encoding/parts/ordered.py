"""Names with an order: low < mid < high."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.part import LEVELS, Matrix, Part
from core.results import Column, Head, Kind

NARROWEST = math.sqrt(0.1)  # ranks: a column that hardly varies must not be blown up
WIDEST = 10.0  # scales from one end of the order to the other, at most


class OrderedPart(Part):
    """Evenly spaced ranks, centred and scaled; and an input that marks levels which are not in the order.

    levels: lowest first. centre, scale: mean and standard deviation of the training rows' ranks.
    """

    kinds: ClassVar[tuple[Kind, ...]] = ("ordered",)
    markers: ClassVar[int] = 1
    kind: Literal["ordered"] = "ordered"
    levels: tuple[str, ...]
    centre: float
    scale: float

    @classmethod
    def suits(cls, column: Column) -> bool:
        return column.kind == "ordered" and bool(column.levels)

    @classmethod
    def outlook(cls, column: Column) -> tuple[int, str]:
        return 2, _in_words(len(column.levels))

    @classmethod
    def fit(cls, column: Column, values: NDArray[Any]) -> OrderedPart:
        levels = tuple(dict.fromkeys(level.strip() for level in column.levels))
        ranks = _ranks(levels, values)
        ranks = ranks[~np.isnan(ranks)]
        middle = (len(levels) - 1) / 2
        centre, deviation = (float(ranks.mean()), float(ranks.std())) if len(ranks) else (middle, 1.0)
        scale = max(deviation, NARROWEST, (len(levels) - 1) / WIDEST)
        return cls(column=column.name, levels=levels, centre=centre, scale=scale)

    def describe(self) -> str:
        return _in_words(len(self.levels))

    @property
    def heads(self) -> tuple[Head, ...]:
        return ("squared", "binary")

    @property
    def widths(self) -> tuple[int, ...]:
        return (1, 1)

    @property
    def scales(self) -> tuple[float, ...]:
        """Ranks in standard deviations vary twice as much as numbers by their quartiles and logarithm do."""
        return (0.5, LEVELS)

    def encode(self, values: NDArray[Any]) -> Matrix:
        ranks = _ranks(self.levels, values)
        unseen = np.isnan(ranks)
        return np.column_stack([np.where(unseen, 0.0, (ranks - self.centre) / self.scale), unseen])

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        ranks = np.clip(matrix[:, 0] * self.scale + self.centre, 0, len(self.levels) - 1)
        decoded: NDArray[Any] = np.asarray(self.levels, object)[np.rint(ranks).astype(int)]
        return decoded


def _ranks(levels: tuple[str, ...], values: NDArray[Any]) -> NDArray[np.float64]:
    """The rank of each cell, (N,), from 0; NaN where it is missing or not in the order."""
    places = {level: float(rank) for rank, level in enumerate(levels)}
    return np.asarray([np.nan if cell is None else places.get(cell.strip(), np.nan) for cell in values], np.float64)


def _in_words(count: int) -> str:
    return f"its place in the order of {count:,} levels, and whether it is none of them"


PART = OrderedPart
