"""Where to cut scores: one file a method, nothing trained again. Needs no torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import InputRefused, SettingsRefused
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


Need = Literal["nothing", "calibration", "truth"]
FEWEST = 5  # known anomalies, and known normal rows, below which nothing can be said of either
LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True, eq=False)
class Given:
    """What a threshold is chosen from.

    scores: (N,), higher is stranger. calibration: (N,), the rows that what gives the score has not learned from; None where
    there are none. truth: (N,) int8, 1 anomaly, 0 normal, -1 where nobody knows, by a label or by verdicts; None without
    either. scored: (N,), the rows that were looked at; None for all.
    """

    scores: NDArray[np.float64]
    unit: Unit = EACH_ROW
    calibration: NDArray[np.bool_] | None = None
    truth: NDArray[np.int8] | None = None
    scored: NDArray[np.bool_] | None = None

    @cached_property
    def ordered(self) -> NDArray[np.float64]:
        """Scores of the rows that were looked at, ascending, (M,)."""
        return ascending(self.scores if self.scored is None else self.scores[self.scored])


@dataclass(frozen=True)
class Method:
    """A way to choose a threshold.

    summary: what it does and when it helps, in plain words. cut(what is given, its parameters) → the score from which rows are
    flagged; may raise SettingsRefused. asked(N, its parameters, unit) → how many these are to be, and what they are counted in;
    None where it asks for no number. needs: what must be given besides scores. says(what is given, its parameters, the cut) →
    what a reader has to know of the outcome, empty where nothing.
    """

    title: str
    summary: str
    parameters: type[SettingsModel]
    cut: Callable[[Given, Any], float]
    asked: Callable[[int, Any, Unit], tuple[int, Unit]] | None = None
    needs: Need = "nothing"
    expert: bool = False
    says: Callable[[Given, Any, float], str] = lambda given, parameters, value: ""


THRESHOLDS: Registry[Method] = Registry("threshold", "core.thresholds", "METHOD", folders=False)


def ascending(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scores in order; not sorted again where they are."""
    return scores if (scores[1:] >= scores[:-1]).all() else np.sort(scores)


def share_in_rows(share: float, rows: int) -> int:
    """A share of rows in whole ones, at least one."""
    return max(1, math.floor(share * rows + 1e-9))


def cut_at(scores: NDArray[np.float64], wanted: int) -> float:
    """The score from which as many rows are flagged as can be said to be wanted. Equal scores are flagged together or not at
    all, whichever comes nearer to the number; where all are equal, together."""
    ordered = ascending(scores)
    value = ordered[-wanted]
    over = len(ordered) - int(np.searchsorted(ordered, value, side="right"))
    with_it = len(ordered) - int(np.searchsorted(ordered, value))
    return float(ordered[-over] if over and wanted - over < with_it - wanted else value)


def above(scores: NDArray[np.float64]) -> float:
    """The next number over all scores: a threshold that flags none of them."""
    return in_range(float(np.nextafter(scores.max(), np.inf)))


def in_range(value: float) -> float:
    """A threshold as it can be kept: one beyond the largest number flags what that flags."""
    return min(max(value, -LARGEST), LARGEST)


def decide(given: Given, method: str, parameters: dict[str, Any]) -> tuple[float, int]:
    """The threshold's value and how many it flags, counted in the given unit. Raises InputRefused for scores that are none,
    SettingsRefused where the method can't be used on them."""
    entry = THRESHOLDS.get(method)
    refuse_unusable(given, entry)
    value = entry.cut(given, entry.parameters.read(parameters))
    return value, given.unit.count(given.scores >= value)


def refuse_unusable(given: Given, method: Method) -> None:
    """Raises InputRefused where there is nothing to cut, SettingsRefused where something that the method needs is missing."""
    if len(given.scores) == 0 or (given.scored is not None and not given.scored.any()):
        raise InputRefused("no row has a score", where="threshold", fix="choose a run with scored rows")
    if not np.isfinite(given.scores).all():
        row = int(np.flatnonzero(~np.isfinite(given.scores))[0])
        raise InputRefused("a score is no finite number", where=f"row {row + 1:,}", fix="score the rows again")
    if method.needs == "calibration" and given.calibration is None:
        raise SettingsRefused(
            "no rows were held back from what gives this score",
            where=method.title,
            fix="choose the reconstruction error as the anomaly score and train with a validation share above 0, or flag by "
            "another method",
        )
    if method.needs == "truth" and given.truth is None:
        raise SettingsRefused(
            "nothing says which rows are anomalies",
            where=method.title,
            fix="give a column the role label, judge some rows, or flag by another method",
        )


def not_as_asked(given: Given, method: str, parameters: dict[str, Any], value: float, item: str = "row") -> str:
    """That a threshold flags more, or fewer, than were asked for, and why, or what else is to be known of it; empty where
    there is nothing to say.

    item: what each of the scores is of. Raises SettingsRefused.
    """
    entry, scores = THRESHOLDS.get(method), given.scores
    read = entry.parameters.read(parameters)
    if entry.asked is None:
        refuse_unusable(given, entry)
        return entry.says(given, read, value)
    asked, unit = entry.asked(len(scores), read, given.unit)
    flagged = unit.count(scores >= value)
    if flagged == asked:
        return ""
    said = f"{in_words(flagged, item if unit is EACH_ROW else 'event')} flagged rather than {asked:,}"
    if flagged > asked:
        return f"{said}: {in_words(int((scores == value).sum()), item)} share the score at the threshold"
    if value == scores.min():
        return f"{said}: there are no more"
    if unit is not EACH_ROW and unit.count(scores >= scores[scores < value].max()) <= asked:
        return f"{said}: with lower scores they would only grow together"
    return f"{said}: from the next lower score on there would be more than {asked:,}"


def flags(scores: NDArray[np.float64], threshold: Threshold) -> Flags:
    """The rows at or over the threshold, strangest first, ties in row order."""
    order = np.argsort(-scores, kind="stable")
    return Flags(threshold, order[: int((scores >= threshold.value).sum())])
