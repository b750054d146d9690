"""How far a run's flags depend on chance: the same rows, scored after further trainings with other seeds on part of the rows.

Needs numpy only: pages ask it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TIMES, SHARE = 4, 0.8  # further trainings, and the share of the rows that each of them learns from
UNSTABLE = 0.5  # a row that is flagged in fewer of them is marked


@dataclass(frozen=True)
class Stability:
    """Of flagged rows: in what share of the further trainings each is among as many strangest ones, (F,)."""

    again: NDArray[np.float64]

    @property
    def overlap(self) -> float:
        """Share of the flags that come again, on average; 1 where nothing is flagged."""
        return float(self.again.mean()) if len(self.again) else 1.0

    @property
    def unstable(self) -> NDArray[np.bool_]:
        """The flags that mostly do not come again, (F,)."""
        return self.again < UNSTABLE

    def in_words(self, items: str) -> str:
        """A sentence on them. items: what is flagged, in the plural."""
        said = (
            f"Trained again {TIMES} times, with other seeds and on {SHARE:.0%} of the {items} each, {self.overlap:.0%} of the "
            "flags came again."
        )
        count = int(self.unstable.sum())
        if not count:
            return said
        some = f"{count:,} {'does' if count == 1 else 'do'} so less than half of the time"
        return f"{said} {some}: what is flagged there is as much chance as data."


def stability(refits: NDArray[np.floating], flagged: NDArray[np.int64]) -> Stability:
    """refits: (N, K), scores after the further trainings; flagged: (F,), rows. Of equal scores at the edge none counts that not
    all can."""
    if len(flagged) == 0:
        return Stability(np.empty(0))
    edges = np.sort(refits, axis=0)[-len(flagged)]  # (K,)
    above = (refits > edges).sum(axis=0) + (refits == edges).sum(axis=0) == len(flagged)
    found = np.where(above, refits[flagged] >= edges, refits[flagged] > edges)
    return Stability(found.mean(axis=1))
