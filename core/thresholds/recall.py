"""The cut with the highest precision among those that find enough of the known anomalies."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from core.specs import SettingsModel, unit
from core.thresholds import Given, Method
from core.thresholds._truth import cuts


class Recall(SettingsModel):
    """How many of the anomalies must be found."""

    recall: float = Field(
        0.9,
        gt=0,
        le=1,
        title="Recall",
        description="Share of the known anomalies that must be flagged; raising it flags more rows, and more normal ones among them.",
        json_schema_extra=unit("%", step=0.05),
    )


def cut(given: Given, parameters: Recall) -> float:
    """Of equally precise ones the lowest, which finds more. Raises SettingsRefused with too few known rows."""
    found = cuts(given)
    enough = found.true_positives >= parameters.recall * found.positives - 1e-9
    precision = np.where(enough, found.precision, -1.0)
    return float(found.values[np.flatnonzero(precision == precision.max())[-1]])


METHOD = Method(
    "precision at a recall",
    "Takes the cut with the highest precision, by the label or by verdicts, that still finds that share of the known anomalies. It "
    "is tuned on these rows, so that figures on the same rows flatter it.",
    Recall,
    cut,
    needs="truth",
)
