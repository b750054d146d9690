"""Numbers by their rank, spread as a normal distribution is."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.part import Matrix, Part
from core.datasets.encoding.scaling import (
    Numbers,
    centre_and_scale,
    scaled,
    stretched,
    unscaled,
    without_outliers,
)
from core.results import Column, Kind

KNOTS = 1_000
TIE = 1e-12  # scaled numbers closer than this are one: between them there is no room to interpolate
WORDS = "its rank among the training rows, spread as a bell curve"


class QuantileNormalPart(Part):
    """One input: the standard normal quantile of the value's rank; beyond the last knots it grows as a logarithm.

    knots: up to 1,000 quantiles of the scaled numbers, increasing; heights: the encoding of each, increasing.
    """

    kinds: ClassVar[tuple[Kind, ...]] = ("number",)
    choice: ClassVar[str] = "quantile-normal"
    kind: Literal["quantile_normal"] = "quantile_normal"
    centre: float
    scale: float
    knots: tuple[float, ...]
    heights: tuple[float, ...]

    @classmethod
    def outlook(cls, column: Column) -> tuple[int, str]:
        return 1, WORDS

    @classmethod
    def fit(cls, column: Column, values: NDArray[Any]) -> QuantileNormalPart:
        numbers = values.astype(np.float64)
        centre, scale = centre_and_scale(numbers)
        z = scaled(numbers[~np.isnan(numbers)], centre, scale)
        knots, heights = _knots(z) if len(z) else ((0.0,), (0.0,))
        return cls(column=column.name, centre=centre, scale=scale, knots=knots, heights=heights)

    def describe(self) -> str:
        return WORDS

    def encode(self, values: NDArray[Any]) -> Matrix:
        z = scaled(values.astype(np.float64), self.centre, self.scale)
        below = np.log1p(np.maximum(self.knots[0] - z, 0.0))
        above = np.log1p(np.maximum(z - self.knots[-1], 0.0))
        return (np.interp(z, self.knots, self.heights) - below + above)[:, None]

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        height = matrix[:, 0]
        below = stretched(np.maximum(self.heights[0] - height, 0.0))
        above = stretched(np.maximum(height - self.heights[-1], 0.0))
        return unscaled(np.interp(height, self.heights, self.knots) - below + above, self.centre, self.scale)


def _knots(z: Numbers) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Quantiles of scaled numbers, each once, and the normal quantile of the middle of its ranks."""
    ordered = np.sort(without_outliers(z, 1 / KNOTS))
    count = min(KNOTS, len(ordered))
    picked = ((np.arange(count) + 0.5) * len(ordered) / count).astype(int)
    quantiles, shares = ordered[picked], (picked + 0.5) / len(ordered)
    first = np.append(True, np.diff(quantiles) > TIE * np.maximum(1.0, np.abs(quantiles[1:])))
    group = np.cumsum(first) - 1
    middles = np.bincount(group, shares) / np.bincount(group)
    normal = NormalDist()
    return tuple(quantiles[first].tolist()), tuple(normal.inv_cdf(share) for share in middles.tolist())


PART = QuantileNormalPart
