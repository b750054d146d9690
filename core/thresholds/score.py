"""A score that was set before: by another file, by a rule of the house."""

from __future__ import annotations

from pydantic import Field

from core.specs import SettingsModel
from core.thresholds import Given, Method, in_range


class Score(SettingsModel):
    """From which score on rows are flagged."""

    score: float = Field(
        1.0,
        title="Score",
        description="Rows with this score or a higher one are flagged; lowering it flags more.",
        json_schema_extra={"step": 0.1},
    )


def cut(given: Given, parameters: Score) -> float:
    """The score itself."""
    return in_range(parameters.score)


def says(given: Given, parameters: Score, value: float) -> str:
    """That no row reaches it."""
    return "" if value <= given.ordered[-1] else f"no row has such a score, the highest is {given.ordered[-1]:.4g}"


METHOD = Method(
    title="a fixed score",
    summary="Cuts at a score that you set. It stays the same whatever rows come: the way to hold next week's file against the "
    "same line.",
    parameters=Score,
    cut=cut,
    says=says,
)
