"""A two-way GRU along time (Cho et al. 2014) around a linear code."""

from __future__ import annotations

from torch import nn

from core.models.base import Layers
from core.models.layers.gru.spec import Gru
from core.models.layers.linear_code import LinearCode
from core.models.layers.linear_width import code_width
from core.models.layers.recurrent import Branch


def build(settings: Gru, shape: tuple[int, ...]) -> Layers:
    """An encoder (B, T·C) → (B, L) and its mirror."""
    width = code_width(settings.bottleneck, shape, settings.patch, "patch")
    return LinearCode(shape, width, lambda: Branch("gru", nn.GRU, shape[1], settings.hidden, settings.patch))
