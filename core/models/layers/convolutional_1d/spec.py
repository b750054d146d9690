"""1-D convolutions for windows of a series: filters slide along time, around a linear code."""

from __future__ import annotations

import math

from pydantic import Field, field_validator

from core.models.layers.linear_width import code_width
from core.specs import LayersSpec, Plan, SettingsModel, unit


class Convolutional1d(SettingsModel):
    """The shape of the hourglass."""

    bottleneck: int = Field(
        0,
        ge=0,
        le=1_024,
        title="Bottleneck",
        description="Numbers that a window is squeezed into. Raising it rebuilds more, until faults get through too.",
        json_schema_extra=unit("units, 0 = a tenth of the window"),
    )
    hidden: int = Field(
        32,
        ge=1,
        le=512,
        title="Channels",
        description="Filters of each layer; raising it learns more and costs more.",
        json_schema_extra=unit("filters"),
    )
    kernel: int = Field(
        7,
        ge=1,
        le=63,
        title="Filter length",
        description="Steps that a filter spans, an odd number; raising it sees slower patterns.",
        json_schema_extra=unit("steps", step=2, expert=True),
    )

    @field_validator("kernel")
    @classmethod
    def _odd(cls, kernel: int) -> int:
        if kernel % 2 == 0:
            raise ValueError("must be odd, so that a filter has a middle")
        return kernel


def plan(settings: Convolutional1d, shape: tuple[int, ...]) -> Plan:
    """The whole network, mirrored."""
    code, size = code_width(settings.bottleneck, shape, settings.kernel, "kernel"), math.prod(shape)
    hidden, channels, kernel = settings.hidden, shape[1], settings.kernel
    branch = hidden * (kernel * (channels + hidden) + 2) + channels * (hidden + 1)
    linear = 2 * size * code + code + size
    wide = shape[0] * hidden
    parameters = 2 * branch + linear
    used = 2 * branch * shape[0] + linear
    return Plan((size, wide, size, code, size, wide, size), code, parameters, max(1, round(used / parameters)))


SPEC = LayersSpec(
    name="convolutional_1d",
    title="Convolutional along time",
    summary="Short filters slide along the window, so that a pattern is learned once whenever it comes. The usual choice "
    "for sensor series, and the faster one.",
    suits=("series",),
    settings=Convolutional1d,
    plan=plan,
)
