"""What the other columns of a table say of one that holds whole numbers: whether these are amounts or names.

Amounts move with amounts: as one grows, others rise or fall. Where the numbers are names, others step from one to the
next without an order, follow from them (a subject's sex), or were crossed with them by design. A few columns are
asked, and some rows of them: memory stays small however long and wide the table is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betainc, fdtrc

from core.datasets.cells import Distinct, Floats
from core.datasets.levels import order
from core.datasets.names import stem

ROWS = 2_000
WITNESSES = 24  # of each sort
NAMES_AT_MOST = 60
LEAST = 1e-12  # a chance smaller than that is taken for it

Codes = NDArray[np.int64]
Scale = tuple[float, float, int]  # lowest, highest, how many different


@dataclass
class Witnesses:
    """The columns of a table that are kept: amounts as centred ranks, names as codes (-1: empty), both (R,)."""

    amounts: dict[str, Floats] = field(default_factory=dict)
    names: dict[str, Codes] = field(default_factory=dict)
    scales: dict[str, Scale] = field(default_factory=dict)  # what each column's answers are out of
    answers: Counter[tuple[Scale, str]] = field(default_factory=Counter)  # how many columns have a scale, and a stem
    words: set[str] = field(default_factory=set)  # those of `names` that are no numbers and have no order
    in_words: int = 0  # columns of names that are no numbers

    def add(self, name: str, cells: Distinct, values: Floats | None) -> None:
        """Keep a column if it may tell something of others. values: its different cells as numbers, where they are."""
        some = kept(cells)
        if 2 <= len(cells.values) <= NAMES_AT_MOST and len(self.names) < WITNESSES:
            self.names[name] = some.places
            if values is None and not order(name, list(cells.values)):
                self.words.add(name)
        if values is not None and len(values) >= 5 and len(self.amounts) < WITNESSES:
            amounts = some.spread(values)
            filled = amounts[~np.isnan(amounts)]
            if len(filled) > 1 and not (filled[1:] > filled[:-1]).all():  # else it only counts the rows
                self.amounts[name] = _centred_ranks(amounts)
        self.in_words += values is None and len(cells.values) > 2 and len(cells.values) * 2 <= cells.rows
        finite = values[np.isfinite(values)] if values is not None else np.zeros(0)
        if 3 <= len(finite) <= NAMES_AT_MOST and not _even(cells.counts):
            self.scales[name] = scale = float(finite.min()), float(finite.max()), len(finite)
            self.answers.update({(scale, ""), (scale, stem(name))})

    def steps(self, name: str, values: Floats) -> tuple[float, float]:
        """How surely other amounts step with the column's values, and how surely they rise or fall with them.

        values: the column's rows as kept, (R,). Both are powers of ten by which chance is unlikely to do that.
        """
        others = [ranks for other, ranks in self.amounts.items() if other != name]
        filled = ~np.isnan(values)
        known, codes = np.unique(values[filled], return_inverse=True)
        levels, rows = len(known), int(filled.sum())
        degree = min(1 + (levels - 2) // 3, 4)  # a year's months rise and fall
        between, within = levels - 1 - degree, rows - levels
        if not others or between < 1 or within < 3:
            return 0.0, 0.0
        ranks = np.stack(others, axis=1)[filled]
        ranks = ranks - ranks.mean(axis=0)
        counts = np.bincount(codes)
        means = np.stack([np.bincount(codes, column) for column in ranks.T], axis=1) / counts[:, None]
        total = np.maximum((ranks**2).sum(axis=0), 1e-9)
        stepped = (counts[:, None] * means**2).sum(axis=0)
        curve = np.linalg.qr(np.vander((known - known.mean()) / (np.ptp(known) or 1), degree + 1)[codes])[0]
        smooth = ((curve.T @ ranks) ** 2).sum(axis=0)
        rest = np.maximum(total - stepped, 1e-9 * total)
        by_steps = fdtrc(between, within, np.maximum(stepped - smooth, 0) / between / (rest / within))
        off = np.maximum(total - smooth, 1e-9 * total)
        by_slope = fdtrc(degree, rows - degree - 1, smooth / degree / (off / (rows - degree - 1)))
        share = np.clip(smooth / np.maximum(stepped, 1e-12), 0, 1)
        by_luck = 1 - betainc(degree / 2, between / 2, share)  # that names in no order look this smooth
        stepped_only = np.where(by_luck > 0.05, by_steps, 1.0).min() * len(others)  # the least of many, by Bonferroni
        sloped = np.log10(np.maximum(by_luck[by_slope < 1e-3], LEAST))
        return float(-np.log10(np.clip(stepped_only, LEAST, 1.0))), float(-sloped.mean()) if len(sloped) else 0.0

    def tables(self, name: str, values: Floats) -> list[Codes]:
        """How often each of the column's values (in their order) stands with each name of another, (D, names)."""
        filled = ~np.isnan(values)
        codes = np.full(len(values), -1)
        codes[filled] = np.unique(values[filled], return_inverse=True)[1]
        return [_table(codes, other) for known, other in self.names.items() if known != name]

    def named(self, name: str, values: Floats) -> bool:
        """Whether another column has a name for each of the column's values, and one value for each name."""
        filled = ~np.isnan(values)
        codes = np.full(len(values), -1)
        codes[filled] = np.unique(values[filled], return_inverse=True)[1]
        return any(paired(_table(codes, self.names[known])) for known in self.words if known != name)

    def alike(self, name: str) -> tuple[int, int]:
        """How many other columns have as many values, as low and as high, as answers do; and are named alike too."""
        scale, shared = self.scales.get(name), stem(name)
        if scale is None:
            return 0, 0
        return self.answers[scale, ""] - 1, self.answers[scale, shared] - 1 if shared else 0


def kept(cells: Distinct) -> Distinct:
    """The rows of a column that are compared with others'."""
    rows = np.unique(np.linspace(0, max(cells.rows - 1, 0), min(cells.rows, ROWS)).astype(np.int64))
    return Distinct(cells.values, cells.places[rows])


def _centred_ranks(amounts: Floats) -> Floats:
    ranks = pd.Series(amounts).rank().to_numpy(np.float64)
    return np.where(np.isnan(ranks), 0.0, ranks - np.nanmean(ranks))


def _table(codes: Codes, others: Codes) -> Codes:
    both = (codes >= 0) & (others >= 0)
    if not both.any():
        return np.zeros((0, 0), np.int64)
    size = int(others.max()) + 1
    counts = np.bincount(codes[both] * size + others[both], minlength=(int(codes.max()) + 1) * size).reshape(-1, size)
    return counts[counts.any(axis=1)][:, counts.any(axis=0)]


def follows(table: Codes) -> bool:
    """Whether fewer names follow from a column's values, and change to and fro as these grow."""
    values, names = table.shape
    if not 2 <= names < values or table.sum() < 2 * values:
        return False
    changes = 1 + np.count_nonzero(np.diff(table.argmax(axis=1)))
    return bool((np.count_nonzero(table, axis=1) == 1).all() and changes > names)


def paired(table: Codes) -> bool:
    """Whether three values or more, each in several rows, go with one name each, and each name with one of them."""
    values, names = table.shape
    if values < 3 or values != names or table.sum() < 3 * values:
        return False
    return bool((np.count_nonzero(table, axis=0) == 1).all() and (np.count_nonzero(table, axis=1) == 1).all())


def crossed(table: Codes) -> bool:
    """Whether each value stands equally often with each name."""
    return min(table.shape) >= 2 and bool(table.min() == table.max())


def _even(counts: NDArray[np.int64]) -> bool:
    return int(counts.max() - counts.min()) <= 1


__all__ = ["NAMES_AT_MOST", "Witnesses", "crossed", "follows", "kept", "paired"]
