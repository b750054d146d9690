"""1-D convolutions for windows of a series: filters slide along time, around a linear code."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field, field_validator

from core.models.layers.activations import Activation
from core.models.layers.linear_width import LinearCodeSettings, code_width, plan_around
from core.specs import LayersSpec, Plan, unit


class Convolutional1d(LinearCodeSettings):
    """The shape of the hourglass."""

    hidden: int = Field(
        32,
        ge=1,
        le=512,
        title="Channels",
        description="Filters of each layer; raising it learns more and costs more.",
        json_schema_extra=unit("filters", search=(8, 64)),
    )
    kernel: int = Field(
        7,
        ge=1,
        le=63,
        title="Filter length",
        description="Steps that a filter spans, an odd number; raising it sees slower patterns.",
        json_schema_extra=unit("steps", step=2, expert=True),
    )

    activation: Activation = Field(
        "silu",
        title="Activation",
        description="The bend behind each filter; with linear there is none, and the network is a PCA.",
        json_schema_extra=unit("", expert=True),
    )
    dropout: float = Field(
        0.0,
        ge=0,
        le=0.9,
        title="Dropout",
        description="Share of filters' outputs silenced at random in each step; raising it makes the network less sure.",
        json_schema_extra=unit("share", step=0.05, expert=True),
    )

    @field_validator("kernel")
    @classmethod
    def _odd(cls, kernel: int) -> int:
        if kernel % 2 == 0:
            raise ValueError("must be odd, so that a filter has a middle")
        return kernel


def plan(settings: Convolutional1d, shape: tuple[int, ...]) -> Plan:
    """The whole network, mirrored."""
    code = code_width(settings.bottleneck, shape, settings.kernel, "kernel")
    hidden, channels, kernel = settings.hidden, shape[1], settings.kernel
    branch = hidden * (kernel * (channels + hidden) + 2) + channels * (hidden + 1)
    drawn = plan_around(shape, code, branch, wide=shape[0] * hidden, used=shape[0])
    return replace(drawn, linear=settings.activation == "linear")


SPEC = LayersSpec(
    name="convolutional_1d",
    title="Convolutional along time",
    summary="Short filters slide along the window, so that a pattern is learned once whenever it comes. The usual choice "
    "for sensor series, and the faster one.",
    suits=("series",),
    settings=Convolutional1d,
    plan=plan,
    levels=False,
)
