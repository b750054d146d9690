"""Which device a run trains on."""

from __future__ import annotations

import torch

from core.models.base import Layers
from core.specs import no_device


def precision_for(wanted: str, layers: Layers, device: torch.device) -> str:
    """ "auto" is bfloat16 where the layers gain by it and the machine computes it itself, else float32."""
    if wanted != "auto":
        return wanted
    own = torch.cuda.is_bf16_supported() if device.type == "cuda" else torch.cpu._is_avx512_bf16_supported()
    return "bfloat16" if layers.halves and own else "float32"


def device_for(wanted: str) -> torch.device:
    """ "auto" is the first GPU where there is one. Raises SettingsRefused for a GPU that isn't there."""
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(wanted)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise no_device(wanted)
    return device
