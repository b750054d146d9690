"""What every part of an encoder promises: fitted on a column, it turns cells into matrix columns and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from core.results import Column, Head, Kind

Matrix = NDArray[np.float64]  # (N, width), or (N,) where a part has one input
Mask = NDArray[np.bool_]
LEVELS = math.log(2)  # how far apart two levels are: by one cell of yes or no, or by two of one-hot cells
APART: Final[Mapping[Head, float]] = {"squared": 1.0, "binary": LEVELS, "categorical": LEVELS / math.sqrt(2)}


class Part(BaseModel):
    """What one source column becomes. `weights` has one entry a block, and one for the mark of missing cells.

    A subclass stands in `parts/NAME.py`, has a field `kind` whose only value is NAME, and is that file's PART.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    kinds: ClassVar[tuple[Kind, ...]] = ()
    choice: ClassVar[str] = ""  # its name in RunSpec.numbers, where a kind has several encodings
    markers: ClassVar[int] = 0  # blocks at the end that mark something beside the value: they don't share its weight

    column: str
    missing_seen: bool = False
    weights: tuple[float, ...] = ()

    @classmethod
    def suits(cls, column: Column) -> bool:
        """Whether it can encode such a column."""
        return column.kind in cls.kinds

    @classmethod
    def outlook(cls, column: Column) -> tuple[int, str]:
        """How many inputs the column will become, before anything is fitted, and in words which."""
        raise NotImplementedError

    @classmethod
    def fit(cls, column: Column, values: NDArray[Any]) -> Self:
        """The part of these cells, (N,)."""
        raise NotImplementedError

    def describe(self) -> str:
        """In words, what its inputs are."""
        raise NotImplementedError

    @property
    def heads(self) -> tuple[Head, ...]:
        """How each block is compared."""
        return ("squared",)

    @property
    def scales(self) -> tuple[float, ...]:
        """What each block's cells are multiplied by in distances between rows: numbers by nothing, and so that two levels are
        as far apart as a number a quarter of the rows from the middle is from it."""
        return tuple(APART[head] for head in self.heads)

    @property
    def widths(self) -> tuple[int, ...]:
        """Matrix columns of each block, without the mark of missing cells."""
        return (1,)

    def encode(self, values: NDArray[Any]) -> Matrix:
        """(N,) cells → (N, sum of widths), finite; anything at a missing cell."""
        raise NotImplementedError

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        """(N, sum of widths) → (N,) cells in source units."""
        raise NotImplementedError

    def missing(self, values: NDArray[Any]) -> Mask:
        """Which cells are missing, (N,)."""
        if values.dtype == object:
            return np.asarray([value is None for value in values], bool)
        return np.isnan(values.astype(np.float64))
