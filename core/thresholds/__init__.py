"""Where to cut scores: one file a method, nothing trained again. Needs numpy only."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.registry import Registry
from core.results import Flags, Threshold
from core.specs import SettingsModel
from core.words import count as in_words


class Unit(Protocol):
    """What flagged rows are counted in: each by itself, or as the events of a series (core.scoring.events)."""

    def count(self, flagged: NDArray[np.bool_]) -> int:
        """How many there are among flagged rows, (N,)."""


class EachRow:
    """Every flagged row counts."""

    def count(self, flagged: NDArray[np.bool_]) -> int:
        return int(flagged.sum())


EACH_ROW = EachRow()


@dataclass(frozen=True)
class Method:
    """A way to choose a threshold: cut(scores (N,), its parameters, unit) → the score from which rows are flagged;
    asked(N, its parameters, unit) → how many these are to be, and what they are counted in."""

    title: str
    parameters: type[SettingsModel]
    cut: Callable[[NDArray[np.float64], Any, Unit], float]
    asked: Callable[[int, Any, Unit], tuple[int, Unit]]


THRESHOLDS: Registry[Method] = Registry("threshold", "core.thresholds", "METHOD", folders=False)


def share_in_rows(share: float, rows: int) -> int:
    """A share of rows in whole ones, at least one."""
    return max(1, math.floor(share * rows + 1e-9))


def cut_at(scores: NDArray[np.float64], wanted: int) -> float:
    """The score from which as many rows are flagged as can be said to be wanted. Equal scores are flagged together or not at
    all, whichever comes nearer to the number; where all are equal, together."""
    ordered = np.sort(scores)[::-1]
    value = ordered[wanted - 1]
    above, with_it = int((scores > value).sum()), int((scores >= value).sum())
    return float(ordered[above - 1] if above and wanted - above < with_it - wanted else value)


def decide(
    scores: NDArray[np.float64], method: str, parameters: dict[str, Any], unit: Unit = EACH_ROW
) -> tuple[float, int]:
    """The threshold's value and how many it flags, counted in `unit`. Raises SettingsRefused."""
    entry = THRESHOLDS.get(method)
    value = entry.cut(scores, entry.parameters.read(parameters), unit)
    return value, unit.count(scores >= value)


def not_as_asked(
    scores: NDArray[np.float64],
    method: str,
    parameters: dict[str, Any],
    value: float,
    unit: Unit = EACH_ROW,
    item: str = "row",
) -> str:
    """That a threshold flags more, or fewer, than were asked for, and why; empty where it does not.

    item: what each of the scores is of. Raises SettingsRefused.
    """
    entry = THRESHOLDS.get(method)
    asked, unit = entry.asked(len(scores), entry.parameters.read(parameters), unit)
    flagged = unit.count(scores >= value)
    if flagged == asked:
        return ""
    said = f"{in_words(flagged, item if unit is EACH_ROW else 'event')} flagged rather than {asked:,}"
    if flagged > asked:
        return f"{said}: {in_words(int((scores == value).sum()), item)} share the score at the threshold"
    if value == scores.min():
        return f"{said}: there are no more"
    return f"{said}: from the next lower score on there would be more than {asked:,}"


def flags(scores: NDArray[np.float64], threshold: Threshold) -> Flags:
    """The rows at or over the threshold, strangest first, ties in row order."""
    order = np.argsort(-scores, kind="stable")
    return Flags(threshold, order[: int((scores >= threshold.value).sum())])
