"""A recurrent network for windows of a series: a two-way LSTM around a linear code."""

from __future__ import annotations

from functools import partial

from core.models.layers.recurrent_plan import RecurrentSettings, plan_of
from core.specs import LayersSpec


class Lstm(RecurrentSettings):
    """The shape of the hourglass."""


SPEC = LayersSpec(
    name="lstm",
    title="Recurrent (LSTM)",
    summary="As the GRU, with one more gate, so that a memory can be kept longer. The slowest of the layers for series. There "
    "is no activation to choose: its gates have bends of their own.",
    suits=("series",),
    settings=Lstm,
    plan=partial(plan_of, gates=4),
    levels=False,
)
