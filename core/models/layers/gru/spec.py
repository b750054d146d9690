"""A recurrent network for windows of a series: a two-way GRU around a linear code."""

from __future__ import annotations

import math

from pydantic import Field

from core.models.layers.linear_width import LinearCodeSettings, code_width, plan_around
from core.specs import LayersSpec, Plan, unit


class Gru(LinearCodeSettings):
    """The shape of the hourglass."""

    hidden: int = Field(
        32,
        ge=1,
        le=512,
        title="Memory",
        description="Numbers that the network remembers from step to step, each way; raising it learns more and costs more.",
        json_schema_extra=unit("units"),
    )
    patch: int = Field(
        4,
        ge=1,
        le=64,
        title="Steps read at once",
        description="Raising it is faster and looks less closely.",
        json_schema_extra=unit("steps", expert=True),
    )


def plan(settings: Gru, shape: tuple[int, ...]) -> Plan:
    """The whole network, mirrored."""
    code = code_width(settings.bottleneck, shape, settings.patch, "patch")
    hidden, read = settings.hidden, shape[1] * settings.patch
    branch = 2 * 3 * hidden * (read + hidden + 2) + read * (2 * hidden + 1)
    reads = math.ceil(shape[0] / settings.patch)
    return plan_around(shape, code, branch, wide=reads * 2 * hidden, used=reads)


SPEC = LayersSpec(
    name="gru",
    title="Recurrent (GRU)",
    summary="Reads the window from both ends and carries a memory along, so that order counts over long stretches. Slower "
    "than filters along time.",
    suits=("series",),
    settings=Gru,
    plan=plan,
)
