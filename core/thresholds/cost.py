"""The cut at which misses and false alarms cost least on the rows whose truth is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.specs import SettingsModel, unit
from core.thresholds import Given, Method, above
from core.thresholds._truth import Cuts, cuts


class Cost(SettingsModel):
    """What either mistake costs, in whatever unit: only their ratio matters."""

    miss: float = Field(
        10.0,
        gt=0,
        le=1e9,
        title="Cost of a miss",
        description="What an anomaly costs that is not flagged; raising it flags more.",
        json_schema_extra=unit("", step=1.0),
    )
    alarm: float = Field(
        1.0,
        gt=0,
        le=1e9,
        title="Cost of a false alarm",
        description="What a normal row costs that is flagged; raising it flags fewer.",
        json_schema_extra=unit("", step=1.0),
    )


def costs(found: Cuts, parameters: Cost) -> NDArray[np.float64]:
    """Of each cut on the known rows, (G,)."""
    return parameters.miss * (found.positives - found.true_positives) + parameters.alarm * found.false_positives


def cut(given: Given, parameters: Cost) -> float:
    """Of equally cheap ones the highest; over all scores where flagging nothing is cheapest. Raises SettingsRefused with too
    few known rows."""
    found = cuts(given)
    cost = costs(found, parameters)
    best = int(np.argmin(cost))
    nothing = parameters.miss * found.positives
    return above(given.ordered) if nothing <= cost[best] else float(found.values[best])


def says(given: Given, parameters: Cost, value: float) -> str:
    """Where nothing is flagged."""
    return "nothing flagged: at these costs that is cheapest" if value > given.ordered[-1] else ""


METHOD = Method(
    "lowest cost",
    "Takes the cut at which misses and false alarms together cost least, by the label or by verdicts. It is tuned on these rows, so "
    "that figures on the same rows flatter it. Where only flagged rows were judged, nobody knows the misses among the others.",
    Cost,
    cut,
    needs="truth",
    says=says,
)
