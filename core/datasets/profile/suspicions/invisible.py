"""Characters that nobody sees: controls, zero-width marks, blanks around a cell, what a wrong encoding left."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.datasets.profile.facts import Facts
from core.datasets.profile.suspicions import Check, Suspicion, cells, suspicion

UNSEEN = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]"
BROKEN = "\ufffd|Ã[\u0080-\u00bf]|â€[\u0080-\u00bf™œ“”˜¦]|Â[\u00a0-\u00bf]"
KINDS = ("category", "ordered", "coded", "multiple", "text")
ROWS = 20


def look(facts: Facts) -> Iterable[Suspicion]:
    """Of columns whose cells stay text."""
    if facts.column.kind not in KINDS:
        return
    unseen = facts.matching(UNSEEN)
    if unseen.any():
        what = "characters that are not seen"
        yield suspicion(facts, unseen, cells(facts.count(unseen), f"holds {what}", f"hold {what}"), 0.75)
    broken = facts.matching(BROKEN) & ~unseen
    if broken.any():
        what = "characters that a wrong encoding left"
        yield suspicion(facts, broken, cells(facts.count(broken), f"holds {what}", f"hold {what}"), 0.8)
    yield from _padded(facts)


def _padded(facts: Facts) -> Iterable[Suspicion]:
    """Blanks around some cells; around most they are the writer's way and harmless."""
    padded, filled = len(facts.padded), int((facts.places >= 0).sum())
    if not 0 < padded < filled / 2:
        return
    which = np.unique(facts.places[facts.padded])
    yield Suspicion(
        column=facts.column.name,
        what=cells(padded, "has blanks around it, which are left out", "have blanks around them, which are left out"),
        cells=padded,
        examples=facts.examples(which[which >= 0]),
        rows=tuple(int(row) + 1 for row in facts.padded[:ROWS]),
        doubt=0.3,
    )


SUSPICION = Check("characters that are not seen", look)
