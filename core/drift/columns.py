"""Each column of new rows beside the same column of the reference: whether it moved, how far, and in words.

Which test: numbers, moments and the lengths of texts are compared by Mann and Whitney's (1947), for a shift; by the same of their
distances from the median of both sides, for their spread; and by Kolmogorov and Smirnov's, for any other shape; the smallest of
three chances counts three times. All go by ranks, so that infinite and far values decide nothing. Numbers of a few values and all
other kinds are compared level by level. Cells that are missing are compared as such, and left out of the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, hypergeom, ks_2samp

from core.latent.differences import (
    LARGEST,
    SURE,
    Difference,
    Values,
    counted,
    in_words,
    is_missing,
    of_numbers,
    of_shares,
)
from core.results import Kind
from core.words import moment

FEW_VALUES = 5  # of numbers: up to so many different ones are compared as levels; their ties would hide a difference
FEW_ROWS = 10  # of a side, below which Kolmogorov and Smirnov's statistic is far from its limit
USUAL = 20.0  # rows expected on either side, of a level or beside the most frequent number, that a normal limit needs
HOPELESS = SURE / 10  # a level so rare that no count of it could be less likely is not looked at (Tarone 1990)
DAY = 86_400.0  # seconds

Aspect = Literal["values", "spread", "shape", "length", "missing", "other kind", "absent"]


@dataclass(frozen=True)
class ColumnDrift:
    """One test of one column. Columns with one value on both sides have none.

    aspect: what the difference tells of: values (numbers: higher or lower; else how often a value is there), spread (of the
    distances from the median), shape (the share of numbers up to where the two are farthest apart), length of
    texts, missing cells; other kind, absent: that there is nothing to compare, without a difference.
    difference: new rows are inside, the reference outside; its interval is that of this comparison alone.
    p: of the test named above; adjusted_p: over all tests of a report, None where there are too few rows to tell.
    """

    column: str
    kind: Kind
    aspect: Aspect
    difference: Difference | None
    p: float
    adjusted_p: float | None = None

    @property
    def moved(self) -> bool:
        """Whether it is more than chance."""
        return self.adjusted_p is not None and self.adjusted_p < SURE

    @property
    def strength(self) -> float:
        """The size of the difference, 0 … 1: of Cliff's delta or of shares, which for two values are the same."""
        return 1.0 if self.difference is None else abs(self.difference.effect)

    def in_words(self) -> str:
        """Such as “higher glucose (median 168 beside 110)”. Names and values as they are, not escaped."""
        found, timed = self.difference, self.kind == "datetime"
        if found is None:
            return f"{self.column} is not there" if self.aspect == "absent" else f"{self.column} is of another kind"
        figures = f"{_figure(found.inside, timed)} beside {_figure(found.outside, timed)}"
        if self.aspect == "spread":
            how = "more" if found.effect > 0 else "less"
            return f"{how} spread {self.column} (typically {figures} from the median)"
        if self.aspect == "length":
            return f"{'longer' if found.effect > 0 else 'shorter'} {self.column} (median {figures} characters)"
        if self.aspect == "shape":
            return f"{self.column} {found.value} {found.what} ({found.inside:.0%} beside {found.outside:.0%})"
        return in_words(found, (self.column,) if timed else ())


def column_drifts(
    new: Values, reference: Values, kinds: Mapping[str, Kind], separators: Mapping[str, str]
) -> list[ColumnDrift]:
    """One of the cells and one of the missing ones for each column of the reference, in its order, not adjusted.

    Columns that are new to it are not looked at: the run knows nothing of them. Neither side is empty.
    """
    out: list[ColumnDrift] = []
    for name, theirs in reference.items():
        kind: Kind = kinds.get(name, "number" if theirs.dtype.kind == "f" else "category")
        ours = new.get(name)
        if ours is None:
            out.append(ColumnDrift(name, kind, "absent", None, 0.0))
            continue
        gone, lost = is_missing(ours), is_missing(theirs)
        words = ("more often missing", "less often missing")
        found = of_shares(name, [("", int(gone.sum()), int(lost.sum()))], len(ours), len(theirs), words)  # type: ignore[arg-type]
        out += [ColumnDrift(name, kind, "missing", difference, p) for difference, p in found]
        if gone.all() or lost.all():
            continue
        if ours.dtype.kind != theirs.dtype.kind:
            out.append(ColumnDrift(name, kind, "other kind", None, 0.0))
            continue
        out += _of_cells(name, kind, ours[~gone], theirs[~lost], separators.get(name, ""))
    return out


def _of_cells(name: str, kind: Kind, ours: NDArray[Any], theirs: NDArray[Any], separator: str) -> list[ColumnDrift]:
    if ours.dtype.kind == "f":
        found = _of_numbers(name, kind, ours, theirs)
    elif kind == "text":
        lengths = [np.array([len(text) for text in texts], np.float64) for texts in (ours, theirs)]
        found = _of_numbers(name, kind, *lengths)
        if found is not None and found.aspect == "values":
            found = replace(found, aspect="length")
    else:
        found = _of_levels(name, kind, ours, theirs, separator)
    return [] if found is None else [found]


def _of_numbers(name: str, kind: Kind, ours: NDArray[Any], theirs: NDArray[Any]) -> ColumnDrift | None:
    ours, theirs = (np.clip(each, -LARGEST, LARGEST) for each in (ours, theirs))
    m, n = len(ours), len(theirs)
    values, counts = np.unique(np.concatenate([ours, theirs]), return_counts=True)
    if len(values) == 1:
        return None
    middle = float(np.median(np.repeat(values, counts)))
    level = of_numbers(name, ours, theirs)
    spread = of_numbers(name, np.abs(ours - middle), np.abs(theirs - middle))
    if len(values) <= FEW_VALUES:
        few = levels_chance(Counter(ours.tolist()), Counter(theirs.tolist()), m, n)
        chances = [1.0 if few is None else few]
    else:  # with ties large values of the statistic are rarer than SciPy says
        chances = [float(ks_2samp(ours, theirs, method="exact" if min(m, n) < FEW_ROWS else "asymp").pvalue)]
        if (m + n - counts.max()) * (min(m, n) / (m + n)) >= USUAL:
            chances += [p for _, p in level + spread]
    sides: list[tuple[Aspect, Difference]] = [("values", each) for each, _ in level]
    sides += [("spread", each) for each, _ in spread]
    sure = [each for each in sides if each[1].low > 0 or each[1].high < 0]
    if sure:
        aspect, difference = max(sure, key=lambda each: abs(each[1].effect))
    else:
        aspect, difference = "shape", _shape(name, kind, ours, theirs, values)
    return ColumnDrift(name, kind, aspect, difference, min(1.0, len(chances) * min(chances)))


def _shape(name: str, kind: Kind, ours: NDArray[Any], theirs: NDArray[Any], values: NDArray[Any]) -> Difference:
    """The share of cells up to the value, but the last, where the two distributions are farthest apart."""
    up_to = [np.searchsorted(np.sort(each), values[:-1], "right") for each in (ours, theirs)]
    most = int(np.argmax(np.abs(up_to[0] / len(ours) - up_to[1] / len(theirs))))
    said = f"up to {moment(values[most]) if kind == 'datetime' else f'{values[most]:.4g}'}"
    counts = [(said, int(up_to[0][most]), int(up_to[1][most]))]
    return of_shares(name, counts, len(ours), len(theirs), ("more often", "less often"))[0][0]


def _of_levels(name: str, kind: Kind, ours: NDArray[Any], theirs: NDArray[Any], separator: str) -> ColumnDrift | None:
    mine, yours = counted(ours, separator), counted(theirs, separator)
    m, n = len(ours), len(theirs)
    p = levels_chance(mine, yours, m, n, exclusive=not separator)
    if p is None:
        return None
    names = sorted(set(mine) | set(yours))
    counts = np.array([(mine[each], yours[each]) for each in names])  # (K, 2)
    likely = _exact(counts[:, 0], counts.sum(axis=1), m, n)
    most = min(range(len(names)), key=lambda i: (likely[i], -abs(counts[i, 0] / m - counts[i, 1] / n)))
    found = of_shares(name, [(names[most], *counts[most].tolist())], m, n, ("more often", "less often"))
    return ColumnDrift(name, kind, "values", found[0][0], p) if found else None


def levels_chance(mine: Counter[Any], yours: Counter[Any], m: int, n: int, exclusive: bool = True) -> float | None:
    """The chance of how often the levels of a column are there in m and in n rows; None where there is nothing to compare.

    Usual levels together by Pearson's chi-square (1900), the others as one of them; rare ones each by the hypergeometric
    distribution, times how many there are, and all of them in one where they are too few for the chi-square. So a category that
    is new counts however rare it is, and no count is too small for its test. exclusive: whether a row holds one level only; else all are looked at each by itself.
    """
    names = sorted(set(mine) | set(yours))
    counts = np.array([(mine[name], yours[name]) for name in names]).reshape(-1, 2)  # (K, 2)
    usual = (counts.sum(axis=1) * (min(m, n) / (m + n)) >= USUAL) & exclusive
    groups, rare, rest = counts[usual], counts[~usual], counts[~usual].sum(axis=0)
    if len(groups) and rest.sum() * (min(m, n) / (m + n)) >= USUAL:
        groups = np.vstack([groups, rest])
    elif len(groups) and len(rare) > 1:
        rare = np.vstack([rare, rest])
    # What is decided from totals alone is the same for all ways to part the rows, and so costs no chance.
    total = rare.sum(axis=1)
    tested = (total < m + n) & (_least(total, m, n) <= HOPELESS)
    chances = []
    if tested.any():
        chances.append(min(1.0, int(tested.sum()) * float(_exact(rare[tested, 0], total[tested], m, n).min())))
    if len(groups) > 1:
        chances.append(float(chi2_contingency(groups, correction=False).pvalue))
    return min(1.0, len(chances) * min(chances)) if chances else None


def _exact(ours: NDArray[np.int64], total: NDArray[np.int64], m: int, n: int) -> NDArray[np.float64]:
    """Twice the smaller tail of the hypergeometric distribution, (K,): so many of m, of a total in m + n rows."""
    pairs, places = np.unique(np.column_stack([ours, total]), axis=0, return_inverse=True)
    k, all_ = pairs.T
    tail = np.minimum(hypergeom.cdf(k, m + n, all_, m), hypergeom.sf(k - 1, m + n, all_, m))
    out: NDArray[np.float64] = np.minimum(1.0, 2 * tail)[places.reshape(-1)]
    return out


def _least(total: NDArray[np.int64], m: int, n: int) -> NDArray[np.float64]:
    """The smallest value that `_exact` can have, (K,)."""
    return np.minimum(_exact(np.minimum(total, m), total, m, n), _exact(np.maximum(0, total - n), total, m, n))


def _figure(value: float, timed: bool) -> str:
    return f"{value / DAY:.3g} days" if timed else f"{value:.4g}"
