"""A smaller network: the settings of the run's layers that make one."""

from __future__ import annotations

from typing import Any

from core.specs import LAYERS
from core.training.doctor import Evidence

WIDTHS = ("hidden_width", "channels", "hidden")  # what a family of layers calls its width
NARROWEST = 4


def smaller(evidence: Evidence, times: float) -> dict[str, Any]:
    """Settings for about so many times fewer parameters; none where the network is as small as it gets."""
    settings = LAYERS.get(evidence.spec.layers).settings.read(evidence.spec.layer_settings)
    name = next((each for each in WIDTHS if hasattr(settings, each)), None)
    if name is None:
        return {}
    by_hand = getattr(settings, "widths", "")
    present = max(int(part) for part in by_hand.split(",")) if by_hand else int(getattr(settings, name))
    wanted = max(NARROWEST, int(present / times))
    if wanted >= present:
        return {}
    return {name: wanted, "widths": ""} if by_hand else {name: wanted}


def activation(evidence: Evidence) -> str:
    """The bend of the layers, “” where they have none to choose."""
    settings = LAYERS.get(evidence.spec.layers).settings.read(evidence.spec.layer_settings)
    return str(getattr(settings, "activation", ""))
