"""The bends between layers. Names without torch, for forms; `core.models.layers.bends` makes them."""

from __future__ import annotations

from typing import Literal

Activation = Literal["relu", "leaky_relu", "gelu", "silu", "tanh", "linear"]
Normalisation = Literal["none", "layer", "batch"]
