"""Names without an order; codes, whose digits are a name too; and ordered names whose order nobody said."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.frequency import OTHER, frequent, in_words, likely
from core.datasets.encoding.part import Matrix, Part
from core.results import Column, Head, Kind


class CategoryPart(Part):
    """One column a level that is not rare; the last one stands for rare levels and ones never seen."""

    kinds: ClassVar[tuple[Kind, ...]] = ("category", "coded")
    kind: Literal["category"] = "category"
    levels: tuple[str, ...]

    @classmethod
    def suits(cls, column: Column) -> bool:
        without_order = column.kind == "ordered" and not column.levels
        without_separator = column.kind == "multiple" and not column.form
        return column.kind in cls.kinds or without_order or without_separator

    @classmethod
    def outlook(cls, column: Column) -> tuple[int, str]:
        kept = likely(column)
        return kept + 1, in_words(kept, "level")

    @classmethod
    def fit(cls, column: Column, values: NDArray[Any]) -> CategoryPart:
        counts = Counter(value.strip() for value in values if value is not None)
        return cls(column=column.name, levels=frequent(counts, len(values)))

    def describe(self) -> str:
        return in_words(len(self.levels), "level")

    @property
    def heads(self) -> tuple[Head, ...]:
        return ("categorical",)

    @property
    def widths(self) -> tuple[int, ...]:
        return (len(self.levels) + 1,)

    def encode(self, values: NDArray[Any]) -> Matrix:
        places = {level: i for i, level in enumerate(self.levels)}
        out = np.zeros((len(values), self.widths[0]))
        for row, value in enumerate(values):
            if value is not None:
                out[row, places.get(value.strip(), len(self.levels))] = 1.0
        return out

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        names = np.asarray([*self.levels, OTHER], object)
        decoded: NDArray[Any] = names[matrix.argmax(axis=1)]
        return decoded


PART = CategoryPart
