"""How one column's values are distributed: a Spread of numbers and moments, Levels of everything else."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from core.datasets import levels as choices
from core.datasets.cells import Floats
from core.datasets.profile.facts import Facts, Numbers, shown
from core.profiles import QUANTILES, ColumnProfile, Levels, Spread

BINS = 30
FEW = 40  # different whole numbers that get a bar each
LISTED = 40
CENTRAL = (0.005, 0.995)
WIDE = 2.0  # how many times the central part's width the whole range may have to be drawn whole
HUGE = 1e100  # beyond it sums of squares are no floats


def column_profile(facts: Facts) -> ColumnProfile:
    """The distribution of one column."""
    column, numbers = facts.column, facts.numbers
    missing = int(facts.empty.sum())
    filled = facts.rows - missing
    if numbers is not None and column.kind in ("number", "datetime"):
        spread = _spread(numbers, column.kind == "number") if len(numbers.finite[0]) else None
        return ColumnProfile(column.name, column.kind, filled, missing, len(numbers.values), spread=spread)
    named, _ = facts.levels
    levels = _levels(facts, named) if len(named) else None
    return ColumnProfile(column.name, column.kind, filled, missing, len(named), levels=levels)


def _spread(numbers: Numbers, adds_up: bool) -> Spread:
    values, counts = numbers.finite
    rows = int(counts.sum())
    # A power of two: nothing is rounded by it, and squares of ±1e308 stay floats.
    scale = 2.0 ** np.ceil(np.log2(np.abs(values).max() / HUGE)) if np.abs(values).max() > HUGE else 1.0
    scaled = values / scale
    mean = float(np.average(scaled, weights=counts))
    deviation = float(np.sqrt(np.dot(counts, (scaled - mean) ** 2) / (rows - 1))) if rows > 1 else 0.0
    with np.errstate(over="ignore"):
        total = float(np.dot(scaled, counts) * scale)
    edges, bars, below, above = _histogram(scaled, counts, numbers.quantiles(CENTRAL) / scale)
    return Spread(
        count=rows,
        minimum=float(values[0]),
        maximum=float(values[-1]),
        mean=mean * scale,
        deviation=deviation * scale,
        total=total if adds_up and np.isfinite(total) else None,
        quantiles=tuple(float(value) for value in numbers.quantiles(QUANTILES)),
        edges=tuple(float(edge * scale) for edge in edges),
        counts=tuple(int(bar) for bar in bars),
        below=below,
        above=above,
        zeros=int(counts[values == 0].sum()),
        negative=int(counts[values < 0].sum()),
        infinite=int(numbers.counts.sum()) - rows,
    )


def _histogram(
    values: Floats, counts: NDArray[np.int64], central: Floats
) -> tuple[Floats, NDArray[np.int64], int, int]:
    """Edges, bars, and the rows below and above. Whole numbers get bars of whole width, around them."""
    low, high = float(values[0]), float(values[-1])
    if high - low > WIDE * (central[1] - central[0]) > 0:
        low, high = float(central[0]), float(central[1])
    inside = (values >= low) & (values <= high)
    if low == high:
        edges = np.asarray([low, high])
        return (
            edges,
            np.asarray([counts[inside].sum()]),
            int(counts[values < low].sum()),
            int(counts[values > high].sum()),
        )
    if bool((values == np.floor(values)).all()) and np.abs(values).max() < 1e15:
        first, last = np.ceil(low), np.floor(high)
        width = max(1.0, np.ceil((last - first + 1) / (FEW if last - first < FEW else BINS)))
        edges = first - 0.5 + width * np.arange(int(np.ceil((last - first + 1) / width)) + 1)
        inside = (values >= edges[0]) & (values <= edges[-1])
        low, high = float(edges[0]), float(edges[-1])
    else:
        bins = int(np.clip(np.ceil(np.sqrt(counts.sum())), 5, BINS))
        edges = low + (high - low) * (np.arange(bins + 1) / bins)
        edges[-1] = high
        if not (np.diff(edges) > 0).all():  # neighbours among floats: no room for bins between them
            edges = np.asarray([low, high])
    bars, _ = np.histogram(values[inside], bins=edges, weights=counts[inside])
    return edges, bars.astype(np.int64), int(counts[values < low].sum()), int(counts[values > high].sum())


def _levels(facts: Facts, named: NDArray[np.int64]) -> Levels:
    if facts.column.kind == "text":
        return _lengths(facts)
    if facts.column.kind == "multiple":
        return _choices(facts, named)
    counts = facts.counts[named]
    order = np.argsort(-counts, kind="stable")
    if facts.column.kind == "ordered":
        place = {level: i for i, level in enumerate(facts.column.levels)}
        ranks = np.asarray([place.get(facts.texts[i], len(place)) for i in named])
        order = order[np.argsort(ranks[order], kind="stable")]
    kept = order[:LISTED]
    return Levels(
        labels=tuple(shown(facts.cells[int(named[i])].as_py()) for i in kept),
        counts=tuple(int(counts[i]) for i in kept),
        other=int(counts.sum() - counts[kept].sum()),
        once=int((counts == 1).sum()),
    )


def _choices(facts: Facts, named: NDArray[np.int64]) -> Levels:
    """Each choice by the rows that made it; other: rows that made none of those listed."""
    rows: Counter[str] = Counter()
    made: list[tuple[set[str], int]] = []
    for i in named:
        parts, count = set(choices.choices(facts.texts[i], facts.column.form)), int(facts.counts[i])
        made.append((parts, count))
        rows.update(dict.fromkeys(parts, count))
    top = rows.most_common(LISTED)
    listed = {choice for choice, _ in top}
    return Levels(
        labels=tuple(shown(choice) for choice, _ in top),
        counts=tuple(count for _, count in top),
        other=sum(count for parts, count in made if not parts & listed),
        once=sum(count == 1 for count in rows.values()),
    )


def _lengths(facts: Facts) -> Levels:
    """Text by the number of characters, in steps of 1, 2, 5, 10, …; once: texts that one row has."""
    lengths = facts.lengths if facts.lengths is not None else np.zeros(facts.rows, np.int64)
    lengths = lengths[~facts.empty]
    low, high = int(lengths.min()), int(lengths.max())
    width = next(
        step * 10**power for power in range(12) for step in (1, 2, 5) if (high - low) / (step * 10**power) < 12
    )
    first = low // width
    counts = np.bincount(lengths // width - first)
    starts = (np.arange(len(counts)) + first) * width
    return Levels(
        labels=tuple(f"{a:,}" if width == 1 else f"{a:,}–{a + width - 1:,}" for a in starts.tolist()),
        counts=tuple(int(count) for count in counts),
        once=int((facts.counts[~facts.missing] == 1).sum()),
    )


__all__ = ["QUANTILES", "column_profile"]
