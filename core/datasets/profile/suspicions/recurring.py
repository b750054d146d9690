"""One number that recurs improbably often: a code for missing, a limit of the instrument, a filled-in mean."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.datasets.cells import Floats
from core.datasets.profile.facts import Facts
from core.datasets.profile.suspicions import Check, Suspicion, figure, suspicion

SENTINELS = frozenset(
    sign * code
    for sign in (1, -1)
    for digit in (7, 8, 9)
    for length in range(2, 9)
    for code in (int(str(digit) * length),)
) | {-1, -7, -8, -9, 99999.99, 9999.99, 999.99, 999.9, 99.9, -999.9, -99.9}
LEAST_ROWS = 30
FINE = 50  # different numbers from which a column counts as continuous
NEIGHBOURS = 10  # on each side
TIMES = 8  # how many times as often as any neighbour
RIVALS = 3  # how many times as often as the third commonest: many that recur are the way of the column
OFTEN = 8  # rows
MOST = 0.5  # share of rows: what is commoner is the usual value, not a filled-in one
MOST_AT_END = 0.05  # likewise at the lowest or highest value, where many things stop by nature


def look(facts: Facts) -> Iterable[Suspicion]:
    """Codes that stand apart at an end; and peaks among neighbours that are all rare."""
    if facts.column.kind != "number" or facts.numbers is None or facts.parsed is None:
        return
    values, counts = facts.numbers.finite
    if counts.sum() < LEAST_ROWS or len(values) < 3:
        return
    codes = [value for value in (values[0], values[-1]) if is_code(float(value), values, counts)]
    for value in codes:
        which = facts.parsed == value
        words = tuple(str(facts.texts[i]) for i in np.flatnonzero(which))
        what = f"{figure(float(value))} stands apart from the rest, as codes for a missing value do"
        yield suspicion(facts, which, what, 0.9, words)
    if len(values) >= FINE:
        for place in _peaks(values, counts):
            value = float(values[place])
            if value in codes:
                continue
            which = facts.parsed == value
            near = _near(counts, place)
            others = "none of its neighbours more than once" if near == 1 else f"its neighbours {near:,} times at most"
            words = tuple(str(facts.texts[i]) for i in np.flatnonzero(which)) if value == 0 else ()
            what = f"{figure(value)} recurs {counts[place]:,} times, {others}"
            if value == 0 or 0 < place < len(values) - 1:
                yield suspicion(facts, which, what, 0.5, words)
            else:
                end = "lowest" if place == 0 else "highest"
                yield suspicion(facts, which, f"the {end} value, {what}: a limit of what was measured?", 0.35)


def is_code(value: float, values: Floats, counts: NDArray[np.int64]) -> bool:
    """Whether an end of a column is a number by which writers say “missing”, and apart from all others.

    Negative codes where nothing else is negative; others where the distance to the next is more than the spread of
    half of the rest.
    """
    if value not in SENTINELS:
        return False
    rest, weights = values[values != value], counts[values != value]
    whole = bool((values == np.floor(values)).all())
    if value < 0 and rest[0] >= 0 and (whole or value <= -9):
        return True
    ends = np.cumsum(weights) / weights.sum()
    low, high = rest[np.searchsorted(ends, 0.25)], rest[np.searchsorted(ends, 0.75)]
    gap = rest[0] - value if value < rest[0] else value - rest[-1]
    return bool(gap > max(high - low, (rest[-1] - rest[0]) / 2))


def _peaks(values: Floats, counts: NDArray[np.int64]) -> list[int]:
    """At most two values that recur, inside the distribution, at its ends, or at a zero that stands apart."""
    rows, ends = int(counts.sum()), (0, len(values) - 1)
    commonest = np.argsort(-counts, kind="stable")[:3].tolist()
    out = []
    for place in commonest:
        most = MOST_AT_END if place in ends else MOST
        often = counts[place] >= max(OFTEN, TIMES * _near(counts, place), RIVALS * counts[commonest[-1]])
        if values[place] != 0 and often and counts[place] <= most * rows:
            out.append(place)
    zero = np.flatnonzero(values == 0)
    if len(zero) and 1 < counts[zero[0]] <= MOST * rows and _apart(values, counts):
        out.insert(0, int(zero[0]))
    return out[:2]


def _near(counts: NDArray[np.int64], place: int) -> int:
    """How often the commonest of a value's neighbours stands."""
    around = np.concatenate([counts[max(0, place - NEIGHBOURS) : place], counts[place + 1 : place + 1 + NEIGHBOURS]])
    return int(around.max())


def _apart(values: Floats, counts: NDArray[np.int64]) -> bool:
    """Whether zero lies away from all other values: none near it, where an amount that may be zero would have some."""
    if (values < 0).any() and (values > 0).any():
        return False
    sizes, weights = np.abs(values[values != 0]), counts[values != 0]
    order = np.argsort(sizes)
    ends = np.cumsum(weights[order]) / weights.sum()
    low, middle = (sizes[order][np.searchsorted(ends, share)] for share in (0.05, 0.5))
    return bool(sizes[order][0] > middle - low)


SUSPICION = Check("a number that recurs", look)
