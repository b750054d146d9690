"""Whether a series stays for long where it is: then two stretches of it differ by themselves, and drift is less sure than it looks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

GATE = 3.0  # standard errors of the correlation of one window with the next, beyond which they are not drawn one by one
SLOWEST = 5  # waves through the whole, the longest first, of which it is asked how much they move
MEDIAN = sum(1 / k for k in range(SLOWEST // 2 + 1, SLOWEST + 1))  # of so many exponential variables of mean 1
FEWEST = 21  # windows


def alike(values: NDArray[np.floating[Any]]) -> float:
    """How many windows that follow each other say as much about the level as one drawn by itself, at least 1: of the column where
    these are most.

    values: (W, C), a row a window, in the order of time; NaN is taken as the middle. The variance of a mean of correlated values
    is that of independent ones times their spectral density at frequency 0 (Bartlett 1946), which the slowest waves of the
    periodogram estimate; by their median, so that a season, which is one wave or two, does not count as wandering where there are
    many of it.
    """
    windows = len(values)
    if windows < FEWEST:
        return 1.0
    ranks = np.column_stack([_ranks(column) for column in np.asarray(values, np.float64).T] or [np.zeros(windows)])
    spread = ranks.std(axis=0)
    ranks = ranks[:, spread > 0] / spread[spread > 0]  # (W, C')
    next_ = (ranks[1:] * ranks[:-1]).mean(axis=0)
    ranks = ranks[:, next_ > GATE / np.sqrt(windows)]
    if ranks.shape[1] == 0:
        return 1.0
    waves = np.abs(np.fft.rfft(ranks, axis=0)[1 : SLOWEST + 1]) ** 2 / windows  # (SLOWEST, C')
    return max(1.0, float((np.median(waves, axis=0) / MEDIAN).max()))


def _ranks(column: NDArray[np.float64]) -> NDArray[np.float64]:
    known = ~np.isnan(column)
    out = np.zeros(len(column))
    out[known] = rankdata(column[known]) - (known.sum() + 1) / 2
    return out
