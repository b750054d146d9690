"""The cut with the highest F1 on the rows whose truth is known."""

from __future__ import annotations

import numpy as np

from core.specs import SettingsModel
from core.thresholds import Given, Method
from core.thresholds._truth import cuts


class MaxF1(SettingsModel):
    """Nothing to choose."""


def cut(given: Given, parameters: MaxF1) -> float:
    """Of equally good ones the highest. Raises SettingsRefused with too few known rows."""
    found = cuts(given)
    # F1 = 2 TP ÷ (flagged + positives)
    score = found.true_positives / (found.true_positives + found.false_positives + found.positives)
    return float(found.values[np.argmax(score)])


METHOD = Method(
    "highest F1",
    "Takes the cut at which precision and recall, by the label or by verdicts, have the highest harmonic mean. It is tuned on these "
    "rows, so that figures on the same rows flatter it.",
    MaxF1,
    cut,
    needs="truth",
)
