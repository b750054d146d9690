"""Numbers by mean and standard deviation."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.parts._linear import LinearPart
from core.datasets.encoding.scaling import mean_and_deviation
from core.results import Column


class ZScorePart(LinearPart):
    """One input: the value, centred by the mean and scaled by the standard deviation, both without wild cells."""

    choice: ClassVar[str] = "z-score"
    words: ClassVar[str] = "centred by the mean, scaled by the standard deviation"
    kind: Literal["z_score"] = "z_score"

    @classmethod
    def fit(cls, column: Column, values: NDArray[Any]) -> ZScorePart:
        centre, scale = mean_and_deviation(values.astype(np.float64))
        return cls(column=column.name, centre=centre, scale=scale)


PART = ZScorePart
