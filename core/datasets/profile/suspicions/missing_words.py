"""Words among names that may say a value is missing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.cells import MISSING_WORDS
from core.datasets.profile.facts import Facts
from core.datasets.profile.suspicions import Check, Suspicion, cells, suspicion

KINDS = ("category", "ordered", "coded", "multiple", "text")
NOTHING = frozenset({"none", "nil"})  # of the thing that a column is about, as often as not
MAYBE = frozenset(
    {"unknown", "unk", "not known", "not given", "not stated", "not specified"}
    | {"no data", "no answer", "undefined", "unspecified", "tbd", "to be determined", "xxx", "xx", "#", "??", "???"}
    | {"unbekannt", "inconnu", "desconocido", "blank", "(blank)", "empty", "(empty)"}
    | {"(missing)", "[missing]", "nd", "n.d.", "prefer not to say", "refused", "don't know", "dont know", "dk"}
)


def look(facts: Facts) -> Iterable[Suspicion]:
    """Cells that are such a word, of which the user has not said that it is a name."""
    if facts.column.kind not in KINDS:
        return
    named = pc.is_in(facts.cells, pa.array(facts.column.levels, pa.string())).to_numpy(zero_copy_only=False)
    sure = facts.among(MISSING_WORDS - NOTHING) & ~facts.missing & ~named
    maybe = facts.among(MAYBE | NOTHING) & ~facts.missing & ~named
    for which, doubt in ((sure, 0.75), (maybe, 0.6)):
        if which.any():
            what = "say that a value is missing"
            words = tuple(facts.cells[int(i)].as_py() for i in np.flatnonzero(which))
            yield suspicion(facts, which, cells(facts.count(which), f"may {what}", f"may {what}"), doubt, words)


SUSPICION = Check("words for missing", look)
