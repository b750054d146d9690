"""Fully connected encoder and decoder, linear at the bottleneck and at the output."""

from __future__ import annotations

import math
from itertools import pairwise

from torch import nn

from core.models.base import Layers
from core.models.layers.fully_connected.spec import FullyConnected, widths

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "leaky_relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "linear": nn.Identity,
}


def build(settings: FullyConnected, shape: tuple[int, ...]) -> Layers:
    """An encoder (B, D) → (B, L) and its mirror, for rows of D cells in any shape."""
    half = widths(settings, math.prod(shape))
    layers = Layers()
    layers.encoder = _stack(half, settings)
    layers.decoder = _stack(half[::-1], settings)
    return layers


def _stack(sizes: tuple[int, ...], settings: FullyConnected) -> nn.Sequential:
    parts: list[nn.Module] = []
    for i, (before, after) in enumerate(pairwise(sizes)):
        parts.append(nn.Linear(before, after))
        if i < len(sizes) - 2:
            parts.append(ACTIVATIONS[settings.activation]())
            if settings.dropout:
                parts.append(nn.Dropout(settings.dropout))
    return nn.Sequential(*parts)
