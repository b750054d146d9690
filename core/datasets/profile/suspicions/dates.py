"""Dates that stand for something else, and dates that can hardly be."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.datasets.profile.facts import Facts
from core.datasets.profile.suspicions import Check, Suspicion, cells, suspicion
from core.datasets.profile.suspicions._tails import far_above, far_below

DAY = 86_400.0
PLACEHOLDERS = ("0001-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02")
LATER_PLACEHOLDERS = ("1904-01-01", "1970-01-01", "1980-01-01", "2099-12-31", "2100-01-01", "2999-12-31", "9999-12-31")
NEVER = frozenset(PLACEHOLDERS + LATER_PLACEHOLDERS)
APART = 3 * 365 * DAY


def look(facts: Facts) -> Iterable[Suspicion]:
    """Placeholders apart from the rest; dates long before or after it."""
    has_date = any(part in facts.column.form for part in ("%Y", "%y", "epoch")) or not facts.column.form
    if facts.column.kind != "datetime" or facts.numbers is None or facts.parsed is None or not has_date:
        return
    values, counts = facts.numbers.finite
    if len(values) < 2:
        return
    days = np.floor(facts.parsed / DAY)
    standing = np.zeros(len(days), bool)
    for text in sorted(NEVER):
        day = float(np.datetime64(text, "D").astype(np.int64))
        which = days == day
        rest = values[np.floor(values / DAY) != day]
        if which.any() and len(rest) and np.abs(rest / DAY - day).min() * DAY > APART:
            standing |= which
    if standing.any():
        words = tuple(str(facts.texts[i]) for i in np.flatnonzero(standing))
        what = "a date that stands for “not known”"
        yield suspicion(facts, standing, cells(facts.count(standing), f"has {what}", f"have {what}"), 0.9, words)
        kept = ~np.isin(values, facts.parsed[standing])
        values, counts = values[kept], counts[kept]
    if len(values) and (distance := far_above(values - values[0], counts)) is not None:
        place = int(np.searchsorted(values - values[0], distance))
        which = (facts.parsed >= values[place]) & ~standing
        end = _day(float(values[place - 1]))
        what = f"long after all others, which end on {end}"
        yield suspicion(facts, which, cells(facts.count(which), f"lies {what}", f"lie {what}"), 0.85)
    if len(values) and (most := far_below(values, counts)) is not None:
        which = (facts.parsed <= most) & ~standing
        start = _day(float(values[values > most][0]))
        what = f"long before all others, which begin on {start}"
        yield suspicion(facts, which, cells(facts.count(which), f"lies {what}", f"lie {what}"), 0.85)


def _day(seconds: float) -> str:
    return str(np.datetime64(int(seconds // DAY), "D"))


SUSPICION = Check("dates that can't be", look)
