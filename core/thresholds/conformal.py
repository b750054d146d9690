"""Conformal p-values against rows that were held back, and a false discovery rate (Bates, Candès, Lei, Romano, Sesia 2023).

A row's p-value is the share of calibration rows that are as strange, itself counted among them. Benjamini and Hochberg (1995)
then flag as many rows as the false discovery rate allows. All rows are tested, the calibration's among them: for healthy
calibration rows the rate holds over these too, because at any cut the expected ratio of false flags among the others to
1 + those in the calibration is at most their number ÷ (n + 1).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.errors import SettingsRefused
from core.specs import SettingsModel, unit
from core.thresholds import EACH_ROW, Given, Method, above, ascending
from core.words import count as in_words

WHERE = "false discovery rate"


class Conformal(SettingsModel):
    """How many of the flags may be false."""

    rate: float = Field(
        0.1,
        gt=0,
        le=0.5,
        title="False discovery rate",
        description="Share of the flagged rows that may be healthy, on average; raising it flags more. It holds if the rows that "
        "were held back are healthy and as likely to be strange as any other healthy row: drawn at random, of the same kind and "
        "time. Anomalies among them make it flag fewer, often none.",
        json_schema_extra=unit("%", step=0.01),
    )


def cut(given: Given, parameters: Conformal) -> float:
    """The lowest score that Benjamini and Hochberg reject; over all of them where they reject none. Raises SettingsRefused
    where the calibration is too small to ever reject, or where rows are counted as events."""
    if given.unit is not EACH_ROW:
        raise SettingsRefused(
            "rows of a series follow from one another, so that those held back say little of the others",
            where=WHERE,
            fix="flag by another method",
        )
    held, rows = ascending(given.scores[calibrating(given)]), given.ordered
    least = math.ceil(1 / parameters.rate - 1 - 1e-9)
    if len(held) < least:
        raise SettingsRefused(
            f"with {in_words(len(held), 'calibration row')} the smallest p-value is 1/{len(held) + 1:,}, above a false discovery "
            f"rate of {parameters.rate:.3g}",
            where=WHERE,
            fix=f"hold back at least {in_words(least, 'row')}, or raise the rate",
        )
    # Between two calibration scores all rows have one p-value, and the lowest of them is rejected if any is.
    first = np.append(0, np.searchsorted(rows, held, side="right"))  # (n + 1,): places of these lowest
    p = np.append(1 + len(held), 1 + len(held) - np.searchsorted(held, held, side="right")) / (len(held) + 1)
    rejected = (first < len(rows)) & (p <= parameters.rate * (len(rows) - first) / len(rows))
    return float(rows[first[np.argmax(rejected)]]) if rejected.any() else above(rows)


def calibrating(given: Given) -> NDArray[np.bool_]:
    """The calibration rows, (N,): without those that are known to be anomalies, which are no healthy ones."""
    if given.calibration is None:
        return np.zeros(len(given.scores), bool)
    held = given.calibration if given.scored is None else given.calibration & given.scored
    return held if given.truth is None else held & (given.truth != 1)


def says(given: Given, parameters: Conformal, value: float) -> str:
    """Where nothing is flagged: what it would take."""
    rows, held = given.ordered, ascending(given.scores[calibrating(given)])
    if value <= rows[-1] or len(held) == 0:
        return ""
    needed = math.ceil(len(rows) / (parameters.rate * (len(held) + 1)) - 1e-9)
    found = int((rows > held[-1]).sum())
    return (
        f"nothing flagged: with {in_words(len(held), 'calibration row')} at least {in_words(needed, 'row')} of {len(rows):,} would "
        f"have to be stranger than all of these, {found:,} {'is' if found == 1 else 'are'}; anomalies in the calibration "
        "hide others"
    )


METHOD = Method(
    "false discovery rate",
    "Compares each row with rows that were held back from training, and flags as many as keep the expected share of healthy "
    "rows among the flagged at most at the rate. Guaranteed where the rows held back are healthy and exchangeable with the other "
    "healthy rows; rows that were trained on have lower scores, which makes false flags rarer. Anomalies among the rows held "
    "back make it conservative: it then flags fewer than it could, often none. Those that are known to be anomalies are left "
    "out of the calibration.",
    Conformal,
    cut,
    needs="calibration",
    says=says,
)
