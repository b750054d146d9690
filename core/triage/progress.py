"""How far the review is, and what is still to be expected of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit
from scipy.stats import norm, rankdata

from core.intervals import share_of, wilson
from core.results import Estimate
from core.triage.judged import CONFIRMED, DISMISSED, OPEN, UNSURE, Judged

FEWEST = 10  # decided rows from which something is said of the others
NEAREST = 0.25  # share of the decided rows, those with the nearest scores, that speak for an open one
NEXT = 100
BINS = 40  # of a queue by rank, within which rows are taken as alike
DRAWS = 4_000  # of a count that is guessed
# A chance's logit and how it falls from the strangest row of a queue to the last, before anything was decided: quantiles of what may
# be. Falls near 0 are likely and steep ones possible, so that of rows that are all alike hardly too few are expected.
LEVELS = 2.5 * norm.ppf((np.arange(41) + 0.5) / 41)
FALLS = np.minimum(0.7 * np.tan(np.pi / 2 * (np.arange(17) + 0.5) / 17), 30.0)
BENDS = 4.0 * norm.ppf((np.arange(5) + 0.5) / 5)  # how much steeper or flatter it may go on below all that was decided


@dataclass(frozen=True)
class Progress:
    """Of the rows in a queue. precision: confirmed of those decided; left: anomalies among the open ones, next: among the next
    hundred of these, as much as can't be ruled out; left_guess, next_guess: the same if it goes on as in those decided. None where too
    few are decided. below: open rows with scores below all that were decided, of which a guess is extrapolated."""

    rows: int
    confirmed: int
    dismissed: int
    unsure: int
    precision: Estimate | None
    left: Estimate | None
    next: Estimate | None
    left_guess: Estimate | None
    next_guess: Estimate | None
    below: int

    @property
    def reviewed(self) -> int:
        return self.confirmed + self.dismissed + self.unsure


def progress(queue: NDArray[np.int64], scores: NDArray[np.float64], judged: Judged) -> Progress:
    """Of a queue, (F,) rows in the order in which they are looked at. scores: (N,).

    For an open row speak the decided ones with the nearest scores: their share of confirmed, with Wilson's interval. Intervals
    of several rows are added up, as if all erred to the same side. Below the lowest score that was decided nothing is known but
    that anomalies become rarer: there the interval begins at none. Beside it stands a guess: what is left if it goes on as so far.
    """
    codes = judged.codes[queue]
    confirmed, dismissed, unsure = (int((codes == code).sum()) for code in (CONFIRMED, DISMISSED, UNSURE))
    decided = confirmed + dismissed
    precision = share_of(confirmed, decided) if decided else None
    left = following = left_guess = next_guess = None
    below = 0
    if decided >= FEWEST:
        known = queue[(codes == CONFIRMED) | (codes == DISMISSED)]
        found = judged.codes[known] == CONFIRMED
        each = _expected(scores[known], found, scores[queue[codes == OPEN]])  # (O, 3)
        left, following = (Estimate(*map(float, part.sum(axis=0))) for part in (each, each[:NEXT]))
        ranks = rankdata(scores[queue]) / len(queue)
        left_guess, next_guess = _guessed(ranks, codes == CONFIRMED, codes == DISMISSED, codes == OPEN)
        below = int((scores[queue[codes == OPEN]] < scores[known].min()).sum())
    return Progress(len(queue), confirmed, dismissed, unsure, precision, left, following, left_guess, next_guess, below)


def _guessed(
    ranks: NDArray[np.float64], confirmed: NDArray[np.bool_], dismissed: NDArray[np.bool_], still: NDArray[np.bool_]
) -> tuple[Estimate, Estimate]:
    """Anomalies among the open rows of a queue, and among the next hundred, with 95 % intervals; each argument (F,), ranks from 0 to 1,
    the strangest.

    The logit of a row's chance falls evenly with its rank, and below the lowest row that was decided steeper or flatter by an unknown
    amount; all levels, falls and bends count by how likely they make the verdicts (Bayes), and a count varies by chance too.
    """
    edges = np.linspace(0, 1, BINS + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    hits, misses = (np.histogram(ranks[some], edges)[0] for some in (confirmed, dismissed))
    decided = ranks[confirmed | dismissed]
    logit = LEVELS[:, None, None] + FALLS[:, None] * (middles - decided.mean())  # (L, F, B)
    fit = log_expit(logit) @ hits + log_expit(-logit) @ misses  # (L, F)
    likely = np.repeat(np.exp(fit - fit.max()).ravel(), len(BENDS))
    below = np.maximum(decided.min() - middles, 0)
    chance = expit(logit[:, :, None] - BENDS[:, None] * below).reshape(-1, BINS)  # (L F S, B)
    generator = np.random.default_rng(0)
    drawn = chance[generator.choice(len(chance), DRAWS, p=likely / likely.sum())]
    spread = generator.normal(size=DRAWS)
    found = []
    for some in (ranks[still], ranks[still][:NEXT]):
        counts = np.histogram(some, edges)[0]
        sums = drawn @ counts + spread * np.sqrt((drawn * (1 - drawn)) @ counts)
        low, middle, high = np.quantile(np.clip(sums, 0, len(some)), [0.025, 0.5, 0.975])
        found.append(Estimate(float(middle), float(np.floor(low)), float(np.ceil(high))))
    return found[0], found[1]


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
