"""Flag as many as somebody can review."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.specs import SettingsModel, unit
from core.thresholds import EACH_ROW, Given, Method, Unit, cut_at

GROWTH = 1.25  # from one tried number of rows to the next
BETWEEN = 32  # numbers that are tried around the best of these


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

    So the flagged rows are made more, step by step, until there are too many events for the first time; where there never are, it
    is the step with the most events that counts, not the last, at which all have become one.
    """

    @cache
    def events(rows: int) -> int:
        return unit.count(scores >= ordered[rows - 1])

    steps = [1]
    while steps[-1] < len(ordered):
        more = min(len(ordered), max(steps[-1] + 1, int(steps[-1] * GROWTH)))
        if events(more) > most:
            break
        steps.append(more)
    else:
        at = max(range(len(steps)), key=lambda i: (events(steps[i]), -i))
        low, high = steps[max(0, at - 1)], steps[min(len(steps) - 1, at + 1)]
        between = np.unique(np.linspace(low, high, BETWEEN).astype(int)).tolist()
        within = [rows for rows in between if events(rows) <= most]
        return float(ordered[max(within, key=lambda rows: (events(rows), -rows)) - 1])
    least = steps[-1]
    while more - least > 1:
        middle = (least + more) // 2
        least, more = (middle, more) if events(middle) <= most else (least, middle)
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
