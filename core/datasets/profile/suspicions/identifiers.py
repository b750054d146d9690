"""An identifier that names several rows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.datasets import names
from core.datasets.profile.facts import Facts
from core.datasets.profile.suspicions import Check, Suspicion, suspicion

LEAST_ROWS = 50
SHARE = 0.02  # rows that may repeat another's identifier for a column to look like one at all


def look(facts: Facts) -> Iterable[Suspicion]:
    """A column with that role, or with such a name and nearly all values different."""
    given = facts.column.role == "identifier"
    if facts.column.kind in ("boolean", "constant", "datetime") or not (given or names.says_id(facts.column.name)):
        return
    there = ~facts.missing
    repeated = there & (facts.counts > 1)
    filled = facts.count(there)
    extra = filled - int(there.sum())
    if extra == 0 or not (given or (filled >= LEAST_ROWS and extra <= SHARE * filled)):
        return
    many = int(repeated.sum())
    words = "1 value stands" if many == 1 else f"{many:,} values stand"
    doubt = 0.8 if extra <= SHARE * filled else 0.6
    most = int(np.max(facts.counts[repeated]))
    yield suspicion(facts, repeated, f"{words} in several rows, up to {most:,}, though each should name one", doubt)


SUSPICION = Check("an identifier that repeats", look)
