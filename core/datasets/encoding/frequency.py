"""Which names of a column get an input of their own, and which share one: for categories and multiple choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.results import Column

MOST_LEVELS, FEWEST_LEVELS = 300, 30  # levels with an input of their own at most, in a small table and in a huge one
CELLS = 30_000_000  # of the encoded matrix that one column may fill
RARE_SHARE = 0.005
POOLED_SHARE = 0.1  # rare levels that hold more than this together are not pooled
MOSTLY = 0.5  # of the cells are levels that stand once
OTHER = "(other)"


def frequent(counts: Counter[str], rows: int) -> tuple[str, ...]:
    """The names with an input of their own, most frequent first."""
    order = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(order[: how_many([counts[name] for name in order], rows)])


def how_many(counts: Sequence[float], rows: int) -> int:
    """How many of the levels, most frequent first, get an input of their own.

    A level that stands once, or is rare, does not; but as long as the levels that are left would hold much of the
    column together, rare ones do. Where most cells are levels that stand once, only those that hold much by themselves do: that
    two rows share a code would else make them the strangest.
    """
    most = max(FEWEST_LEVELS, min(MOST_LEVELS, CELLS // max(1, rows)))
    left = whole = sum(counts)
    alone = sum(count for count in counts if count < 2)
    fewest = POOLED_SHARE * whole if alone > MOSTLY * whole else 2
    for kept, count in enumerate(counts[:most]):
        rare = count < RARE_SHARE * whole and left <= POOLED_SHARE * whole
        if count < fewest or rare:
            return kept
        left -= count
    return min(most, len(counts))


def likely(column: Column) -> int:
    """How many that will be, from the column's histogram: what has no bar is taken as equally frequent."""
    bars = column.histogram
    if not bars.counts:
        return min(MOST_LEVELS, max(1, column.distinct))
    more = max(0, column.distinct - len(bars.counts))
    counts = [*sorted(bars.counts, reverse=True), *[bars.other / max(1, more)] * min(more, MOST_LEVELS)]
    return how_many(counts, sum(bars.counts) + bars.other)


def in_words(kept: int, what: str) -> str:
    """ "12 for the most frequent levels, one for all others" (what: level, choice)."""
    if kept == 0:
        return f"whether there is a {what} at all, since each is rare"
    several = f"one for each of the {kept:,} most frequent {what}s" if kept > 1 else f"one for the most frequent {what}"
    return f"{several}, one for rare and unseen ones"
