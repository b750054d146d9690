"""Flag what lies many median absolute deviations over the median (Iglewicz and Hoaglin 1993)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.errors import SettingsRefused
from core.specs import SettingsModel, unit
from core.thresholds import Given, Method, in_range

NORMAL = 1.4826  # times the median absolute deviation is the standard deviation of normal numbers


class Mad(SettingsModel):
    """How far from the median is far."""

    k: float = Field(
        3.5,
        gt=0,
        le=1_000,
        title="Deviations",
        description="How many standard deviations over the median, as the median absolute deviation estimates them, a score must "
        "lie to be flagged; raising it flags fewer.",
        json_schema_extra=unit("", step=0.5),
    )


def cut(given: Given, parameters: Mad) -> float:
    """median + k · 1.4826 · MAD. Raises SettingsRefused where most scores are equal."""
    quarters = given.ordered / 4  # exact, and differences of the largest numbers stay finite
    halves = (
        (len(quarters) + 1) // 2,
        len(quarters) // 2 + 1,
    )  # the two middle places, from 1; of an odd number the same
    middle = float(quarters[halves[0] - 1] + quarters[halves[1] - 1]) / 2
    spread = sum(_nearest(quarters, middle, count) for count in halves) / 2
    if spread == 0:
        raise SettingsRefused(
            "half of the scores or more are equal, so that their median absolute deviation is 0",
            where="median absolute deviations",
            fix="flag by a share or a number instead",
        )
    return in_range(4 * (middle + parameters.k * NORMAL * spread))


def _nearest(ordered: NDArray[np.float64], middle: float, count: int) -> float:
    """How far the last of so many that are nearest to the middle lies from it. These stand next to one another, so that
    nothing has to be sorted again: of all stretches as long it is the one whose ends are nearest."""
    ends = np.maximum(middle - ordered[: len(ordered) - count + 1], ordered[count - 1 :] - middle)
    return float(ends.min())


METHOD = Method(
    "median absolute deviations",
    "Flags scores far over the median, in units of the median absolute deviation: up to half of the rows may be anomalies "
    "without moving either. It flags nothing where nothing lies apart. Scores with a long tail by nature need a larger number.",
    Mad,
    cut,
    expert=True,
)
