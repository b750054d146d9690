"""Flag as many rows as somebody can review."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.specs import SettingsModel, unit
from core.thresholds import Method


class Count(SettingsModel):
    """A number of rows."""

    rows: int = Field(
        40,
        ge=1,
        le=10_000_000,
        title="Rows I can review",
        description="How many of the strangest rows to flag; rows with equal scores are flagged together.",
        json_schema_extra=unit(""),
    )


def cut(scores: NDArray[np.float64], parameters: Count) -> float:
    """The score of the last row that can be reviewed. Rows that tie with it are over the threshold too."""
    count = min(parameters.rows, len(scores))
    return float(np.sort(scores)[len(scores) - count])


METHOD = Method("a number of rows", Count, cut)
