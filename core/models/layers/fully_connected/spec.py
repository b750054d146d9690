"""Fully connected layers for tables: widths from input to bottleneck, and the plan of the network."""

from __future__ import annotations

import math
from itertools import pairwise

from pydantic import Field, field_validator

from core.models.layers.activations import Activation, Normalisation
from core.specs import LayersSpec, Plan, SettingsModel, unit

DEEPEST, WIDEST = 6, 4_096


class FullyConnected(SettingsModel):
    """The shape of the hourglass."""

    bottleneck: int = Field(
        0,
        ge=0,
        le=1_024,
        title="Bottleneck",
        description="Width of the narrowest layer; 0 chooses a third of the input. Raising it lets more through, "
        "until strange rows get through too.",
        json_schema_extra=unit("units, 0 = automatic", search=(1, 64)),
    )
    depth: int = Field(
        1,
        ge=0,
        le=DEEPEST,
        title="Hidden layers",
        description="Layers between input and bottleneck, mirrored behind it; raising it allows more complicated shapes.",
        json_schema_extra=unit("layers a side", search=(1, 3)),
    )
    hidden_width: int = Field(
        64,
        ge=1,
        le=WIDEST,
        title="Hidden width",
        description="Width of the first hidden layer; the next ones narrow evenly. Raising it learns more and costs more.",
        json_schema_extra=unit("units", search=(16, 256)),
    )
    widths: str = Field(
        "",
        max_length=60,
        title="Widths, one by one",
        description="The hidden layers from outside in, such as 128, 64, in place of number and width above; empty for those. "
        "Raising them learns more and costs more.",
        json_schema_extra=unit("units", expert=True),
    )
    activation: Activation = Field(
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
        json_schema_extra=unit("share", step=0.05, expert=True, search=(0, 0.5)),
    )
    normalisation: Normalisation = Field(
        "none",
        title="Normalisation",
        description="What hidden units are brought to one scale by: the row's other units (layer) or the batch's other rows "
        "(batch). Deep networks learn faster with it.",
        json_schema_extra=unit("", expert=True),
    )
    tied: bool = Field(
        False,
        title="Tied weights",
        description="The decoder uses the encoder's weights, turned around: half the parameters, and a code that can't shrink.",
        json_schema_extra=unit("", expert=True),
    )

    @field_validator("widths", mode="before")
    @classmethod
    def _one(cls, value: object) -> object:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("widths")
    @classmethod
    def _numbers(cls, text: str) -> str:
        found = [part.strip() for part in text.split(",")] if text.strip() else []
        if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= WIDEST for part in found):
            raise ValueError(f"must be whole numbers from 1 to {WIDEST:,} with commas between them")
        if len(found) > DEEPEST:
            raise ValueError(f"must be at most {DEEPEST} numbers")
        return ", ".join(found)


def widths(settings: FullyConnected, width: int) -> tuple[int, ...]:
    """Layer widths from input to bottleneck."""
    bottleneck = settings.bottleneck or max(1, min(64, math.ceil(width / 3)))
    if settings.widths:
        return (width, *(int(part) for part in settings.widths.split(",")), bottleneck)
    ratio = bottleneck / settings.hidden_width
    hidden = [
        max(1, round(settings.hidden_width * ratio ** (k / max(1, settings.depth)))) for k in range(settings.depth)
    ]
    return (width, *hidden, bottleneck)


def plan(settings: FullyConnected, shape: tuple[int, ...]) -> Plan:
    """The whole network, mirrored."""
    half = widths(settings, math.prod(shape))
    every = (*half, *half[-2::-1])
    weights = sum(a * b for a, b in pairwise(half)) * (1 if settings.tied else 2)
    scales = 4 * sum(half[1:-1]) if settings.normalisation != "none" else 0
    linear = len(half) == 2 or (settings.activation == "linear" and settings.normalisation != "layer")
    return Plan(every, min(every), weights + sum(every[1:]) + scales, linear=linear)


SPEC = LayersSpec(
    name="fully_connected",
    title="Fully connected",
    summary="Every unit sees every unit of the layer before. The usual choice for tables.",
    suits=("table", "images", "series"),
    settings=FullyConnected,
    plan=plan,
)
