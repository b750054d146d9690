"""A two-way LSTM along time (Hochreiter and Schmidhuber 1997) around a linear code."""

from __future__ import annotations

from torch import nn

from core.models.base import Layers
from core.models.layers.linear_code import LinearCode
from core.models.layers.linear_width import code_width
from core.models.layers.lstm.spec import Lstm
from core.models.layers.recurrent import Branch


def build(settings: Lstm, shape: tuple[int, ...]) -> Layers:
    """An encoder (B, T·C) → (B, L) and its mirror."""
    width = code_width(settings.bottleneck, shape, settings.patch, "patch")
    return LinearCode(shape, width, lambda: Branch("lstm", nn.LSTM, shape[1], settings.hidden, settings.patch))
