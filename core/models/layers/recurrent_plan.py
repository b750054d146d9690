"""What can be said of recurrent layers before they are built. Without torch: forms ask it."""

from __future__ import annotations

import math

from pydantic import Field

from core.models.layers.linear_width import LinearCodeSettings, code_width, plan_around
from core.specs import Plan, unit


class RecurrentSettings(LinearCodeSettings):
    """What all of them can be told."""

    hidden: int = Field(
        32,
        ge=1,
        le=512,
        title="Memory",
        description="Numbers that the network remembers from step to step, each way; raising it learns more and costs more.",
        json_schema_extra=unit("units", search=(8, 64)),
    )
    patch: int = Field(
        4,
        ge=1,
        le=64,
        title="Steps read at once",
        description="Raising it is faster and looks less closely.",
        json_schema_extra=unit("steps", expert=True),
    )


def plan_of(settings: RecurrentSettings, shape: tuple[int, ...], gates: int) -> Plan:
    """The whole network, mirrored. gates: linear maps of a cell, 3 in a GRU, 4 in an LSTM."""
    code = code_width(settings.bottleneck, shape, settings.patch, "patch")
    hidden, read = settings.hidden, shape[1] * settings.patch
    branch = 2 * gates * hidden * (read + hidden + 2) + read * (2 * hidden + 1)
    reads = math.ceil(shape[0] / settings.patch)
    return plan_around(shape, code, branch, wide=reads * 2 * hidden, used=reads)
