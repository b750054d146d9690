"""Dates in the wrong order: sent before it was ordered, where hardly any other row is."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np

from core.datasets.cells import Floats
from core.datasets.profile.facts import first_rows
from core.datasets.profile.suspicions import Check, Suspicion, Whole, cells
from core.words import moment

LEAST_ROWS = 50
SHARE, RARE = 0.03, 0.01  # of the rows, at most, that are the other way round; up to which it is very likely wrong
BY_CHANCE = 10.0  # times as many would be, if one date had nothing to do with the other
EXAMPLES = 5
DAY = 86_400.0


def look(whole: Whole) -> Iterable[Suspicion]:
    """Of two dates one is never the later one, but for a few rows; said of the second column, once about a row."""
    told: dict[str, set[int]] = {}
    moments = whole.kept.moments
    for first, second in combinations(moments, 2):
        a, b = _alike(moments[first], moments[second])
        there = np.isfinite(a) & np.isfinite(b)
        count = int(there.sum())
        if count < LEAST_ROWS:
            continue
        before, after = there & (b < a), there & (b > a)
        wrong, word = (before, "before") if before.sum() < after.sum() else (after, "after")
        found = int(wrong.sum())
        if not 0 < found <= SHARE * count or found * BY_CHANCE > _by_chance(a[there], b[there], word):
            continue
        places = np.flatnonzero(wrong)
        already = told.setdefault(second, set())
        if already.issuperset(places.tolist()):
            continue
        already.update(places.tolist())
        examples = tuple(
            f"{_said(moments[second][i])} ({first}: {_said(moments[first][i])})" for i in places[:EXAMPLES]
        )
        what = f"{cells(found, 'lies', 'lie')} {word} “{first}”, the other {count - found:,} do not"
        yield Suspicion(second, what, found, examples, first_rows(wrong), 0.85 if found <= RARE * count else 0.6)


def _alike(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Both in days, where one of them has no time of day."""
    if any(np.all(each[np.isfinite(each)] % DAY == 0) for each in (a, b)):
        return np.floor(a / DAY) * DAY, np.floor(b / DAY) * DAY
    return a, b


def _by_chance(a: Floats, b: Floats, word: str) -> float:
    """In how many rows the second would be before, or after, the first, if they had nothing to do with each other."""
    ordered = np.sort(b)
    before = (
        np.searchsorted(ordered, a, side="left") if word == "before" else len(b) - np.searchsorted(ordered, a, "right")
    )
    return float(before.mean())


def _said(seconds: float) -> str:
    text = moment(float(seconds))
    return text[:10] if seconds % DAY == 0 else text


SUSPICION = Check("dates in the wrong order", table=look)
