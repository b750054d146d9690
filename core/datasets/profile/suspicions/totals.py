"""A last row that adds up those above it: a total that was read as a row."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from core.datasets.profile.facts import Facts
from core.datasets.profile.suspicions import Check, Suspicion, figure
from core.datasets.profile.suspicions import suspicion as found

LEAST = 6  # rows with a number that is not 0; of fewer, one is the sum of the others by chance


def look(facts: Facts) -> Iterable[Suspicion]:
    """The last number of the column is the sum of all others, which are not all 0."""
    if facts.column.kind != "number" or facts.numbers is None:
        return
    codes = facts.numbers.codes
    there = np.flatnonzero(codes >= 0)
    if len(there) < LEAST or there[-1] < len(codes) - 1:
        return
    values = facts.numbers.values[codes[there]]
    if not np.isfinite(values).all() or np.count_nonzero(values[:-1]) < LEAST - 1:
        return
    last = float(values[-1])
    scaled = values / np.abs(values).max()  # the sum of large numbers is none
    if abs(scaled[-1] - math.fsum(scaled[:-1])) > 1e-9 * math.fsum(np.abs(scaled)):
        return
    which = np.zeros(len(facts.cells), bool)
    which[facts.places[-1]] = True
    what = f"the last row holds the sum of all rows above it ({figure(last)}): a total is no row of its own"
    said = found(facts, which, what, 0.95)
    yield Suspicion(said.column, said.what, 1, said.examples, (len(codes),), said.doubt)


SUSPICION = Check("a total as a row", look)
