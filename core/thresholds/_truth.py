"""Rows whose truth is known, parted at every score: what thresholds that are tuned on labels or verdicts look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import SettingsRefused
from core.thresholds import FEWEST, Given
from core.words import count as in_words


@dataclass(frozen=True)
class Cuts:
    """Every cut that parts known rows, the highest first.

    values: (G,), the scores. true_positives and false_positives: (G,), known anomalies and known normal rows at or over each.
    """

    values: NDArray[np.float64]
    true_positives: NDArray[np.int64]
    false_positives: NDArray[np.int64]

    @property
    def positives(self) -> int:
        """Known anomalies."""
        return int(self.true_positives[-1])

    @property
    def negatives(self) -> int:
        """Known normal rows."""
        return int(self.false_positives[-1])

    @property
    def precision(self) -> NDArray[np.float64]:
        """Of each cut, (G,)."""
        return self.true_positives / (self.true_positives + self.false_positives)

    @property
    def recall(self) -> NDArray[np.float64]:
        """Of each cut, (G,)."""
        return self.true_positives / self.positives


def known(given: Given) -> NDArray[np.bool_]:
    """The rows whose truth is known, of those that were looked at, (N,)."""
    if given.truth is None:
        return np.zeros(len(given.scores), bool)
    return given.truth >= 0 if given.scored is None else (given.truth >= 0) & given.scored


def cuts(given: Given) -> Cuts:
    """Raises SettingsRefused with too few known anomalies, or too few known normal rows."""
    some = known(given)
    scores, anomalies = given.scores[some], given.truth[some] == 1 if given.truth is not None else some[some]
    positives = int(anomalies.sum())
    if min(positives, len(scores) - positives) < FEWEST:
        raise SettingsRefused(
            f"{in_words(positives, 'row')} {'is' if positives == 1 else 'are'} known to be anomalies and "
            f"{len(scores) - positives:,} to be normal: too few, {FEWEST} of either are needed",
            where="label or verdicts",
            fix="judge more rows, or flag by another method",
        )
    if not (scores[1:] >= scores[:-1]).all():
        order = np.argsort(scores, kind="stable")
        scores, anomalies = scores[order], anomalies[order]
    scores, anomalies = scores[::-1], anomalies[::-1]
    last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True))  # of each group of equal scores
    hits = np.cumsum(anomalies, dtype=np.int32)[last].astype(np.int64)  # nine times as fast as by int64 throughout
    return Cuts(scores[last], hits, last + 1 - hits)
