"""How far the review is, and what is still to be expected of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.intervals import share_of, wilson
from core.results import Estimate
from core.triage.judged import CONFIRMED, DISMISSED, OPEN, UNSURE, Judged

FEWEST = 10  # decided rows from which something is said of the others
NEAREST = 0.25  # share of the decided rows, those with the nearest scores, that speak for an open one
NEXT = 100


@dataclass(frozen=True)
class Progress:
    """Of the rows in a queue. precision: confirmed of those decided; left: anomalies among the open ones; next: among the
    next hundred of these. None where too few are decided."""

    rows: int
    confirmed: int
    dismissed: int
    unsure: int
    precision: Estimate | None
    left: Estimate | None
    next: Estimate | None

    @property
    def reviewed(self) -> int:
        return self.confirmed + self.dismissed + self.unsure


def progress(queue: NDArray[np.int64], scores: NDArray[np.float64], judged: Judged) -> Progress:
    """Of a queue, (F,) rows in the order in which they are looked at. scores: (N,).

    For an open row speak the decided ones with the nearest scores: their share of confirmed, with Wilson's interval. Intervals
    of several rows are added up, as if all erred to the same side. Below the lowest score that was decided nothing is known but
    that anomalies become rarer: there the interval begins at none.
    """
    codes = judged.codes[queue]
    confirmed, dismissed, unsure = (int((codes == code).sum()) for code in (CONFIRMED, DISMISSED, UNSURE))
    decided = confirmed + dismissed
    precision = share_of(confirmed, decided) if decided else None
    left = following = None
    if decided >= FEWEST:
        known = queue[(codes == CONFIRMED) | (codes == DISMISSED)]
        found = judged.codes[known] == CONFIRMED
        each = _expected(scores[known], found, scores[queue[codes == OPEN]])  # (O, 3)
        left, following = (Estimate(*map(float, part.sum(axis=0))) for part in (each, each[:NEXT]))
    return Progress(len(queue), confirmed, dismissed, unsure, precision, left, following)


def _expected(known: NDArray[np.float64], found: NDArray[np.bool_], asked: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chance of each asked score to be confirmed, with its interval, (A, 3). known, found: (D,) scores and whether they were."""
    order = np.argsort(known, kind="stable")
    ordered, hits = known[order], np.append(0, np.cumsum(found[order]))
    size = min(len(known), max(FEWEST, round(NEAREST * len(known))))
    first = np.clip(np.searchsorted(ordered, asked) - size // 2, 0, len(known) - size)
    share = (hits[first + size] - hits[first]) / size
    low, high = wilson(share, size)
    low = np.where(asked < ordered[0], 0.0, low)
    return np.stack([share, np.clip(low, 0, share), np.clip(high, share, 1)], axis=1)
