"""Dates and times: elapsed time, and where in the day, the week and the year it falls."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.part import LEVELS, Matrix, Part
from core.datasets.encoding.scaling import Numbers, centre_and_scale, squash, unsquash
from core.results import Column, Head, Kind

Cycle = Literal["day", "week", "year"]
DAY = 86_400.0
LENGTHS: dict[Cycle, float] = {"day": DAY, "week": 7 * DAY, "year": 365.2425 * DAY}  # the mean year: within a day
SURE = 0.5  # length of a rebuilt (sine, cosine) from which its angle is believed


class DatetimePart(Part):
    """Elapsed time, and sine and cosine of the place in each cycle.

    Runs that were stored before there was a choice of cycles have the day and the week.
    """

    kinds: ClassVar[tuple[Kind, ...]] = ("datetime",)
    kind: Literal["datetime"] = "datetime"
    centre: float
    scale: float
    cycles: tuple[Cycle, ...] = ("day", "week")

    @classmethod
    def outlook(cls, column: Column) -> tuple[int, str]:
        cycles: tuple[Cycle, ...] = ("day", "week")
        if column.minimum is not None and column.maximum is not None:
            cycles = _cycles(np.asarray([column.minimum, column.maximum]))
            timed = any(piece in column.form for piece in ("%H", "%I", "epoch"))
            if timed and "day" not in cycles:  # both ends at midnight say nothing about the rows between
                cycles = ("day", *cycles)
        return 1 + 2 * len(cycles), _in_words(cycles)

    @classmethod
    def fit(cls, column: Column, values: NDArray[Any]) -> DatetimePart:
        moments = values.astype(np.float64)
        centre, scale = centre_and_scale(moments)
        return cls(column=column.name, centre=centre, scale=scale, cycles=_cycles(moments[np.isfinite(moments)]))

    def describe(self) -> str:
        return _in_words(self.cycles)

    @property
    def heads(self) -> tuple[Head, ...]:
        cycles: list[Head] = ["squared" for _ in self.cycles]
        return ("squared", *cycles)

    @property
    def widths(self) -> tuple[int, ...]:
        return (1, *[2] * len(self.cycles))

    @property
    def scales(self) -> tuple[float, ...]:
        """All together they are one column: a moment has as much say as a number."""
        share = 1 / math.sqrt(1 + len(self.cycles))
        return (share, *[share * LEVELS / math.sqrt(2)] * len(self.cycles))

    def encode(self, values: NDArray[Any]) -> Matrix:
        moments = np.nan_to_num(values.astype(np.float64), nan=self.centre)
        columns = [squash(moments, self.centre, self.scale)]
        for cycle in self.cycles:
            angle = 2 * np.pi * (moments / LENGTHS[cycle] % 1)
            columns += [np.sin(angle), np.cos(angle)]
        return np.stack(columns, axis=1)

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        """Elapsed time is known to minutes only; the time of day, or that there is none, says the rest."""
        moments = unsquash(matrix[:, 0], self.centre, self.scale)
        if "day" not in self.cycles:
            return np.rint(moments / DAY) * DAY
        at = 1 + 2 * self.cycles.index("day")
        sine, cosine = matrix[:, at], matrix[:, at + 1]
        clock = np.arctan2(sine, cosine) / (2 * np.pi) * DAY
        nearest = (clock - moments + DAY / 2) % DAY - DAY / 2
        return np.where(np.hypot(sine, cosine) > SURE, moments + nearest, moments)


def _cycles(moments: Numbers) -> tuple[Cycle, ...]:
    """The cycles that the moments can tell apart. Times without a date are seconds since midnight."""
    if len(moments) and moments.min() >= 0 and moments.max() < DAY:
        return ("day",)
    cycles: list[Cycle] = ["week"]
    if (moments % DAY != 0).any():
        cycles.insert(0, "day")
    if len(moments) and moments.max() / 2 - moments.min() / 2 > LENGTHS["year"] / 2:
        cycles.append("year")
    return tuple(cycles)


def _in_words(cycles: tuple[Cycle, ...]) -> str:
    *firsts, last = cycles
    places = f"{', '.join(firsts)} and {last}" if firsts else last
    return f"the time that has passed, and where in the {places} it falls"


PART = DatetimePart
