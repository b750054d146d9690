"""Text: what it says is not looked at."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.part import Matrix, Part
from core.datasets.encoding.scaling import centre_and_scale, squash, unsquash
from core.results import Column, Kind

CLASSES = (str.isdigit, str.isupper, str.islower, str.isspace)
WORDS = "its length and its shares of digits, capitals, small letters and spaces; what it says is not looked at"


class TextPart(Part):
    """Length and character classes only: what a text says is not looked at."""

    kinds: ClassVar[tuple[Kind, ...]] = ("text",)
    kind: Literal["text"] = "text"
    centre: float
    scale: float

    @classmethod
    def outlook(cls, column: Column) -> tuple[int, str]:
        return 1 + len(CLASSES), WORDS

    @classmethod
    def fit(cls, column: Column, values: NDArray[Any]) -> TextPart:
        lengths = np.asarray([len(value) for value in values if value is not None], np.float64)
        centre, scale = centre_and_scale(lengths)
        return cls(column=column.name, centre=centre, scale=scale)

    def describe(self) -> str:
        return WORDS

    @property
    def widths(self) -> tuple[int, ...]:
        return (1 + len(CLASSES),)

    def encode(self, values: NDArray[Any]) -> Matrix:
        texts = ["" if value is None else value for value in values]
        lengths = np.asarray([len(text) for text in texts], np.float64)
        shares = [[sum(map(test, text)) / max(1, len(text)) for test in CLASSES] for text in texts]
        return np.column_stack([squash(lengths, self.centre, self.scale), np.asarray(shares).reshape(-1, len(CLASSES))])

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        lengths = np.abs(np.maximum(0, np.round(unsquash(matrix[:, 0], self.centre, self.scale))))  # no −0
        return np.asarray([f"(a text of about {length:.0f} characters)" for length in lengths], object)


PART = TextPart
