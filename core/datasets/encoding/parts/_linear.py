"""What encodings share that keep a number's proportions: a centre, a scale, and a bend far out."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.part import Matrix, Part
from core.datasets.encoding.scaling import bend, scaled, unbend, unscaled
from core.results import Column, Kind


class LinearPart(Part):
    """One input: (x − centre) / scale, logarithmic only beyond ten scales, so that 1e308 stays finite."""

    kinds: ClassVar[tuple[Kind, ...]] = ("number",)
    words: ClassVar[str]
    centre: float
    scale: float

    @classmethod
    def outlook(cls, column: Column) -> tuple[int, str]:
        return 1, cls.words

    def describe(self) -> str:
        return self.words

    def encode(self, values: NDArray[Any]) -> Matrix:
        return bend(scaled(values.astype(np.float64), self.centre, self.scale))[:, None]

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        return unscaled(unbend(matrix[:, 0]), self.centre, self.scale)
