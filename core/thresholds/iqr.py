"""Flag what lies over Tukey's fence (1977): the upper quartile and some interquartile ranges."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.errors import SettingsRefused
from core.specs import SettingsModel, unit
from core.thresholds import Given, Method, in_range


class Iqr(SettingsModel):
    """How far over the upper quartile is far."""

    k: float = Field(
        3.0,
        gt=0,
        le=1_000,
        title="Interquartile ranges",
        description="How many interquartile ranges over the upper quartile a score must lie to be flagged: 1.5 is Tukey's outside, "
        "3 his far out; raising it flags fewer.",
        json_schema_extra=unit("", step=0.5),
    )


def cut(given: Given, parameters: Iqr) -> float:
    """Q3 + k · (Q3 − Q1). Raises SettingsRefused where the quartiles are equal."""
    quarters = given.ordered / 4  # exact, and differences of the largest numbers stay finite
    lower, upper = (_quantile(quarters, share) for share in (0.25, 0.75))
    if upper <= lower:
        raise SettingsRefused(
            "the middle half of the scores are equal, so that their interquartile range is 0",
            where="interquartile ranges",
            fix="flag by a share or a number instead",
        )
    return in_range(4 * (upper + parameters.k * (upper - lower)))


def _quantile(ordered: NDArray[np.float64], share: float) -> float:
    """As numpy's, which sorts again."""
    place = share * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return float(low + (high - low) * (place - math.floor(place)))


METHOD = Method(
    "interquartile ranges",
    "Flags scores over the fence of a box plot. Up to a quarter of the rows may be anomalies without moving it. It flags nothing "
    "where nothing lies apart.",
    Iqr,
    cut,
    expert=True,
)
