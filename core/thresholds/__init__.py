"""Where to cut scores: one file a method, nothing trained again. Needs numpy only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.registry import Registry
from core.results import Flags, Threshold
from core.specs import SettingsModel


@dataclass(frozen=True)
class Method:
    """A way to choose a threshold: cut(scores (N,), its parameters) → the score from which rows are flagged."""

    title: str
    parameters: type[SettingsModel]
    cut: Callable[[NDArray[np.float64], Any], float]


THRESHOLDS: Registry[Method] = Registry("threshold", "core.thresholds", "METHOD", folders=False)


def decide(scores: NDArray[np.float64], method: str, parameters: dict[str, Any]) -> tuple[float, int]:
    """The threshold's value and how many rows it flags. Raises SettingsRefused."""
    entry = THRESHOLDS.get(method)
    value = entry.cut(scores, entry.parameters.read(parameters))
    return value, int((scores >= value).sum())


def flags(scores: NDArray[np.float64], threshold: Threshold) -> Flags:
    """The rows at or over the threshold, strangest first, ties in row order."""
    order = np.argsort(-scores, kind="stable")
    return Flags(threshold, order[: int((scores >= threshold.value).sum())])
