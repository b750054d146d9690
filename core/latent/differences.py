"""Why rows lie where they lie: the source columns in which some rows differ most from others."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom, norm

from core.intervals import Z, holm, placements, wilson
from core.words import moment

FEWEST = 5  # rows from which more can be said than what they hold
LEVELS = 30  # values of a category that are looked at, the most frequent ones
LONGEST = 200  # characters by which values are told apart
LARGEST = 1e300
SURE = 0.05  # chance, over all comparisons together, that one of them is called a difference and is none

What = Literal["higher", "lower", "more often", "less often", "more often missing", "less often missing"]
Values = Mapping[str, NDArray[Any]]  # of a column: float64 with NaN, or object of text with None, where missing


@dataclass(frozen=True)
class Difference:
    """One way in which some rows, *inside*, differ from others, *outside*.

    effect, with its 95 % interval low … high: of numbers Cliff's delta, from −1 (all lower) to 1 (all higher); of a value,
    or of missing cells, the difference of their shares. inside and outside: the medians, or the shares. adjusted_p: by Holm
    over all comparisons; holds: whether it is below `SURE`; None where there are too few rows to tell.
    """

    column: str
    what: What
    value: str  # of a category; empty for numbers
    effect: float
    low: float
    high: float
    inside: float
    outside: float
    adjusted_p: float | None = None

    @property
    def holds(self) -> bool:
        return self.adjusted_p is not None and self.adjusted_p < SURE


def differences(inside: Values, outside: Values, separators: Mapping[str, str] | None = None) -> list[Difference]:
    """All of them, those that hold first, the largest first. The columns of both are the same.

    separators: of columns that hold several choices in a cell, what stands between them.
    """
    found: list[tuple[Difference, float]] = []
    if any(len(values) == 0 for side in (inside, outside) for values in side.values()):
        return []
    for name in inside:
        ours, theirs = inside[name], outside[name]
        gone, there = is_missing(ours), is_missing(theirs)
        found += of_shares(
            name, [("", gone.sum(), there.sum())], len(ours), len(theirs), ("more often missing", "less often missing")
        )
        ours, theirs = ours[~gone], theirs[~there]
        if len(ours) == 0 or len(theirs) == 0:
            continue
        if ours.dtype.kind == "f":
            found += of_numbers(name, ours, theirs)
        else:
            separator = (separators or {}).get(name, "")
            counts, values = _counts(ours, theirs, separator)
            shares = of_shares(name, counts, len(ours), len(theirs), ("more often", "less often"))
            # They were picked for being frequent on one side, from among so many: all of these count as looked at.
            found += [(difference, min(1.0, p * values / len(counts))) for difference, p in shares]
    few = min((len(values) for values in inside.values()), default=0) < FEWEST
    adjusted = [None] * len(found) if few else holm([p for _, p in found])
    out = [_with(difference, p) for (difference, _), p in zip(found, adjusted, strict=True)]
    # Of two values one is more often where the other is less: what is there is said first.
    return sorted(out, key=lambda each: (not each.holds, -abs(each.effect), each.what.startswith("less")))


def strongest(found: Iterable[Difference]) -> list[Difference]:
    """The largest that hold, one a column."""
    by_column: dict[str, Difference] = {}
    for each in found:
        if each.holds:
            by_column.setdefault(each.column, each)
    return list(by_column.values())


def in_words(difference: Difference, times: Collection[str] = ()) -> str:
    """One difference, such as “higher glucose (median 168 beside 110)”. Names and values as they are, not escaped.

    times: the columns whose numbers are seconds since 1970.
    """
    if difference.what in ("higher", "lower"):
        if difference.column in times:
            how = "later" if difference.what == "higher" else "earlier"
            return f"{how} {difference.column} (median {moment(difference.inside)} beside {moment(difference.outside)})"
        figures = f"median {_figure(difference.inside)} beside {_figure(difference.outside)}"
        return f"{difference.what} {difference.column} ({figures})"
    shares = f"{difference.inside:.0%} beside {difference.outside:.0%}"
    if difference.value:
        return f"{difference.what} {difference.column} = {difference.value} ({shares})"
    return f"{difference.column} {difference.what} ({shares})"


def _figure(number: float) -> str:
    return f"{number:.4g}" if abs(number) < LARGEST else f"{'minus ' if number < 0 else ''}infinity"


def names_of_groups(
    labels: NDArray[np.int64], values: Values, separators: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """A name for each group 0 … G − 1 by its strongest columns, each beside all other rows: “high glucose, type b”.
    labels: (N,), −1 for none. Names that would be alike are numbered."""
    out: list[str] = []
    for group in range(int(labels.max(initial=-1)) + 1):
        mine = labels == group
        found = differences(
            {name: each[mine] for name, each in values.items()},
            {name: each[~mine] for name, each in values.items()},
            separators,
        )
        parts = [_short(each) for each in strongest(each for each in found if not each.what.startswith("less"))][:2]
        name = ", ".join(parts) or "like the rest"
        numbered = (f"{name} ({i})" for i in itertools.count(2))
        out.append(name if name not in out else next(each for each in numbered if each not in out))
    return tuple(out)


def _short(difference: Difference) -> str:
    if difference.what in ("higher", "lower"):
        return f"{'high' if difference.what == 'higher' else 'low'} {difference.column}"
    return f"{difference.column} {difference.value}" if difference.value else f"{difference.column} missing"


def is_missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a column's cells are missing, (N,)."""
    gone: NDArray[np.bool_] = (
        np.isnan(values) if values.dtype.kind == "f" else np.array([v is None for v in values], bool)
    )
    return gone


def of_numbers(name: str, ours: NDArray[Any], theirs: NDArray[Any]) -> list[tuple[Difference, float]]:
    """Cliff's delta (Cliff 1993), its interval by DeLong's variance (1988), and the chance of it (Mann and Whitney 1947).
    Nothing where there is one value alone. ours: (M,), theirs: (N,), neither empty nor with NaN."""
    m, n = len(ours), len(theirs)
    ours, theirs = (np.clip(each, -LARGEST, LARGEST) for each in (ours, theirs))  # infinite ones have no middle
    below, above = placements(ours, theirs)  # (m,), (n,)
    area = float(below.mean())
    _, ties = np.unique(np.concatenate([ours, theirs]), return_counts=True)
    all_ = m + n
    by_chance = m * n / 12 * (all_ + 1 - float((ties.astype(float) ** 3 - ties).sum()) / (all_ * max(1, all_ - 1)))
    if by_chance <= 0:  # one value alone
        return []
    away = max(0.0, abs(area - 0.5) * m * n - 0.5)
    p = float(2 * norm.sf(away / np.sqrt(by_chance)))
    spread = below.var(ddof=1) / m if m > 1 else 0.25
    spread += above.var(ddof=1) / n if n > 1 else 0.25
    # Where all of ours lie on one side the variance is none, and yet they are few.
    half = 2 * Z * float(np.sqrt(max(spread, 0.25 / (m * n))))
    effect = 2 * area - 1
    what: What = "higher" if effect > 0 else "lower"
    low, high = max(-1.0, effect - half), min(1.0, effect + half)
    return [(Difference(name, what, "", effect, low, high, float(np.median(ours)), float(np.median(theirs))), p)]


def _counts(ours: NDArray[Any], theirs: NDArray[Any], separator: str) -> tuple[list[tuple[str, int, int]], int]:
    """The most frequent values with how often each is there in both, and how many values there are."""
    sides = (counted(ours, separator), counted(theirs, separator))
    names = set(sides[0]) | set(sides[1])
    usual = sorted(names, key=lambda name: (-max(sides[0][name] / len(ours), sides[1][name] / len(theirs)), name))
    return [(name, sides[0][name], sides[1][name]) for name in usual[:LEVELS]], len(names)


def counted(values: NDArray[Any], separator: str) -> Counter[str]:
    """How many rows hold each value, or each of the choices in a cell. None is missing."""
    out: Counter[str] = Counter()
    for text, count in Counter(str(value)[:LONGEST] for value in values).items():
        parts = {part.strip() for part in text.split(separator)} - {""} if separator else {text.strip()}
        for part in parts:
            out[part] += count
    return out


def of_shares(
    name: str, counts: Sequence[tuple[str, int, int]], m: int, n: int, words: tuple[What, What]
) -> list[tuple[Difference, float]]:
    """The difference of shares with Newcombe's interval (1998, method 10), and the chance of it by the hypergeometric
    distribution (Fisher 1935, twice the smaller tail). counts: values with how many of m rows hold each, and how many of n;
    of one that all or none hold, nothing."""
    out = []
    for value, ours, theirs in counts:
        total = int(ours) + int(theirs)
        if total in (0, m + n):
            continue
        fewer, more = hypergeom.cdf(ours, m + n, total, m), hypergeom.sf(ours - 1, m + n, total, m)
        p = min(1.0, 2 * min(float(fewer), float(more)))
        a, b = ours / m, theirs / n
        (a_low, a_high), (b_low, b_high) = wilson(a, m), wilson(b, n)
        low = a - b - np.sqrt((a - a_low) ** 2 + (b_high - b) ** 2)
        high = a - b + np.sqrt((a_high - a) ** 2 + (b - b_low) ** 2)
        what = words[0] if a > b else words[1]
        out.append((Difference(name, what, value, float(a - b), float(low), float(high), float(a), float(b)), p))
    return out


def _with(difference: Difference, p: float | None) -> Difference:
    return replace(difference, adjusted_p=p)
