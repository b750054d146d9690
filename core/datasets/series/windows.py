"""Windows over steps: where they begin, and which of them lie within some rows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.datasets.series.steps import Steps
from core.errors import DatasetRefused
from core.words import count

FEWEST = 2  # windows to train on


def window_starts(steps: Steps, length: int, stride: int) -> NDArray[np.int64]:
    """The first step of each window, (W,), in order; none reaches over the end of a stretch.

    The last window of a stretch ends with it, so that every step of a stretch that is long enough lies in one.
    Raises DatasetRefused where no stretch is.
    """
    found = []
    for first, end in pairwise(steps.starts.tolist()):
        if end - first < length:
            continue
        mine = np.arange(first, end - length + 1, stride)
        found.append(mine if mine[-1] == end - length else np.append(mine, end - length))
    if not found:
        longest = int(np.diff(steps.starts).max(initial=0))
        raise DatasetRefused(
            f"a window of {length:,} steps is longer than every unbroken stretch of the series",
            where=f"the longest has {longest:,}",
            fix="choose a shorter window, or resample to longer steps, so that there are fewer gaps"
            if longest > 1
            else "choose other columns for time and group, or longer steps",
        )
    return np.concatenate(found)


def unseen(steps: Steps, length: int) -> NDArray[np.bool_]:
    """The steps that no window of that length sees: those of shorter stretches, (M,)."""
    return np.asarray((np.diff(steps.starts) < length)[steps.stretch])


def within(starts: NDArray[np.int64], length: int, taken: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The windows all of whose steps are taken, positions in `starts`. taken: (M,)."""
    count = np.concatenate([[0], np.cumsum(taken)])
    return np.flatnonzero(count[starts + length] - count[starts] == length)


def taken(steps: Steps, items: NDArray[np.int64], rows: int) -> NDArray[np.bool_]:
    """The steps all of whose rows are among the items, (M,)."""
    kept = np.zeros(rows, bool)
    kept[items] = True
    real = steps.step >= 0
    out = np.ones(len(steps), bool)
    out[steps.step[real][~kept[steps.rows[real]]]] = False
    return out


def refuse_few(starts: NDArray[np.int64], length: int, learned: NDArray[np.bool_], where: str) -> int:
    """How many windows the steps to train on, (M,), hold. Raises DatasetRefused where these are too few."""
    if (number := len(within(starts, length, learned))) < FEWEST:
        raise DatasetRefused(
            f"only {count(number, 'window')} of {length:,} steps {'is' if number == 1 else 'are'} left to train on, at least "
            f"{FEWEST} are needed",
            where=where,
            fix="choose a shorter window, or leave fewer rows out",
        )
    return number


def split_by_time(
    steps: Steps, taken: NDArray[np.bool_], share: float, length: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Steps to train on and steps to validate on, (M,) each: of every stretch the last `share`.

    Between them one window's length is left out, so that no window of one has seen what the other holds. A stretch
    that is too short for a window on both sides trains only.
    """
    train, validation = taken.copy(), np.zeros(len(steps), bool)
    for first, end in pairwise(steps.starts.tolist()):
        held = max(round(share * (end - first)), length) if share > 0 else 0
        if held == 0 or end - first < held + 2 * length:
            continue
        train[end - held - length : end] = False
        validation[end - held : end] = taken[end - held : end]
    return train, validation
