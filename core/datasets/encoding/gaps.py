"""Whether cells are missing at random, or where another column says so.

A gap that another column tells is part of what the row is like: who never ordered has no date of an order, and a module of
questions is left out as a whole. One that nothing tells says nothing of a row, and as a difference between rows it would drown
what does (Rubin 1976: missing at random).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.results import Encoded

TOLD = 0.5  # share of a mark's variance that one cell of another column has to explain
LEAST = 1e-12
AT_ONCE = 256  # marks


def at_random(rows: Encoded, markers: frozenset[int]) -> set[int]:
    """Which marks of missing cells, by their places in a row, are no difference between rows: neither does another column tell
    them, nor are they all that varies in their own."""
    at = np.asarray(sorted(markers))
    owners, values = rows.layout.owners, rows.values.astype(np.float64)
    centred = values - values.mean(axis=0)
    centred /= np.sqrt((centred**2).sum(axis=0)) + LEAST  # a cell that does not vary explains nothing
    by_chance = 2 * np.log(rows.layout.width) / len(values)  # the largest of so many that have nothing to do with it
    told = np.zeros(len(at), bool)
    for first in range(0, len(at), AT_ONCE):
        here = at[first : first + AT_ONCE]
        explained = (centred[:, here].T @ centred) ** 2  # (M, D)
        explained[owners[here][:, None] == owners] = 0.0
        told[first : first + AT_ONCE] = explained.max(axis=1) >= TOLD + (1 - TOLD) * by_chance
    return {mark for mark in at[~told].tolist() if not _alone(rows.values, owners, mark)}


def _alone(values: NDArray[np.float32], owners: NDArray[np.int64], mark: int) -> bool:
    """Whether the cells of its column that are there are all alike, so that it is all that the column says."""
    there = values[np.ix_(values[:, mark] == 0, owners == owners[mark])]
    return len(there) == 0 or bool((there == there[0]).all())
