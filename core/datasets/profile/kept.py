"""What is held of columns while a table passes by, for what is told by two of them: a few, so that memory is bounded."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.datasets.cells import Floats
from core.datasets.profile.facts import Facts, Mask, Places

MOST_MOMENTS, MOST_TELLERS, MOST_GAPS = 12, 40, 60  # columns of dates, of few levels, with gaps: the first ones
MOST_LEVELS = 10
LEAST_EMPTY = 0.02  # of the rows: fewer gaps are no question that some were not asked


@dataclass
class Kept:
    """By column: the seconds of each row's moment, (N,); the levels and each row's place among them, (N,); rows without a value, (N,)."""

    moments: dict[str, Floats] = field(default_factory=dict)
    levels: dict[str, tuple[tuple[str, ...], Places]] = field(default_factory=dict)
    empty: dict[str, Mask] = field(default_factory=dict)

    def add(self, facts: Facts) -> None:
        """The table's next column."""
        name, kind = facts.column.name, facts.column.kind
        if facts.column.role == "ignored":
            return
        if kind == "datetime" and facts.parsed is not None and len(self.moments) < MOST_MOMENTS:
            self.moments[name] = np.append(facts.parsed, np.nan)[facts.places]
        few = kind in ("boolean", "category", "ordered") and 2 <= len(facts.cells) <= MOST_LEVELS
        if few and len(self.levels) < MOST_TELLERS:
            named, codes = facts.levels
            self.levels[name] = tuple(str(facts.texts[i]) for i in named), codes
        if len(self.empty) < MOST_GAPS and LEAST_EMPTY <= facts.empty.mean() < 1:
            self.empty[name] = facts.empty
