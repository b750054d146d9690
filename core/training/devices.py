"""Which device a run trains on."""

from __future__ import annotations

import torch

from core.errors import SettingsRefused


def device_for(wanted: str) -> torch.device:
    """ "auto" is the first GPU where there is one. Raises SettingsRefused for a GPU that isn't there."""
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(wanted)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise SettingsRefused(
            f"there is no device “{wanted}” on this machine", where="device", fix="choose auto or cpu"
        )
    return device
