"""What each number of the codes stands for: the source columns that it moves in the reconstruction, or that go along with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

TOLD = 0.5  # strength from which a column gives its name
MOST = 2  # columns in a name
MOVED, BESIDE = (
    0.1,
    0.5,
)  # of what a network sees: what is moved at all; of the most moved column, from which another is named


def names_of_codes(codes: NDArray[np.float32], columns: Mapping[str, NDArray[Any]]) -> tuple[str, ...]:
    """A name for each of the codes' L numbers, such as “code 1: age, income”. codes: (N, L); columns: (N,) each.

    Numbers are compared by Spearman's rank correlation, all else by the correlation ratio of the codes' ranks (Pearson
    1905: the square root of the share of their variance that lies between the values); a column with no more than
    half of what is possible gives no name. What is missing is left out.
    """
    ranks = rankdata(codes, axis=0)  # (N, L)
    strength = np.array([_strength(ranks, values) for values in columns.values()]).reshape(len(columns), codes.shape[1])
    names = list(columns)
    out = []
    for number in range(codes.shape[1]):
        order = np.argsort(-strength[:, number], kind="stable")[:MOST]
        told = [names[i] for i in order if strength[i, number] >= TOLD]
        out.append(f"code {number + 1}" + (f": {', '.join(told)}" if told else ""))
    return tuple(out)


def names_by_moves(moved: NDArray[np.float32], columns: Sequence[str]) -> tuple[str, ...]:
    """A name for each of the codes' L numbers, such as “code 1: age up, income down”, by what the decoder makes of it.

    moved: (L, C), how far each column goes with it, as core.scoring.traversal finds it.
    """
    out = []
    for number, row in enumerate(moved):
        order = np.argsort(-np.abs(row), kind="stable")[:MOST]
        most = float(np.abs(row).max(initial=0.0))
        told = [i for i in order if abs(row[i]) >= max(MOVED, BESIDE * most)]
        said = [f"{columns[i]} {'up' if row[i] > 0 else 'down'}" for i in told]
        out.append(f"code {number + 1}" + (f": {', '.join(said)}" if said else ""))
    return tuple(out)


def _strength(ranks: NDArray[np.float64], values: NDArray[Any]) -> NDArray[np.float64]:
    """How closely a column goes along with each number of the codes, (L,), from 0 to 1."""
    if values.dtype.kind == "f":
        there = np.isfinite(values)
        return _correlation(ranks[there], rankdata(values[there]))
    there = np.array([value is not None for value in values])
    return _ratio(ranks[there], np.unique(values[there].astype(str), return_inverse=True)[1])


def _correlation(ranks: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(values) < 3 or not np.ptp(values):
        return np.zeros(ranks.shape[1])
    apart, other = ranks - ranks.mean(axis=0), values - values.mean()
    spread = np.sqrt((apart**2).sum(axis=0) * (other**2).sum())
    return np.asarray(np.divide(np.abs(apart.T @ other), spread, out=np.zeros(len(spread)), where=spread > 0))


def _ratio(ranks: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    counts = np.bincount(groups)
    if len(ranks) < 3 or len(counts) < 2 or len(counts) > len(ranks) / 4:
        return np.zeros(ranks.shape[1])
    apart = ranks - ranks.mean(axis=0)
    sums = np.zeros((len(counts), ranks.shape[1]))
    np.add.at(sums, groups, apart)
    between, all_ = (sums**2 / counts[:, None]).sum(axis=0), (apart**2).sum(axis=0)
    return np.asarray(np.sqrt(np.divide(between, all_, out=np.zeros(len(all_)), where=all_ > 0)))
