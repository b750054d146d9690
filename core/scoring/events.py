"""Flagged rows of a series that follow one another are one event: one thing to look at, not a thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.results import Course, Event, Scores
from core.thresholds import EACH_ROW, Unit

REVIEWED = 20  # events that are flagged until a threshold is set, fewer where the series is short
COLUMNS = 5  # of an event, the worst
BLOCK = 4  # windows that are drawn together where figures are given intervals
GUILTY = 0.25  # of the worst column's score: what is below has part in it only by a little


def spans(course: Course, flagged: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The first and the last place in `course` of each event, (E, 2), in order. flagged: (N,) by dataset row.

    Flagged rows with less than half a window between them are one event: the same windows saw both.
    """
    places = np.flatnonzero(flagged[course.rows])
    if len(places) == 0:
        return np.empty((0, 2), np.int64)
    apart = (np.diff(places) > course.length // 2) | (np.diff(course.stretch[places]) != 0)
    begins = np.flatnonzero(np.append(True, apart))
    ends = np.append(begins[1:], len(places)) - 1
    return np.column_stack([places[begins], places[ends]])


def events(scores: Scores, value: float) -> tuple[Event, ...]:
    """The events over a threshold, the strangest first; none where the rows are no series."""
    course = scores.course
    if course is None:
        return ()
    found = []
    for first, last in spans(course, scores.values >= value).tolist():
        rows = course.rows[first : last + 1]
        peak = int(rows[np.argmax(scores.values[rows])])
        errors = scores.column_errors[rows].max(axis=0)
        worst = [int(i) for i in np.argsort(-errors, kind="stable")[:COLUMNS] if errors[i] >= GUILTY * errors.max()]
        found.append(
            Event(
                first_place=first,
                last_place=last,
                first=int(rows[0]),
                last=int(rows[-1]),
                peak=peak,
                start=float(course.times[first]),
                end=float(course.times[last]),
                score=float(scores.values[peak]),
                columns=tuple((scores.columns[i], float(errors[i])) for i in worst),
            )
        )
    return tuple(sorted(found, key=lambda event: -event.score))


def event_numbers(scores: Scores, value: float) -> NDArray[np.int64] | None:
    """The event that each row lies in, (N,), 1 the strangest, 0 for none; None where the rows are no series."""
    return None if scores.course is None else numbers_of(events(scores, value), scores.course, len(scores.values))


def numbers_of(found: Sequence[Event], course: Course, rows: int) -> NDArray[np.int64]:
    """The same of events that are found already. rows: of the dataset."""
    by_row = np.zeros(rows, np.int64)
    for number, event in enumerate(found, start=1):
        by_row[course.rows[event.places]] = number
    return by_row


@dataclass(frozen=True)
class Events:
    """What a threshold is counted in where the rows are a series (core.thresholds.Unit)."""

    course: Course

    def count(self, flagged: NDArray[np.bool_]) -> int:
        """Events among flagged rows, (N,)."""
        return len(spans(self.course, flagged))


def usual_threshold(course: Course | None, share: float) -> tuple[str, dict[str, float]]:
    """The method, and its parameters, that a run begins with: a share of rows, or as many events as one can review."""
    if course is None:
        return "quantile", {"share": share}
    return "count", {"rows": max(1, min(REVIEWED, len(course.rows) // (BLOCK * course.length)))}


def unit_of(course: Course | None) -> Unit:
    """What is counted: events where the rows are a series, else rows."""
    return EACH_ROW if course is None else Events(course)


def blocks_of(course: Course, rows: int) -> NDArray[np.int64]:
    """Blocks of some windows' length, that each of the dataset's rows lies in, (N,), to draw anew as wholes."""
    out = np.zeros(rows, np.int64)
    out[course.rows] = np.arange(len(course.rows)) // (BLOCK * course.length)
    return out
