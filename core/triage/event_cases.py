"""Events of a series of one kind as one case: strange by the same columns, on the same side of what was expected, by about as much.
Needs what a run keeps of its rows; the model is not asked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.results import Course, Scores
from core.triage.cases import LEAST_GUILT, NOTHING, Cases, grouped, guilty, named, short, side_of, sided

SURE = 2.0  # one over the share of an event's errors, those to one side less those to the other, from which on it is that side


def event_cases(
    rows: NDArray[np.int64],
    scores: Scores,
    sides: NDArray[np.floating],
    spans: NDArray[np.int64],
) -> Cases:
    """Events as cases. rows: (F,), a row of each; spans: (F, 2), the first and the last place of each in the course; sides: (N, C),
    as `core.scoring.windows.Ordinary.relative_and_sides` has them."""
    rows = np.asarray(rows, np.int64)
    if len(rows) == 0:
        return Cases(np.empty(0, np.int64), ())
    if scores.course is None:
        raise ValueError("only a series has events")
    worst, errors, side = _of_events(scores, scores.course, sides, spans)
    size = np.log1p(np.sqrt(errors))  # errors are of squares
    guilt = guilty(errors, size)

    def told(some: NDArray[np.int64]) -> tuple[str, tuple[str, ...]]:
        which = named(guilt[some])
        return _name([scores.columns[i] for i in which], guilt[some][:, which], side[some][:, which])

    return grouped(rows, worst, sided(guilt, side, size), told)


def _of_events(
    scores: Scores, course: Course, sides: NDArray[np.floating], spans: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each event its highest score, (F,), each column's largest error, and on which side it lies, (F, C):
    as far as it lies on any at that moment."""
    worst, errors, side = [], [], []
    for first, last in spans.tolist():
        mine = course.rows[first : last + 1]
        parts, signed = (
            np.asarray(scores.column_errors[mine], np.float64),
            np.asarray(sides[mine], np.float64),
        )  # (K, C)
        at, columns = parts.argmax(axis=0), np.arange(parts.shape[1])
        worst.append(scores.values[mine].max())
        errors.append(parts[at, columns])
        side.append(np.abs(signed[at, columns]) * _leaning(parts * signed))
    return np.asarray(worst, np.float64), np.asarray(errors), np.asarray(side)


def _leaning(signed: NDArray[np.float64]) -> NDArray[np.float64]:
    """On which side most of an event lies, (C,), from 1 to −1. signed: (K, C), each moment's error times its side.

    What is expected around a step is smoothed: before a level that is too high it lies above what is there, and swings on. So the
    middle of an event counts more than its ends, which is what is within on either side.
    """
    middle = np.hanning(len(signed) + 2)[1:-1, None]  # (K, 1)
    total = (middle * np.abs(signed)).sum(axis=0)
    return np.asarray(np.clip(SURE * (middle * signed).sum(axis=0) / np.maximum(total, LEAST_GUILT), -1, 1))


def _name(columns: list[str], guilt: NDArray[np.float64], side: NDArray[np.float64]) -> tuple[str, tuple[str, ...]]:
    """guilt, side: (K, P), of the columns that are named, the guiltiest first."""
    if not columns:
        return NOTHING, ()
    how = {1: "too high", -1: "too low", 0: "unusual"}[side_of(guilt[:, 0], side[:, 0])]
    others = [short(name) for name in columns[1:]]
    name = f"{short(columns[0])} {how}"
    return f"{name}, with {' and '.join(others)}" if others else name, tuple(columns)
