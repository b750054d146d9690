"""Flag the strangest share of rows."""

from __future__ import annotations

from pydantic import Field

from core.specs import SettingsModel, unit
from core.thresholds import EACH_ROW, Given, Method, Unit, cut_at, share_in_rows


class Quantile(SettingsModel):
    """A share of the rows."""

    share: float = Field(
        0.05,
        gt=0,
        le=0.5,
        title="Share",
        description="Share of the rows that is flagged; raising it flags more.",
        json_schema_extra=unit("%", step=0.01),
    )


def cut(given: Given, parameters: Quantile) -> float:
    """The score of the last row within the share, or of the last before those that tie with it."""
    count, _ = asked(len(given.scores), parameters, given.unit)
    return cut_at(given.scores, count)


def asked(rows: int, parameters: Quantile, unit: Unit) -> tuple[int, Unit]:
    """The share in whole rows, at least one."""
    return share_in_rows(parameters.share, rows), EACH_ROW


METHOD = Method(
    "a share of all",
    "Flags that share of all rows, the strangest: the expected share of anomalies, if it is known.",
    Quantile,
    cut,
    asked,
)
