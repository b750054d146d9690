"""A recurrent network for windows of a series: a two-way GRU around a linear code."""

from __future__ import annotations

from functools import partial

from core.models.layers.recurrent_plan import RecurrentSettings, plan_of
from core.specs import LayersSpec


class Gru(RecurrentSettings):
    """The shape of the hourglass."""


SPEC = LayersSpec(
    name="gru",
    title="Recurrent (GRU)",
    summary="Reads the window from both ends and carries a memory along, so that order counts over long stretches. Slower "
    "than filters along time. There is no activation to choose: its gates have bends of their own.",
    suits=("series",),
    settings=Gru,
    plan=partial(plan_of, gates=3),
    levels=False,
)
