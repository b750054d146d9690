"""New rows as a whole beside the reference: their codes, their scores, and what of them was never seen.

All but the scores are judged by lot: the same figure is counted again with rows drawn at random to be the new ones, so that
ties, heavy tails, dependent columns and sizes of any kind cost nothing (Pitman 1937; Phipson and Smyth 2010 for the p-value).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from core.intervals import share_of
from core.latent.differences import SURE, Values, counted, of_numbers
from core.results import Estimate

LOTS = 499
MOST_CODES = 1_000  # rows of a side whose codes are compared: all pairs of them are
NEVER = 1e-6  # chance, for one end of one column, that rows drawn by lot lie farther out than what is looked at
NOWHERE = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Apart:
    """How far two sides are apart. reference: how many rows stand for the run; new: how many were compared.

    effect: of scores Cliff's delta with its 95 % interval, above 0 where new rows are stranger; of codes the energy
    coefficient (Székely and Rizzo 2013), from 0, alike, to 1, without an interval.
    """

    effect: float
    interval: tuple[float, float] | None
    reference: int
    new: int
    p: float
    adjusted_p: float | None = None

    @property
    def moved(self) -> bool:
        return self.adjusted_p is not None and self.adjusted_p < SURE


@dataclass(frozen=True)
class Outside:
    """New rows of which some cell lies outside of what the reference holds.

    share: of the new rows, with Wilson's interval; by_chance: the share to be expected of as many rows of the same
    distribution. columns: in which, and in how many rows, most first. p: None where nothing can lie outside.
    """

    rows: int
    share: Estimate
    by_chance: float
    columns: tuple[tuple[str, int], ...]
    p: float | None
    adjusted_p: float | None = None

    @property
    def moved(self) -> bool:
        return self.adjusted_p is not None and self.adjusted_p < SURE


def scores_apart(new: NDArray[np.floating[Any]], reference: NDArray[np.floating[Any]]) -> Apart | None:
    """Whether new rows are stranger, by Mann and Whitney's test (1947), one-sided. None where all scores are one value.

    Not a test of the tail: a few very strange rows are what a score is for, and no drift.
    """
    found = of_numbers("", new, reference)
    if not found:
        return None
    difference, p = found[0]
    higher = p / 2 if difference.effect > 0 else 1 - p / 2
    return Apart(difference.effect, (difference.low, difference.high), len(reference), len(new), higher)


def codes_apart(new: NDArray[np.floating[Any]], reference: NDArray[np.floating[Any]], seed: int) -> Apart | None:
    """Whether codes, (M, L) and (N, L), are of one distribution: the energy distance (Székely and Rizzo 2013) of some rows.

    Each number of a code counts by its rank, so that one far row does not decide. None where all codes are alike.
    """
    draw = np.random.default_rng(seed)
    sides = [each[_some(len(each), draw)] for each in (new, reference)]
    m, n = (len(each) for each in sides)
    pooled = np.concatenate(sides).astype(np.float64)
    ranks = (rankdata(pooled, axis=0) - (m + n + 1) / 2) / (m + n)  # (M + N, L)
    squares = (ranks**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * ranks @ ranks.T, 0))
    np.fill_diagonal(distances, 0)
    weights = np.repeat([1 / m, -1 / n], [m, n])
    lots = draw.permuted(np.tile(weights, (LOTS, 1)), axis=1).T  # (M + N, LOTS)
    energy = -float(weights @ distances @ weights)
    between = 2 * float(distances[:m, m:].mean())
    if between <= 1e-9:
        return None
    by_lot = -(lots * (distances @ lots)).sum(axis=0)
    p = _chance(int((by_lot >= energy - 1e-12 * between).sum()))
    return Apart(max(0.0, energy / between), None, n, m, p)


def _some(rows: int, draw: np.random.Generator) -> NDArray[np.int64]:
    return np.arange(rows) if rows <= MOST_CODES else np.sort(draw.choice(rows, MOST_CODES, replace=False))


def outside_range(new: Values, reference: Values, seed: int) -> Outside | None:
    """Rows with a number below the least or above the largest of the reference's; None without a column of numbers."""
    names = [name for name, each in reference.items() if each.dtype.kind == "f" and _alike(new, reference, name)]
    if not names:
        return None
    flags, ends = {}, []
    m, n = len(new[names[0]]), len(reference[names[0]])
    for name in names:
        least, largest = np.fmin.reduce(reference[name]), np.fmax.reduce(reference[name])  # NaN where there is none
        flags[name] = (new[name] < least) | (new[name] > largest)
        pooled = np.concatenate([new[name], reference[name]])
        ends += [_end(pooled, _depth(m, n)), _end(-pooled, _depth(m, n))]
    ends = [(rows, ranks) for rows, ranks in ends if len(rows)]
    if not ends:
        return _outside(flags, m, 0.0, None)
    rows, ranks = (np.concatenate(each) for each in zip(*ends, strict=True))
    lengths = [len(each) for each, _ in ends]
    starts, end = np.cumsum([0, *lengths[:-1]]), np.repeat(np.arange(len(ends)), lengths)

    def count(is_new: NDArray[np.bool_]) -> int:
        mine = is_new[rows]
        bounds = np.minimum.reduceat(np.where(mine, NOWHERE, ranks), starts)
        return len(np.unique(rows[mine & (ranks < bounds[end])]))

    return _outside(flags, m, *_by_lot(count, m, n, seed))


def unseen_levels(new: Values, reference: Values, separators: Mapping[str, str], seed: int) -> Outside | None:
    """Rows with a category, code or choice that no row of the reference has; None without such a column."""
    names = [name for name, each in reference.items() if each.dtype.kind == "O" and _alike(new, reference, name)]
    if not names:
        return None
    flags: dict[str, NDArray[np.bool_]] = {}
    m, n = len(new[names[0]]), len(reference[names[0]])
    pairs: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    levels = 0
    for name in names:
        rows, level, count_of = _levels(np.concatenate([new[name], reference[name]]), separators.get(name, ""))
        seen = np.bincount(level[rows >= m], minlength=count_of) > 0
        flags[name] = np.zeros(m, bool)
        flags[name][rows[(rows < m) & ~seen[level]]] = True
        rare = np.bincount(level, minlength=count_of)[level] <= _depth(m, n)
        pairs.append((rows[rare], level[rare] + levels))
        levels += count_of
    rows, level = (np.concatenate(each) for each in zip(*pairs, strict=True))
    if len(rows) == 0:
        return _outside(flags, m, 0.0, None)

    def count(is_new: NDArray[np.bool_]) -> int:
        mine = is_new[rows]
        seen = np.bincount(level[~mine], minlength=levels) > 0
        return len(np.unique(rows[mine & ~seen[level]]))

    return _outside(flags, m, *_by_lot(count, m, n, seed))


def _alike(new: Values, reference: Values, name: str) -> bool:
    return name in new and new[name].dtype.kind == reference[name].dtype.kind


def _depth(m: int, n: int) -> int:
    """How many of the farthest rows are looked at: that all of them are new has a chance of `NEVER`."""
    return int(np.ceil(np.log(NEVER) / np.log(m / (m + n))))


def _end(values: NDArray[np.float64], depth: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of the largest values, and how many values are at least as large; equal ones all or none, (K,) each."""
    rows = np.flatnonzero(~np.isnan(values))
    there = values[rows]
    if len(there) > depth:
        edge = np.partition(there, len(there) - depth - 1)[len(there) - depth - 1]
        rows, there = rows[there > edge], there[there > edge]
    return rows, rankdata(-there, method="max").astype(np.int64)


def _levels(texts: NDArray[Any], separator: str) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Which row has which level, (P,) each, and how many levels there are; a missing cell has none."""
    numbers: dict[str, int] = {}
    of_cell: dict[str, list[int]] = {}
    rows: list[int] = []
    out: list[int] = []
    for row, text in enumerate(texts):
        if text is None:
            continue
        if text not in of_cell:
            choices = sorted(counted(np.array([text], object), separator))
            of_cell[text] = [numbers.setdefault(choice, len(numbers)) for choice in choices]
        for number in of_cell[text]:
            rows.append(row)
            out.append(number)
    return np.array(rows, np.int64), np.array(out, np.int64), len(numbers)


def _by_lot(count: Callable[[NDArray[np.bool_]], int], m: int, n: int, seed: int) -> tuple[float, float]:
    """The share of m new rows that is counted where they are drawn by lot, and the chance of what was found or more."""
    draw = np.random.default_rng(seed)
    is_new = np.repeat([True, False], [m, n])
    found = count(is_new)
    lots = np.array([count(draw.permutation(is_new)) for _ in range(LOTS)])
    return float(lots.mean()) / m, _chance(int((lots >= found).sum()))


def _chance(as_far: int) -> float:
    return (1 + as_far) / (1 + LOTS)


def _outside(flags: Mapping[str, NDArray[np.bool_]], rows: int, by_chance: float, p: float | None) -> Outside:
    found = int(np.any(list(flags.values()), axis=0).sum())
    counts = [(name, int(each.sum())) for name, each in flags.items()]
    columns = tuple(sorted((each for each in counts if each[1]), key=lambda each: (-each[1], each[0])))
    return Outside(found, share_of(found, rows), by_chance, columns, p)
