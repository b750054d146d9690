"""Several choices in a cell: “a; b; c”."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.frequency import OTHER, frequent, in_words
from core.datasets.encoding.part import LEVELS, Matrix, Part
from core.datasets.levels import choices as choices_of
from core.results import Column, Head, Histogram, Kind

NONE = "(none)"


class MultiplePart(Part):
    """An input a frequent choice, 1 where the cell holds it, and one for all other choices. Their order is not kept."""

    kinds: ClassVar[tuple[Kind, ...]] = ("multiple",)
    kind: Literal["multiple"] = "multiple"
    separator: str
    choices: tuple[str, ...]

    @classmethod
    def suits(cls, column: Column) -> bool:
        return column.kind == "multiple" and bool(column.form)

    @classmethod
    def outlook(cls, column: Column) -> tuple[int, str]:
        kept = len(_seen(column.histogram, column.form)) or 1
        return kept + 1, "one for each frequent choice, one for all others"

    @classmethod
    def fit(cls, column: Column, values: NDArray[Any]) -> MultiplePart:
        cells = [set(choices_of(cell, column.form)) for cell in values if cell is not None]
        counts = Counter(choice for cell in cells for choice in cell)
        return cls(column=column.name, separator=column.form, choices=frequent(counts, len(values)))

    def describe(self) -> str:
        return in_words(len(self.choices), "choice")

    @property
    def heads(self) -> tuple[Head, ...]:
        return ("binary",)

    @property
    def widths(self) -> tuple[int, ...]:
        return (len(self.choices) + 1,)

    @property
    def scales(self) -> tuple[float, ...]:
        """All choices together are one column."""
        return (LEVELS * math.sqrt(2 / max(2, self.widths[0])),)

    def encode(self, values: NDArray[Any]) -> Matrix:
        places = {choice: i for i, choice in enumerate(self.choices)}
        out = np.zeros((len(values), self.widths[0]))
        for row, cell in enumerate(values):
            if cell is not None:
                for choice in choices_of(cell, self.separator):
                    out[row, places.get(choice, len(self.choices))] = 1.0
        return out

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        names = np.asarray([*self.choices, OTHER], object)
        between = self.separator + (" " if self.separator in (";", ",") else "")
        return np.asarray([between.join(names[row]) or NONE for row in matrix >= 0.5], object)


def _seen(bars: Histogram, separator: str) -> set[str]:
    """The choices in the cells that have a bar."""
    return {choice for label in bars.labels for choice in choices_of(label, separator)}


PART = MultiplePart
