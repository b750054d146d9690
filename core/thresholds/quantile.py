"""Flag the strangest share of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.specs import SettingsModel, unit
from core.thresholds import EACH_ROW, Method, Unit, cut_at, share_in_rows


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


def cut(scores: NDArray[np.float64], parameters: Quantile, unit: Unit) -> float:
    """The score of the last row within the share, or of the last before those that tie with it."""
    count, _ = asked(len(scores), parameters, unit)
    return cut_at(scores, count)


def asked(rows: int, parameters: Quantile, unit: Unit) -> tuple[int, Unit]:
    """The share in whole rows, at least one."""
    return share_in_rows(parameters.share, rows), EACH_ROW


METHOD = Method("a share of all", Quantile, cut, asked)
