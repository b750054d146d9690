"""Fully connected layers for tables: widths from input to bottleneck, and the plan of the network."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

from pydantic import Field

from core.specs import LayersSpec, Plan, SettingsModel, unit


class FullyConnected(SettingsModel):
    """The shape of the hourglass."""

    bottleneck: int = Field(
        0,
        ge=0,
        le=1_024,
        title="Bottleneck",
        description="Width of the narrowest layer; 0 chooses a third of the input. Raising it lets more through, "
        "until strange rows get through too.",
        json_schema_extra=unit("units, 0 = automatic"),
    )
    depth: int = Field(
        1,
        ge=0,
        le=6,
        title="Hidden layers",
        description="Layers between input and bottleneck, mirrored behind it; raising it allows more complicated shapes.",
        json_schema_extra=unit("layers a side"),
    )
    hidden_width: int = Field(
        64,
        ge=1,
        le=4_096,
        title="Hidden width",
        description="Width of the first hidden layer; the next ones narrow evenly. Raising it learns more and costs more.",
        json_schema_extra=unit("units"),
    )
    activation: Literal["relu", "leaky_relu", "gelu", "tanh", "linear"] = Field(
        "relu",
        title="Activation",
        description="The bend in each hidden layer; with linear there is none, and the network is a PCA.",
        json_schema_extra=unit(""),
    )
    dropout: float = Field(
        0.0,
        ge=0,
        le=0.9,
        title="Dropout",
        description="Share of hidden units silenced at random in each step; raising it makes the network less sure.",
        json_schema_extra=unit("share", step=0.05, expert=True),
    )


def widths(settings: FullyConnected, width: int) -> tuple[int, ...]:
    """Layer widths from input to bottleneck."""
    bottleneck = settings.bottleneck or max(1, min(64, math.ceil(width / 3)))
    ratio = bottleneck / settings.hidden_width
    hidden = [
        max(1, round(settings.hidden_width * ratio ** (k / max(1, settings.depth)))) for k in range(settings.depth)
    ]
    return (width, *hidden, bottleneck)


def plan(settings: FullyConnected, shape: tuple[int, ...]) -> Plan:
    """The whole network, mirrored."""
    half = widths(settings, math.prod(shape))
    every = (*half, *half[-2::-1])
    parameters = sum(a * b + b for a, b in pairwise(every))
    return Plan(every, min(every), parameters)


SPEC = LayersSpec(
    name="fully_connected",
    title="Fully connected",
    summary="Every unit sees every unit of the layer before. The usual choice for tables.",
    suits=("table", "images", "series"),
    settings=FullyConnected,
    plan=plan,
)
