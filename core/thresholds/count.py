"""Flag as many as somebody can review."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.specs import SettingsModel, unit
from core.thresholds import EACH_ROW, Given, Method, Unit, cut_at

GROWTH = 1.25  # from one tried number of rows to the next


class Count(SettingsModel):
    """A number of rows, or of events."""

    rows: int = Field(
        40,
        ge=1,
        le=10_000_000,
        title="Number I can review",
        description="How many of the strangest to flag; those with equal scores are flagged together or not at all, whichever "
        "comes nearer.",
        json_schema_extra=unit(""),
    )


def cut(given: Given, parameters: Count) -> float:
    """The score of the last that can be reviewed, or of the last before those that tie with it."""
    scores = given.scores
    if given.unit is EACH_ROW:
        return cut_at(scores, min(parameters.rows, len(scores)))
    return _last_within(scores, np.sort(scores)[::-1], parameters.rows, given.unit)


def _last_within(scores: NDArray[np.float64], ordered: NDArray[np.float64], most: int, unit: Unit) -> float:
    """As `cut` for what is no single row: the number of events first grows with the flagged rows, then they merge.

    So the flagged rows are made more, step by step, until there are too many events for the first time.
    """

    def fits(rows: int) -> bool:
        return unit.count(scores >= ordered[rows - 1]) <= most

    least = 1
    while least < len(ordered):
        more = min(len(ordered), max(least + 1, int(least * GROWTH)))
        if not fits(more):
            break
        least = more
    else:
        return float(ordered[-1])
    while more - least > 1:
        middle = (least + more) // 2
        least, more = (middle, more) if fits(middle) else (least, middle)
    return float(ordered[least - 1])


def asked(rows: int, parameters: Count, unit: Unit) -> tuple[int, Unit]:
    """The number itself."""
    return parameters.rows, unit


METHOD = Method(
    "a number of the strangest",
    "Flags as many of the strangest as somebody has time to look at.",
    Count,
    cut,
    asked,
)
