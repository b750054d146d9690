"""How far the review is, and what is still to be expected of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.intervals import wilson
from core.results import Estimate
from core.triage.judged import CONFIRMED, DISMISSED, OPEN, UNSURE, Judged

FEWEST = 10  # decided rows from which something is said of the others
NEXT = 100
RESAMPLES = 200


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


def progress(queue: NDArray[np.int64], scores: NDArray[np.float64], judged: Judged, seed: int = 0) -> Progress:
    """Of a queue, (F,) rows in the order in which they are looked at. scores: (N,).

    What is to be expected of open rows: the share that was confirmed never rises as scores fall (isotonic regression, Ayer and
    others 1955), one row of each kind added to every step; intervals from drawing the decided rows anew.
    """
    codes = judged.codes[queue]
    confirmed, dismissed, unsure = (int((codes == code).sum()) for code in (CONFIRMED, DISMISSED, UNSURE))
    decided = confirmed + dismissed
    precision = None
    if decided:
        low, high = wilson(confirmed / decided, decided)
        precision = Estimate(confirmed / decided, low, high)
    left = following = None
    if decided >= FEWEST:
        known = queue[(codes == CONFIRMED) | (codes == DISMISSED)]
        found = (judged.codes[known] == CONFIRMED).astype(np.float64)
        waiting = queue[codes == OPEN]
        generator = np.random.default_rng(seed)
        draws = [np.arange(decided), *(generator.integers(decided, size=decided) for _ in range(RESAMPLES))]
        each = np.asarray([_expected(scores[known][draw], found[draw], scores[waiting]) for draw in draws])
        left = _interval(each.sum(axis=1))
        following = _interval(each[:, :NEXT].sum(axis=1))
    return Progress(len(queue), confirmed, dismissed, unsure, precision, left, following)


def _interval(values: NDArray[np.float64]) -> Estimate:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return Estimate(float(values[0]), float(min(low, values[0])), float(max(high, values[0])))


def _expected(
    known: NDArray[np.float64], found: NDArray[np.float64], asked: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The chance of each asked score, (A,), to be confirmed. known, found: (D,) scores and whether they were."""
    order = np.argsort(known, kind="stable")
    sums, counts, starts = [], [], []
    for score, hit in zip(known[order].tolist(), found[order].tolist(), strict=True):
        sums.append(hit)
        counts.append(1.0)
        starts.append(score)
        # A step is as high as the one before or higher; equal scores are of one step.
        while len(sums) > 1 and (sums[-2] / counts[-2] >= sums[-1] / counts[-1] or starts[-2] == starts[-1]):
            hits, rows = sums.pop(), counts.pop()
            sums[-1] += hits
            counts[-1] += rows
            starts.pop()
    share = (np.asarray(sums) + 1) / (np.asarray(counts) + 2)
    share = np.maximum.accumulate(share)  # the added rows may turn small steps round
    step = np.searchsorted(np.asarray(starts), asked, side="right") - 1
    return np.asarray(share[np.maximum(step, 0)])
