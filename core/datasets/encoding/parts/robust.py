"""Numbers by median and interquartile range, in proportion."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.parts._linear import LinearPart
from core.datasets.encoding.scaling import centre_and_scale
from core.results import Column


class RobustPart(LinearPart):
    """One input: the value, centred by the median and scaled by the interquartile range."""

    choice: ClassVar[str] = "robust"
    words: ClassVar[str] = "centred by the median, scaled by the middle half"
    kind: Literal["robust"] = "robust"

    @classmethod
    def fit(cls, column: Column, values: NDArray[Any]) -> RobustPart:
        centre, scale = centre_and_scale(values.astype(np.float64))
        return cls(column=column.name, centre=centre, scale=scale)


PART = RobustPart
