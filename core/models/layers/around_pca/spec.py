"""Fully connected layers for tables that begin as a PCA and learn what is not linear beside it."""

from __future__ import annotations

import math

from pydantic import Field

from core.models.layers.activations import Activation
from core.specs import LayersSpec, Plan, SettingsModel, unit

WIDEST = 64  # of a code, where it is not said


class AroundPCA(SettingsModel):
    """The shape of the hourglass."""

    bottleneck: int = Field(
        0,
        ge=0,
        le=1_024,
        title="Bottleneck",
        description="Width of the narrowest layer; 0 chooses half of the input. Raising it lets more through, until strange "
        "rows get through too.",
        json_schema_extra=unit("units, 0 = automatic", search=(1, 64)),
    )
    hidden_width: int = Field(
        64,
        ge=1,
        le=4_096,
        title="Hidden width",
        description="Units of the branch that learns what is not linear, on each side; raising it learns more and costs more.",
        json_schema_extra=unit("units", search=(16, 256)),
    )
    activation: Activation = Field(
        "relu",
        title="Activation",
        description="The bend in each branch; with linear there is none, and the network is a PCA.",
        json_schema_extra=unit(""),
    )
    dropout: float = Field(
        0.0,
        ge=0,
        le=0.9,
        title="Dropout",
        description="Share of the branches' units silenced at random in each step; raising it makes the network less sure.",
        json_schema_extra=unit("share", step=0.05, expert=True, search=(0, 0.5)),
    )


def code_of(settings: AroundPCA, width: int) -> int:
    """The width of the code of rows of so many cells."""
    return settings.bottleneck or max(1, min(WIDEST, width // 2))


def plan(settings: AroundPCA, shape: tuple[int, ...]) -> Plan:
    """The whole network, mirrored."""
    width = math.prod(shape)
    code, hidden = code_of(settings, width), settings.hidden_width
    down = width * hidden + hidden + (width + hidden) * code + code
    up = code * hidden + hidden + (code + hidden) * width + width
    linear = settings.activation == "linear"
    widths = (width, width + hidden, code, code + hidden, width)  # what comes in stands beside what is hidden
    return Plan(widths, min(widths), down + up, linear=linear)


SPEC = LayersSpec(
    name="around_pca",
    title="Fully connected around a PCA",
    summary="Begins as the PCA of the rows and learns beside it what is not linear, so that it is hardly ever the worse of the "
    "two.",
    suits=("table",),
    settings=AroundPCA,
    plan=plan,
    levels=False,
    begins=True,
)
