"""Cells of another kind than the rest of their column: words among numbers, numbers without the others' unit."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.datasets.cells import MISSING_WORDS
from core.datasets.numbers import numbers
from core.datasets.parsing import says_missing
from core.datasets.profile.facts import Facts
from core.datasets.profile.suspicions import Check, Suspicion, cells, suspicion
from core.datasets.profile.suspicions.missing_words import MAYBE

WHAT = {"number": "number", "boolean": "yes or no", "datetime": "date"}
MOST_LEVELS = 50_000
MOSTLY = 0.5  # share of a column of names that are numbers, from which the names look like strangers


def look(facts: Facts) -> Iterable[Suspicion]:
    """What is not of the column's kind, and numbers of two units."""
    kind = facts.column.kind
    if facts.parsed is not None:
        strange = np.isnan(facts.parsed)
        if strange.any():
            strange &= ~says_missing(facts.column, facts.texts) & ~facts.among(MISSING_WORDS | MAYBE)
        if strange.any():
            what = f"no {WHAT[kind]}"
            words = cells(facts.count(strange), f"is {what} and counts", f"are {what} and count")
            yield suspicion(facts, strange, f"{words} as missing", 0.8)
    if kind == "number" and facts.column.unit and facts.parsed is not None:
        yield from _without_unit(facts)
    if kind in ("category", "text") and facts.column.role != "label" and len(facts.cells) <= MOST_LEVELS:
        yield from _numbers_among_names(facts)


def _without_unit(facts: Facts) -> Iterable[Suspicion]:
    there = ~facts.missing
    bare = ~np.isnan(numbers(facts.texts, facts.column.form or "point", "")) & there
    if 0 < facts.count(bare) < facts.count(there) / 2:
        words = cells(facts.count(bare), "has no unit and counts", "have no unit and count")
        yield suspicion(facts, bare, f"{words} as {facts.column.unit}, like the others", 0.4)


def _numbers_among_names(facts: Facts) -> Iterable[Suspicion]:
    there = ~facts.missing & ~facts.among(MISSING_WORDS | MAYBE)
    read = ~np.isnan(numbers(facts.texts)) & there
    share = facts.count(read) / max(1, facts.count(there))
    if MOSTLY < share < 1:
        names = there & ~read
        words = cells(facts.count(names), "is a name", "are names")
        yield suspicion(facts, names, f"{words}, the other {share:.0%} are numbers", 0.6)


SUSPICION = Check("kinds or units mixed", look)
