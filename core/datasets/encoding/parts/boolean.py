"""Yes or no."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.part import Matrix, Part
from core.results import Column, Head, Kind


class BooleanPart(Part):
    """One input: 0 or 1."""

    kinds: ClassVar[tuple[Kind, ...]] = ("boolean",)
    kind: Literal["boolean"] = "boolean"

    @classmethod
    def outlook(cls, column: Column) -> tuple[int, str]:
        return 1, "0 or 1"

    @classmethod
    def fit(cls, column: Column, values: NDArray[Any]) -> BooleanPart:
        return cls(column=column.name)

    def describe(self) -> str:
        return "0 or 1"

    @property
    def heads(self) -> tuple[Head, ...]:
        return ("binary",)

    def encode(self, values: NDArray[Any]) -> Matrix:
        return np.nan_to_num(values.astype(np.float64))[:, None]

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        return (matrix[:, 0] >= 0.5).astype(np.float64)


PART = BooleanPart
