"""Whole numbers that may be names: group 1, 2, 3; patient 308; zip 10115. Told from amounts by the column's name
and by how its values stand: their number, gaps, frequencies and order. What neither tells is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.datasets import names
from core.datasets.cells import Floats
from core.results import Kind, Role

NAMES_AT_MOST = 60
SMALL = 12


@dataclass(frozen=True)
class Sense:
    """Whether whole numbers are amounts or names, why, and what to ask where that is open."""

    kind: Kind
    role: Role
    reason: str
    confidence: float = 1.0
    question: str = ""


def sense(name: str, values: Floats, counts: NDArray[np.int64], rows: Floats) -> Sense:
    """values: the different numbers, all whole; counts: how often each stands; rows: the column, NaN where empty."""
    amount = Sense("number", "feature", "every cell is a number")
    low, high = float(values.min()), float(values.max())
    distinct, filled = len(np.unique(values)), int(counts.sum())
    unique = distinct == len(rows)
    if counter := _row_counter(name, rows, unique):
        return counter
    if unique and (names.says_whose(name) or names.says_id(name)):
        return Sense("coded", "identifier", f"named “{name}”, different in every row")
    repeats = distinct * 1.2 < filled
    if names.says_id(name) and not names.says_whose(name) and distinct <= NAMES_AT_MOST and repeats:
        return Sense("category", "feature", f"named “{name}”: whole numbers that name something", 0.9)
    if (names.says_whose(name) and repeats) or names.says_id(name):
        return Sense("coded", "group", f"named “{name}”: says whose a row is, {distinct:,} different", 0.9)
    if low >= 1_500 and high <= 2_200 and names.about(name) in ("amount", ""):
        return replace(amount, reason="every cell is a number that may be a year")
    about = names.about(name)
    if about == "amount" or low < 0:
        return amount
    if about == "name" and high < 1e7:
        return _nominal(name, distinct, filled, unique) or amount
    if not about and _in_blocks(distinct, filled, high, rows):
        return Sense("coded", "group", f"{distinct:,} whole numbers, each for a run of rows: whose these are", 0.85)
    if distinct > SMALL or high > 20 or len(rows) < 8:
        return amount
    return _small(name, about, values, counts, rows) or amount


def _row_counter(name: str, rows: Floats, unique: bool) -> Sense | None:
    """1, 2, 3, … down the table, named as writers name the rows' numbers."""
    if unique and len(rows) > 2 and names.says_row(name) and (np.diff(rows) > 0).all():
        return Sense("coded", "identifier", "the rows' own numbers")
    return None


def _nominal(name: str, distinct: int, filled: int, unique: bool) -> Sense | None:
    if unique:
        return Sense("coded", "identifier", f"named “{name}”, different in every row", 0.85) if filled > 9 else None
    if distinct <= NAMES_AT_MOST and distinct * 2 <= filled:
        return Sense("category", "feature", f"whole numbers that name a {name}: {distinct} different", 0.9)
    if distinct * 2 <= filled:
        return Sense("coded", "group", f"whole numbers that name a {name}: {distinct:,} different", 0.85)
    return None


def _small(name: str, about: str, values: Floats, counts: NDArray[np.int64], rows: Floats) -> Sense | None:
    """A few small whole numbers and a name that does not tell: names, where that is likely enough to ask."""
    at = np.argsort(values, kind="stable")
    values, counts = values[at], counts[at]
    size, span = len(values), int(values[-1] - values[0]) + 1
    if values[0] not in (0, 1) or size < 0.8 * span:
        return None
    if about == "maybe name":
        return _ask(name, values, "names")
    if about == "rank":
        return _ask(name, values, "names in an order") if 3 <= size <= 4 else None
    if size == 2:
        return _ask(name, values, "names") if values[0] == 1 else None
    if size == span and _balanced(counts):
        return _ask(name, values, "names") if size <= 10 and not _climbing(rows) else None
    few = size == 3 and values[0] == 1
    return _ask(name, values, "names") if few or not _single_peak(counts) else None


def _ask(name: str, values: Floats, what: str) -> Sense:
    shown = ", ".join(f"{value:.0f}" for value in values[:4]) + (", …" if len(values) > 4 else "")
    return Sense(
        "category",
        "feature",
        f"a few small whole numbers: {shown}",
        0.5,
        f"Are {shown} in “{name}” amounts (a number), or {what} of something (a category)?",
    )


def _in_blocks(distinct: int, filled: int, high: float, rows: Floats) -> bool:
    """1, 1, 1, 2, 2, 3, 3, 3, …: nearly every number up to the last, in order, each for several rows."""
    in_order = bool((np.diff(rows[~np.isnan(rows)]) >= 0).all())
    return in_order and distinct > SMALL and distinct >= 0.6 * high and filled >= 2 * distinct


def _balanced(counts: NDArray[np.int64]) -> bool:
    """As many rows of each: somebody designed it so."""
    return bool(counts.min() >= 2 and counts.max() <= 1.15 * counts.min() + 1)


def _climbing(rows: Floats) -> bool:
    """Whether the values only climb by one within each run, over and over, as times of measurement do."""
    steps = np.diff(rows[~np.isnan(rows)])
    return bool(len(steps)) and float(np.mean(steps == 1)) > 0.6


def _single_peak(counts: NDArray[np.int64]) -> bool:
    """Frequencies rise to one value and fall from there, but for chance: as those of counts and ratings do."""
    steps = np.diff(counts.astype(float))
    noise = 1.5 * np.sqrt(counts[:-1] + counts[1:])
    peak = int(np.argmax(counts))
    return bool((steps[:peak] >= -noise[:peak]).all() and (steps[peak:] <= noise[peak:]).all())
