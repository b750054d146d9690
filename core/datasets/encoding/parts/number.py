"""Numbers, robust and squashed: the default."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.part import Matrix, Part
from core.datasets.encoding.scaling import centre_and_scale, squash, unsquash
from core.results import Column, Kind

WORDS = "centred by the median, scaled by the middle half, far values drawn in"


class NumberPart(Part):
    """One input: the value, centred and scaled robustly, its tails squashed."""

    kinds: ClassVar[tuple[Kind, ...]] = ("number",)
    choice: ClassVar[str] = "robust-log"
    kind: Literal["number"] = "number"
    centre: float
    scale: float

    @classmethod
    def outlook(cls, column: Column) -> tuple[int, str]:
        return 1, WORDS

    @classmethod
    def fit(cls, column: Column, values: NDArray[Any]) -> NumberPart:
        centre, scale = centre_and_scale(values.astype(np.float64))
        return cls(column=column.name, centre=centre, scale=scale)

    def describe(self) -> str:
        return WORDS

    def encode(self, values: NDArray[Any]) -> Matrix:
        return squash(values.astype(np.float64), self.centre, self.scale)[:, None]

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        return unsquash(matrix[:, 0], self.centre, self.scale)


PART = NumberPart
