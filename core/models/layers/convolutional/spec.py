"""Convolutional layers for images: each level halves height and width, and a vector is the bottleneck."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

from pydantic import Field

from core.errors import SettingsRefused
from core.models.layers.activations import Activation
from core.specs import LayersSpec, Plan, SettingsModel, unit

SMALLEST = 8  # pixels a side
KERNEL = 3
WIDEST = 4  # times the first level's maps
LEAST_SIDE = 4  # pixels a side at which halving stops by itself


class Convolutional(SettingsModel):
    """The shape of the hourglass."""

    bottleneck: int = Field(
        32,
        ge=1,
        le=1_024,
        title="Bottleneck",
        description="Numbers that an image is squeezed into. Raising it rebuilds finer detail, until marks get through too.",
        json_schema_extra=unit("units", search=(2, 64)),
    )
    channels: int = Field(
        16,
        ge=1,
        le=256,
        title="Channels",
        description="Feature maps of the first level, doubled twice; raising it learns more and costs more.",
        json_schema_extra=unit("maps", search=(8, 32)),
    )
    depth: int = Field(
        0,
        ge=0,
        le=7,
        title="Levels",
        description="How often height and width are halved; 0 goes on until 4 pixels are left.",
        json_schema_extra=unit("levels, 0 = automatic"),
    )
    shift: int = Field(
        1,
        ge=0,
        le=8,
        title="Shift",
        description="Each training image is moved by up to so many pixels either way, a little differently each time; "
        "raising it makes where things stand exactly matter less.",
        json_schema_extra=unit("pixels", expert=True),
    )
    activation: Activation = Field(
        "silu",
        title="Activation",
        description="The bend behind each level; with linear there is none.",
        json_schema_extra=unit("", expert=True),
    )
    dropout: float = Field(
        0.0,
        ge=0,
        le=0.9,
        title="Dropout",
        description="Share of feature maps silenced at random in each step; raising it makes the network less sure.",
        json_schema_extra=unit("share", step=0.05, expert=True),
    )
    normalisation: Literal["none", "batch"] = Field(
        "none",
        title="Normalisation",
        description="batch: each feature map is brought to one scale by the batch's other images. Deep networks learn faster "
        "with it.",
        json_schema_extra=unit("", expert=True),
    )


def sizes(settings: Convolutional, shape: tuple[int, ...]) -> tuple[tuple[int, int, int], ...]:
    """Height, width and channels from the image to the smallest map. Raises SettingsRefused."""
    if len(shape) != 3 or min(shape[:2]) < SMALLEST:
        raise SettingsRefused(
            f"convolutional layers need images of at least {SMALLEST} × {SMALLEST} pixels",
            where="layers",
            fix="choose convolutional_1d for a series, or fully connected layers"
            if len(shape) == 2
            else "choose fully connected layers",
        )
    found = [(shape[0], shape[1], shape[2])]
    while (
        len(found) <= settings.depth if settings.depth else max(found[-1][:2]) > LEAST_SIDE and min(found[-1][:2]) > 1
    ):
        height, width, _ = found[-1]
        if min(height, width) == 1:
            raise SettingsRefused(
                f"an image of {shape[0]} × {shape[1]} pixels can be halved {len(found) - 1} times, not {settings.depth}",
                where="depth",
                fix="lower the levels, or let them be chosen (0)",
            )
        found.append(((height + 1) // 2, (width + 1) // 2, settings.channels * min(2 ** (len(found) - 1), WIDEST)))
    return tuple(found)


def plan(settings: Convolutional, shape: tuple[int, ...]) -> Plan:
    """The whole network, mirrored; a level is as wide as it has numbers."""
    levels = sizes(settings, shape)
    half = (*(math.prod(level) for level in levels), settings.bottleneck)
    vector = half[-2] * settings.bottleneck
    weights = sum(2 * KERNEL**2 * outer[2] * inner[2] + inner[2] + outer[2] for outer, inner in pairwise(levels))
    every = (*half, *half[-2::-1])
    scales = sum(4 * inner[2] for _, inner in pairwise(levels)) if settings.normalisation == "batch" else 0
    parameters = weights + 2 * vector + settings.bottleneck + half[-2] + scales
    # A filter is applied at each place of the smaller map on the way down, and of the larger one on the way up.
    used = sum(
        KERNEL**2 * outer[2] * inner[2] * (math.prod(inner[:2]) + math.prod(outer[:2]))
        for outer, inner in pairwise(levels)
    )
    linear = settings.activation == "linear"
    return Plan(every, min(every), parameters, max(1, round((used + 2 * vector) / parameters)), linear)


SPEC = LayersSpec(
    name="convolutional",
    title="Convolutional",
    summary="Small filters slide over the image, so that a pattern is learned once wherever it stands. The usual choice for "
    "images.",
    suits=("images",),
    settings=Convolutional,
    plan=plan,
)
