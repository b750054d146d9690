"""How strongly columns of any kinds go together, each two over the rows that have both.

Numbers, moments, yes/no and ordered categories: Spearman's rank correlation. Categories against them: the correlation
ratio of the ranks; two categories: Cramér's V; both corrected for what many levels reach by chance (Kelley 1935,
Bergsma 2013). Ranks are drawn among the rows that a pair has in common; beyond RANKED_ANEW, where that would take
minutes, among all rows of each column, which comes near it.

Columns wait on disk, so that only two of them, or a stretch of all, are in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from core.datasets.cells import Floats
from core.datasets.profile.facts import Facts, Mask, Numbers
from core.profiles import Associations, Measure, Pair
from core.results import Column

COLUMNS = 100
LEVELS = 300
LEAST_ROWS = 5
NAMED = 200  # pairs that can't be compared
ROWS_AT_ONCE = 20_000
RANKED_ANEW = 400_000_000  # rows, over all pairs in which one column's gaps are the other's rows
FLAT = 1e-9  # share of its spread below which a column does not vary in the rows of a pair
WANTED = ("label", "feature", "time", "group")  # roles, those that are compared first

Codes = NDArray[np.int16]


class Relations:
    """Collects the columns that are compared, in a folder; then compares them."""

    def __init__(self, folder: Path, columns: tuple[Column, ...], rows: int, ranked_anew: int = RANKED_ANEW) -> None:
        self.folder = folder
        self.ranked_anew = ranked_anew
        self.rows = rows
        self._place = {column.name: i for i, column in enumerate(columns)}
        self._left_out = {column.name: reason for column in columns if (reason := _unfit(column))}
        fit = [column for column in columns if column.name not in self._left_out]
        fit.sort(key=lambda column: (WANTED.index(column.role), _dull(column, rows), self._place[column.name]))
        for column in fit[COLUMNS:]:
            self._left_out[column.name] = f"only {COLUMNS} columns are compared"
        self._label = next((column.name for column in columns if column.role == "label"), None)
        self.names: list[str] = []
        self.kinds: dict[str, str] = {}
        self._gaps: set[str] = set()
        self._sizes: dict[str, int] = {}  # levels of a column that can stand as a category

    def add(self, facts: Facts) -> None:
        """A column; those that can't be compared are passed by."""
        name = facts.column.name
        if name in self._left_out:
            return
        numbers = facts.numbers
        if numbers is None:
            named, codes = facts.levels
            size = len(named)
        else:
            codes, size = numbers.codes, len(numbers.values)
        if size < 2:
            self._left_out[name] = "it has one value" if size else "it holds nothing"
        elif numbers is None and size > LEVELS:
            self._left_out[name] = f"it has {size:,} levels, more than {LEVELS}"
        else:
            self.names.append(name)
            self.kinds[name] = facts.column.kind
            if (codes < 0).any():
                self._gaps.add(name)
            if numbers is not None:
                np.save(self._file(name, "ranks"), ranks(numbers))
            if numbers is None or facts.column.kind == "boolean":
                np.save(self._file(name, "codes"), codes.astype(np.int16))
                self._sizes[name] = size

    def associations(self, tell: Callable[[float, str], None]) -> Associations:
        """All pairs, and the columns in an order that brings alike ones together."""
        pairs: list[Pair] = []
        apart: list[tuple[str, str]] = []
        total = max(1, len(self.names) * (len(self.names) - 1) // 2)
        for done, (first, second, found) in enumerate(self._compared()):
            if done % 10 == 0:
                tell(done / total, "which columns go together")
            if found is not None:
                pairs.append(found)
            else:
                apart.append((first, second))
        return Associations(
            columns=tuple(_ordered(self.names, pairs)),
            pairs=tuple(pairs),
            left_out=tuple(sorted(self._left_out.items(), key=lambda item: self._place[item[0]])),
            incomparable=tuple(apart[:NAMED]),
        )

    def separations(self) -> dict[str, float]:
        """Of each ranked column how far it keeps the label's two values apart: 0 not at all … 1 wholly (|2 AUC − 1|).

        Empty where there is no label of two values. AUC is that of the ranks over all rows.
        """
        if self._sizes.get(self._label or "") != 2 or self._label is None:
            return {}
        classes = self._codes(self._label)
        out: dict[str, float] = {}
        for name in self.names:
            if name != self._label and self._ranked(name):
                there = self._ranks(name)
                filled = ~np.isnan(there)
                sides = [there[filled & (classes == value)] for value in (0, 1)]
                if all(len(side) for side in sides):
                    means = [float(side.mean(dtype=np.float64)) for side in sides]
                    out[name] = min(1.0, abs(means[0] - means[1]) * 2 / int(filled.sum()))
        return out

    # --- pairs -----------------------------------------------------------------------------------------

    def _compared(self) -> Iterator[tuple[str, str, Pair | None]]:
        ranked = [name for name in self.names if self._ranked(name)]
        for i, j, strength, rows in self._rank_correlations(ranked):
            first, second = self._in_order(ranked[i], ranked[j])
            found = _pair(first, second, strength, "rank correlation", rows)
            yield first, second, found
        others = [name for name in self.names if name not in set(ranked)]
        anew = self._anew(len(ranked) * sum(name in self._gaps for name in others))
        for name in others:
            codes = self._codes(name)
            for other in ranked:
                first, second = self._in_order(name, other)
                if self.kinds[other] == "boolean":
                    strength, rows = cramer(codes, self._codes(other), self._sizes[name], self._sizes[other])
                    yield first, second, _pair(first, second, strength, "Cramér's V", rows, signed=False)
                else:
                    there = self._ranks(other)
                    if anew and name in self._gaps:
                        there = ranked_among(there, codes >= 0)
                    strength, rows = ratio(codes, there, self._sizes[name])
                    yield first, second, _pair(first, second, strength, "correlation ratio", rows, signed=False)
        for name, other in combinations(others, 2):
            first, second = self._in_order(name, other)
            strength, rows = cramer(self._codes(name), self._codes(other), self._sizes[name], self._sizes[other])
            yield first, second, _pair(first, second, strength, "Cramér's V", rows, signed=False)

    def _rank_correlations(self, names: list[str]) -> Iterator[tuple[int, int, float, int]]:
        """Positions, correlation (NaN where there is none) and common rows of each two: sums over stretches of rows."""
        size = len(names)
        if size < 2:
            return
        columns = [self._ranks(name) for name in names]
        products, sums, squares, common = (np.zeros((size, size)) for _ in range(4))
        for start in range(0, self.rows, ROWS_AT_ONCE):
            block = np.asarray([column[start : start + ROWS_AT_ONCE] for column in columns], np.float64)
            there = ~np.isnan(block)
            block[~there] = 0.0
            mask = there.astype(np.float64)
            products += block @ block.T
            sums += block @ mask.T
            squares += block**2 @ mask.T
            common += mask @ mask.T
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = squares - sums**2 / common
            spread[spread <= FLAT * squares] = 0.0
            found = (products - sums * sums.T / common) / np.sqrt(spread * spread.T)
        filled = np.diag(common)
        apart = common < np.maximum(filled[:, None], filled[None, :])
        anew = self._anew(int(apart.sum()) // 2)
        for i, j in combinations(range(size), 2):
            if anew and apart[i, j] and common[i, j] >= LEAST_ROWS:
                found[i, j] = _spearman(columns[i], columns[j])
            yield i, j, float(found[i, j]), int(common[i, j])

    def _anew(self, pairs: int) -> bool:
        """Whether so many pairs can be ranked by themselves in the time there is."""
        return pairs * self.rows <= self.ranked_anew

    def _in_order(self, *names: str) -> tuple[str, str]:
        first, second = sorted(names, key=self._place.__getitem__)
        return first, second

    # --- the folder ------------------------------------------------------------------------------------

    def _file(self, name: str, what: str) -> Path:
        return self.folder / f"{self._place[name]}.{what}.npy"

    def _ranked(self, name: str) -> bool:
        return self._file(name, "ranks").exists()

    def _ranks(self, name: str) -> NDArray[np.float32]:
        there: NDArray[np.float32] = np.load(self._file(name, "ranks"), mmap_mode="r")
        return there

    def _codes(self, name: str) -> Codes:
        there: Codes = np.load(self._file(name, "codes"))
        return there


def _unfit(column: Column) -> str:
    if column.kind == "constant":
        return "it has one value"
    if column.role == "identifier":
        return "it says which row it is"
    if column.role not in WANTED:
        return "it is ignored"
    return "it is text" if column.kind == "text" else ""


def _dull(column: Column, rows: int) -> bool:
    """Whether the schema says that it hardly varies: compared where there is room."""
    bars = column.histogram
    return column.missing > rows / 2 or bool(bars.labels and bars.counts[0] > 0.99 * rows)


def ranks(numbers: Numbers) -> NDArray[np.float32]:
    """Each row's rank among the filled ones, equals in the middle, counted from their centre; NaN where missing."""
    counts = numbers.counts
    middle = np.cumsum(counts) - (counts - 1) / 2 - (counts.sum() + 1) / 2
    return np.append(middle, np.nan).astype(np.float32)[numbers.codes]


def ranked_among(there: NDArray[np.float32], which: Mask) -> NDArray[np.float32]:
    """Ranks among these rows only, NaN in all others. Counted, not sorted: twice a rank is a whole number."""
    kept = which & ~np.isnan(there)
    twice = (2 * there[kept].astype(np.float64)).astype(np.int64)
    twice -= twice.min(initial=0)
    counts = np.bincount(twice)
    middle = np.cumsum(counts) - (counts - 1) / 2 - (len(twice) + 1) / 2
    out = np.full(len(there), np.nan, np.float32)
    out[kept] = middle[twice]
    return out


def _spearman(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """NaN where one of them does not vary in their common rows."""
    both = ~np.isnan(first) & ~np.isnan(second)
    one, other = (ranked_among(each, both)[both].astype(np.float64) for each in (first, second))
    spread = float(one @ one) * float(other @ other)
    return float(one @ other) / spread**0.5 if spread > 0 else float("nan")


def ratio(codes: Codes, there: NDArray[np.float32], levels: int) -> tuple[float, int]:
    """Correlation ratio of ranks over levels, corrected for their number, NaN where there is none; common rows."""
    gap = np.isnan(there)
    slots = np.where(gap, 0, codes.astype(np.int64) + 1)
    values = np.where(slots > 0, there, 0).astype(np.float64)
    counts = np.bincount(slots, minlength=levels + 1)[1:]
    sums = np.bincount(slots, weights=values, minlength=levels + 1)[1:]
    rows, squares = int(counts.sum()), float(values @ values)
    sums, counts = sums[counts > 0], counts[counts > 0]
    if rows < LEAST_ROWS or not 1 < len(counts) < rows:
        return np.nan, rows
    centre = float(sums.sum()) ** 2 / rows
    spread = squares - centre
    if spread <= FLAT * squares:
        return np.nan, rows
    explained = (float((sums**2 / counts).sum()) - centre) / spread
    corrected = 1 - (1 - explained) * (rows - 1) / (rows - len(counts))
    return float(np.sqrt(np.clip(corrected, 0.0, 1.0))), rows


def cramer(first: Codes, second: Codes, levels: int, others: int) -> tuple[float, int]:
    """Cramér's V of two columns of levels, corrected for their number, NaN where there is none; common rows."""
    cells = (first.astype(np.int64) + 1) * (others + 1) + second + 1
    table = np.bincount(cells, minlength=(levels + 1) * (others + 1)).reshape(levels + 1, others + 1)[1:, 1:]
    return cramer_of(table), int(table.sum())


def cramer_of(table: NDArray[np.int64]) -> float:
    """Bergsma's corrected V of a table of counts."""
    rows = int(table.sum())
    down, across = table.sum(axis=1), table.sum(axis=0)
    table = table[np.ix_(down > 0, across > 0)]
    down, across = down[down > 0].astype(float), across[across > 0].astype(float)
    if rows < LEAST_ROWS or min(table.shape) < 2:
        return float("nan")
    phi = float((table / down[:, None] * (table / across)).sum()) - 1
    r, k = table.shape
    phi = max(0.0, phi - (r - 1) * (k - 1) / (rows - 1))
    most = min(r - (r - 1) ** 2 / (rows - 1), k - (k - 1) ** 2 / (rows - 1)) - 1
    return float(np.sqrt(min(1.0, phi / most))) if most > 0 else float("nan")


def _pair(first: str, second: str, found: float, measure: Measure, rows: int, signed: bool = True) -> Pair | None:
    if rows < LEAST_ROWS or not np.isfinite(found):
        return None
    strength = min(1.0, abs(found))
    direction = int(np.sign(found)) if signed and strength > FLAT else 0
    return Pair(first, second, strength, direction, measure, rows)


def _ordered(names: list[str], pairs: list[Pair]) -> list[str]:
    """By average linkage of 1 − strength."""
    if len(names) < 3:
        return names
    place = {name: i for i, name in enumerate(names)}
    distance: Floats = 1.0 - np.eye(len(names))
    for pair in pairs:
        i, j = place[pair.first], place[pair.second]
        distance[i, j] = distance[j, i] = 1 - pair.strength
    tree = linkage(squareform(distance), "average", optimal_ordering=True)
    return [names[i] for i in leaves_list(tree)]
