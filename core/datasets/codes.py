"""Whole numbers that may be names: group 1, 2, 3; patient 308; zip 10115. Told from amounts by the column's name,
by how its values stand (their number, gaps, frequencies and order), and by the columns beside it. Each piece of
evidence has its points; where they say neither, the user is asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.datasets import names
from core.datasets.cells import Floats
from core.datasets.witnesses import NAMES_AT_MOST, Witnesses, crossed, follows
from core.results import Kind, Role

SMALL = 12
MANY_ROWS, NEARLY = 200, 0.98
LISTED = 50  # different numbers, from which they may be a list of codes
MEETINGS = 10  # pairs of equal amounts to be expected
SMOOTH = 0.2  # of the difference of far rows: what a measurement steps from row to row, at most, in the middle
TAIL = 3  # times as high as there are different numbers
STEADY = 0.3  # of a step: how much the next one differs where a trend is smooth, at most, in the middle
COUNTING = 0.8  # share of the rows that are one above the row before
LONG = 1e10  # eleven digits: of an amount so long, most would be zeros
GAPS = 12  # times as many numbers as things that they name
LAST_DAY = 366  # of a year
A_YEAR = "every cell is a number that may be a year"
OR_AMOUNTS = ("index", "number", "num")  # names of rows' numbers that amounts have as well
OWN_NUMBERS = "the rows' own numbers"
COUNTS, COUNTS_IN_NO_ORDER = "counts the rows", "counts the rows, in no order"
# What surveys write for “don't know” and “no answer”.
UNANSWERED = (8, 9, 77, 88, 97, 98, 99, 777, 888, 997, 998, 999, *range(9_995, 10_000))
NOT_KNOWN = (-1, -7, -8, -9, -77, -88, -99, -888, -999, -9_999)  # what tables write for it where nothing is below 0
MONEY_STEPS = 30  # brackets of an income, at most
STEPS, FROM_0 = 7, 4  # whole numbers in a row that may be a scale's steps, at most; where they begin at 0
SHORT = 20  # rows that may be counted by a column without a gap
ALIKE = "answers like those of its neighbours"
# What speaks for names (above 0) and for amounts, in steps of the logarithm of the odds: 1 is 73 : 27, 2 is 88 : 12.
POINTS: Final[Mapping[str, float]] = {
    "named as groups are": 4.0,
    "may be named as groups are": 2.0,
    "named as ranks are": -0.75,
    "named as amounts are": -3.0,
    "named as brackets are": 0.0,
    "only 1 and 2": 0.75,
    "few from 1 on, none left out": 2.5,
    "many from 1 on, none left out": 1.0,
    "many from 1 on, each as often": 1.0,
    "an 8 or a 9 apart, as for those who did not answer": 1.25,
    "counted from 0": -3.0,
    "from above 1 on": -2.5,
    "only two, both above 1": 1.75,
    "all of them are round": -1.5,
    "the higher, the rarer and the farther apart": -3.0,
    "numbers between are left out": -1.0,
    "frequencies jump from one to the next": 1.5,
    "frequencies rise to one peak and fall": -0.75,
    "rows stand in its order": 1.0,
    "climbs by one from row to row": -1.0,
    "crossed with another column": 0.5,
    "other amounts step with it in no order": 0.5,
    "other amounts rise or fall with it": -1.15,
    "another column follows from it": 1.0,
    "another column has a name for each": 2.0,
    ALIKE: -2.0,
    "other columns say names in words": -0.5,
}
ASKED = (-1.75, 1.25)  # points between which neither is likely enough: odds from 15 : 85 to 78 : 22
SURELY_NAMES = 4.0  # points from which even steps that the neighbours have too are no scale


@dataclass(frozen=True)
class Sense:
    """Whether whole numbers are amounts or names, why, and what to ask where that is open."""

    kind: Kind
    role: Role
    reason: str
    confidence: float = 1.0
    question: str = ""


def nearly_unique(distinct: int, rows: int) -> bool:
    """Whether a column of so many different cells tells rows apart, but for a few that were entered twice."""
    return distinct == rows or (rows > MANY_ROWS and distinct >= NEARLY * rows)


def in_every_row(distinct: int, rows: int) -> str:
    """“different in every row”, or in how many of nearly every one."""
    return "different in every row" if distinct == rows else f"different in nearly every row ({distinct:,} of {rows:,})"


def sense(name: str, values: Floats, counts: NDArray[np.int64], rows: Floats) -> Sense:
    """values: the different numbers, all whole; counts: how often each stands; rows: the column, NaN where empty.

    A question stands for now where the other columns may still tell: see `settled`.
    """
    amount = Sense("number", "feature", "every cell is a number")
    low, high = float(values.min()), float(values.max())
    distinct, filled = len(np.unique(values)), int(counts.sum())
    unique = nearly_unique(distinct, len(rows)) or NEARLY * len(rows) <= filled == distinct
    about, year = names.about(name), low >= 1_500 and high <= 2_200
    if year and (names.says_nothing(name) or names.says_year(name)):
        return replace(amount, reason=A_YEAR)
    if counter := _row_counter(name, rows, unique):
        return counter
    if _are_books(values):
        return Sense("coded", "identifier" if unique else "feature", "numbers of books (ISBN), by their last digit")
    of_rows = len(rows) >= SHORT and names.says_row(name) and about != "amount" and name.lower() not in OR_AMOUNTS
    if unique and (names.says_whose(name) or names.says_id(name) or of_rows):
        return Sense("coded", "identifier", f"named “{name}”, {in_every_row(distinct, len(rows))}")
    repeats = distinct * 1.2 < filled
    if names.says_id(name) and not names.says_whose(name) and distinct <= NAMES_AT_MOST and repeats:
        return Sense("category", "feature", f"named “{name}”: whole numbers that name something", 0.9)
    if (names.says_whose(name) and repeats) or names.says_id(name):
        return Sense("coded", "group", f"named “{name}”: says whose a row is, {distinct:,} different", 0.9)
    if year and (about in ("amount", "") or names.says_yearly(name)):
        return replace(amount, reason=A_YEAR)
    often = distinct * 2 <= filled and filled >= 8
    if low < 0:
        may_be = _signed(rising := np.sort(values)) or (
            len(known_values(rising)) < distinct <= NAMES_AT_MOST and about != "amount"
        )
        return _open(name, values) if often and may_be else amount
    if about in ("", "maybe name") and _in_blocks(distinct, filled, high, rows):
        return Sense("coded", "group", f"{distinct:,} whole numbers, each for a run of rows: whose these are", 0.85)
    if names.says_part_of_a_date(name) and high <= LAST_DAY and distinct > 2:
        return replace(amount, reason=f"{amount.reason}; named “{name}”: a part of a date")
    if distinct <= NAMES_AT_MOST and often:
        return _open(name, values)
    if about != "amount" and low == 1 and high == distinct and often and np.ptp(counts) == 0:
        return Sense("coded", "group", f"{distinct:,} whole numbers, each in {counts[0]:,} rows: whose these are", 0.85)
    found = _many(name, values, filled, rows, unique) if about == "name" and high < 1e7 else None
    return found or _of_many(name, about, values, rows, unique, distinct == filled) or amount


def _of_many(name: str, about: str, values: Floats, rows: Floats, unique: bool, once: bool) -> Sense | None:
    """Codes among numbers of which there are too many for groups: by the name, the digits and the rows' order.

    Two of these are enough; one is asked about. once: each stands in one row.
    """
    thing = names.numbers_things(name) or names.may_say_id(name)
    named = thing or about == "name" or names.says_place(name)
    counting = float(np.mean(np.diff(rows) == 1)) > COUNTING
    role: Role = "identifier" if unique else "feature"
    if unique and once and len(rows) >= SHORT and names.ends_in_number(name):
        return Sense("coded", role, f"named “{name}”, different in every row", 0.85)
    if (thing and counting) or (names.may_say_id(name) and (unique or _in_sorted_blocks(values, rows))):
        return Sense("coded", role, f"named “{name}”, in the order of the rows", 0.9)
    if names.ends_in_code(name) or (about == "name" and _of_one_length(values)):
        return Sense("coded", role, f"named “{name}”: {len(values):,} different", 0.9)
    if about in ("", "name", "maybe name"):
        if _alike_as_codes(values, rows):
            alike = "whole numbers of as many digits each, as codes have"
            if named or (np.median(values) >= LONG and not _may_be_epochs(values)):
                return Sense("coded", role, f"{len(values):,} {alike}", 0.9)
            return _codes_or_amounts(name, values, unique, alike)
        if once and _handed_out(values, rows):
            what = "whole numbers, different where amounts would meet by chance"
            return _codes_or_amounts(name, values, unique, what)
        if counting and not once and len(values) >= LISTED:
            return _codes_or_amounts(name, values, unique, "whole numbers that count from row to row, again and again")
        if about != "name" and (_in_sorted_blocks(values, rows) or _in_equal_blocks(rows)):
            return _codes_or_amounts(name, values, unique, "whole numbers with gaps, each for a run of rows")
    if (thing or (about == "name" and not once) or names.says_place(name)) and values.max() < 1e7:
        return _codes_or_amounts(name, values, unique, "whole numbers under a name that things have")
    return None


def _may_be_epochs(values: Floats) -> bool:
    """Whether all may be milliseconds since 1970, of this century."""
    return bool(np.median(values) > 9e11 and values.max() < 4.1e12)


def _in_sorted_blocks(values: Floats, rows: Floats) -> bool:
    """3, 3, 3, 8, 8, 21, …: sorted numbers with gaps that differ, each for a run of rows."""
    known = rows[~np.isnan(rows)]
    steps = np.diff(known)
    if len(known) < 2 * len(values) or len(values) <= SMALL or (steps < 0).any():
        return False
    return len(np.unique(steps[steps > 0])) > len(values) // 4


def _in_equal_blocks(rows: Floats) -> bool:
    """13, 13, 17, 17, 18, 18, 45, 45, …: sorted, each in as many rows, several, and not the steps of a design."""
    known, counts = np.unique(rows[~np.isnan(rows)], return_counts=True)
    blocks = len(known) > SMALL and counts[0] > 1 and bool((np.diff(rows) >= 0).all()) and np.ptp(counts) == 0
    return blocks and len(np.unique(np.diff(known))) > 2


def _are_books(values: Floats) -> bool:
    """Whether numbers are ISBN: thirteen digits that begin with 978 or 979, the last of which checks the others."""
    few = values[:500]
    books = (few >= 9.78e12) & (few < 9.8e12)
    if books.sum() < 3 or books.mean() < NEARLY:
        return False
    few = few[books]
    digits = few.astype(np.int64)[:, None] // 10 ** np.arange(13) % 10  # (B, 13), from the last
    return bool((((digits[:, ::2].sum(axis=1) + 3 * digits[:, 1::2].sum(axis=1)) % 10) == 0).mean() > NEARLY)


def _row_counter(name: str, rows: Floats, unique: bool) -> Sense | None:
    """1, 2, 3, … down the table, named as writers name the rows' numbers, or down a long one and named as no amount."""
    steps = np.diff(rows)
    if not unique or len(rows) < 3:
        return None
    climbs = bool((steps > 0).all())
    runs = names.says_run(name) and bool((steps == 1).all()) and rows[0] in (0, 1)
    if (climbs and names.says_row(name)) or runs:
        return Sense("coded", "identifier", OWN_NUMBERS)
    long = len(rows) >= LISTED and np.nanmin(rows) <= 2
    one_by_one = climbs and float((steps == 1).mean()) > COUNTING
    all_there = float((steps > 0).mean()) > NEARLY and len(rows) > COUNTING * np.nanmax(rows)
    no_other = len(rows) >= SHORT and np.nanmin(rows) in (0, 1) and np.ptp(rows) == len(rows) - 1
    counts = no_other or (long and (one_by_one or all_there))
    about = names.about(name) if counts else "amount"
    if about in ("", "name", "maybe name"):
        named = names.says_whose(name) or names.says_id(name) or about == "name"
        return Sense("coded", "identifier", COUNTS if climbs or named else COUNTS_IN_NO_ORDER, 0.9)
    if long and name == "X" and climbs and (steps == 1).all():  # R's name for a column without one
        return Sense("coded", "identifier", OWN_NUMBERS)
    return None


def _many(name: str, values: Floats, filled: int, rows: Floats, unique: bool) -> Sense | None:
    distinct = len(np.unique(values))
    if unique:
        # What is handed out one after the other, or listed in its order: amounts of an island leave gaps.
        handed_out = np.ptp(values) < GAPS * distinct or bool((np.diff(rows[~np.isnan(rows)]) > 0).all())
        listed = filled > 9 and handed_out
        return Sense("coded", "identifier", f"named “{name}”, different in every row", 0.85) if listed else None
    if distinct * 2 <= filled:
        return Sense("coded", "group", f"whole numbers that name a {name}: {distinct:,} different", 0.85)
    return None


def _alike_as_codes(values: Floats, rows: Floats) -> bool:
    """Whether many whole numbers are alike as codes of places and firms are.

    Amounts are often round, differ more, or go up and down by small steps as measurements do.
    """
    return _of_one_length(values) and not _measured(rows)


def _of_one_length(values: Floats) -> bool:
    """Whether many whole numbers, and few round ones, have as many digits, five to fifteen."""
    if len(values) < LISTED:
        return False
    digits = np.floor(np.log10(np.maximum(values, 1)))
    usual = float(np.median(digits))
    return 4 <= usual <= 14 and float((digits == usual).mean()) > NEARLY and float((values % 100 == 0).mean()) < 0.5


def _measured(rows: Floats) -> bool:
    """Whether a measurement goes up and down by small steps from row to row, or a trend changes its pace little."""
    known = rows[~np.isnan(rows)]
    steps = np.diff(known)
    steps = steps[steps != 0]
    if len(steps) < 3:
        return False
    size = float(np.median(np.abs(steps)))
    apart = float(np.median(np.abs(known - np.roll(known, len(known) // 2))))  # rows far from each other
    small = size < SMOOTH * apart and 0.1 < float((steps > 0).mean()) < 0.9
    bend = float(np.median(np.abs(np.diff(steps))))
    return small or 0 < bend < STEADY * size


def _handed_out(values: Floats, rows: Floats) -> bool:
    """Whether so many amounts in that range would meet by chance, and these do not; in no order, as a grid's stand."""
    steps = np.diff(rows[~np.isnan(rows)])
    if len(values) < LISTED or not 1 - NEARLY < float((steps > 0).mean()) < NEARLY:
        return False
    low, high = np.quantile(values, (0.25, 0.75))  # one far away must not make room for all
    return float((len(values) / 2) ** 2 / 2 / max(high - low, 1.0)) > MEETINGS


def _codes_or_amounts(name: str, values: Floats, unique: bool, what: str) -> Sense:
    question = f"Are {values[0]:.0f}, {values[1]:.0f}, … in “{name}” codes of something, or amounts (a number)?"
    return Sense("coded", "identifier" if unique else "feature", f"{len(values):,} {what}", 0.6, question)


def _open(name: str, values: Floats) -> Sense:
    values = np.sort(values)
    shown = ", ".join(f"{value:.0f}" for value in values[:4]) + (", …" if len(values) > 4 else "")
    what = "names in an order" if names.about(name) == "rank" else "names"
    return Sense(
        "category",
        "feature",
        shown,
        0.5,
        f"Are {shown} in “{name}” amounts (a number), or {what} of something (a category)?",
    )


def _in_blocks(distinct: int, filled: int, high: float, rows: Floats) -> bool:
    """1, 1, 1, 2, 2, 3, 3, 3, …: nearly every number up to the last, in order, each for several rows."""
    in_order = bool((np.diff(rows[~np.isnan(rows)]) >= 0).all())
    return in_order and distinct > SMALL and distinct >= 0.6 * high and filled >= 2 * distinct


# --- what is open until the whole table was seen ---------------------------------------------------------


def evidence(name: str, values: Floats, counts: NDArray[np.int64], rows: Floats) -> dict[str, float]:
    """How much of each piece of evidence (of POINTS) a column's name and cells give. Arguments: see `sense`."""
    at = np.argsort(values, kind="stable")
    values, counts = values[at], counts[at]
    known = values if _signed(values) else known_values(values)
    values, counts = known, counts[len(values) - len(known) :]
    about, core = names.about(name), answered(values)
    brackets = names.says_bracketed(name) and (in_steps(values) or (names.says_money(name) and in_money_steps(values)))
    many = values[0] == 1 and len(values) > STEPS and values[-1] == len(values) and about != "amount"
    steps = np.diff(rows[~np.isnan(rows)])
    return {
        "named as groups are": float(about == "name"),
        "may be named as groups are": float(about == "maybe name"),
        "named as ranks are": float(about == "rank"),
        "named as amounts are": 0.0 if about != "amount" or brackets else 0.5 if names.is_plural(name) else 1.0,
        "named as brackets are": float(brackets),
        "only 1 and 2": float(len(values) == 2 and values[0] == 1 and values[1] == 2),
        "few from 1 on, none left out": float(values[0] == 1 and in_steps(core) and not names.says_how_many(name)),
        "many from 1 on, none left out": float(many),
        "many from 1 on, each as often": float(many and np.ptp(counts) <= 1),
        "an 8 or a 9 apart, as for those who did not answer": float(len(core) < len(values) and in_steps(core)),
        "counted from 0": (0.5 if "name" in about else 1.0)
        * float(values[0] == 0 and not brackets and not (len(core) <= FROM_0 and in_steps(core))),
        "from above 1 on": {"name": 0.0, "maybe name": 0.5}.get(about, 1.0)
        * float(values[0] > 1 and not _in_steps_from_2_or_3(values)),
        "only two, both above 1": float(len(values) == 2 and values[0] > 1 and about == ""),
        "all of them are round": float(len(values) > 3 and values[0] != 1 and (values % 10 == 0).all()),
        "the higher, the rarer and the farther apart": float(_thins_out(values, counts)),
        "numbers between are left out": float(about != "name" and values[0] < 2 and _left_out(core)),
        "frequencies jump from one to the next": 0.0 if _even(counts) or about == "rank" else _jump(counts),
        "frequencies rise to one peak and fall": _peak(counts),
        "rows stand in its order": float((steps >= 0).all()),
        "climbs by one from row to row": float(np.mean(steps == 1) > 0.6),
    }


def beside(name: str, rows: Floats, others: Witnesses) -> dict[str, float]:
    """How much evidence the table's other columns give. rows: the column's, as the witnesses keep rows."""
    stepping, sloping = others.steps(name, rows)
    tables = others.tables(name, rows)
    alike, named_alike = others.alike(name)
    return {
        "crossed with another column": float(any(map(crossed, tables))),
        "other amounts step with it in no order": max(0.0, min(stepping, 5.0) - 2.0),
        "other amounts rise or fall with it": max(0.0, min(sloping, 3.0) - 0.5),
        "another column follows from it": float(any(map(follows, tables))),
        "another column has a name for each": float(others.named(name, rows)),
        "other columns say names in words": float(min(others.in_words, 2)) if names.about(name) != "name" else 0.0,
        ALIKE: float(alike >= 2) + 2 * float(named_alike >= 2),
    }


def points(said: Mapping[str, float]) -> float:
    """For names above 0, for amounts below."""
    return sum(POINTS[what] * amount for what, amount in said.items())


def settled(values: Floats, said: Mapping[str, float]) -> Kind | None:
    """What a column's different numbers are by all evidence; None where the user must say.

    Few steps without a gap that may be either are a scale: their order is kept, and they are no less of an amount by that.
    values: (V,), rising.
    """
    if _signed(values):
        return "number" if said["named as amounts are"] > 0 else _scale(values)
    known = known_values(values)
    found = _settled(known, said)
    return (
        "category" if found == "ordered" and len(known) < len(values) else found
    )  # “not known” has no place in the order


def _settled(values: Floats, said: Mapping[str, float]) -> Kind | None:
    amount, steps = said["named as amounts are"] > 0, in_steps(values)
    if said["named as ranks are"] and 2 < len(values) <= STEPS and np.ptp(values) <= SMALL:
        if not _in_a_row(values) and in_steps(answered(values)):
            return "category"  # “no answer” has no place in the order
        return "ordered" if _in_a_row(values) else None
    answers = said[ALIKE] > 0 and steps and not amount  # of a scale, not amounts of the same sort
    found = points({**said, ALIKE: 0.0} if answers else said)
    if said["named as brackets are"] and in_money_steps(values) and not steps:
        return "ordered"
    if answers and values[0] == 1 and len(values) > 2 and found < SURELY_NAMES:
        return "ordered"  # answers to other questions rise with it, too
    if found <= ASKED[0]:
        return "number"
    if len(values) > 2 and (said["named as brackets are"] or (answers and found < SURELY_NAMES)):
        return "ordered"
    if found >= ASKED[1]:
        return "category"
    scale = (steps and values[0] == 1) or _in_steps_from_2_or_3(values)
    return _scale(values) if scale and not amount else None


def answered(values: Floats) -> Floats:
    """Without the last numbers where they stand apart and are what surveys write for those who did not answer. values: rising."""
    core = values[: len(values) - int(np.cumprod(np.isin(values, UNANSWERED)[::-1]).sum())]
    refused = len(core) > 2 and core[-1] == 7 and core[-2] < 6  # 1, 2, 3, 4, 5, 7 alone are as likely a count
    core = core[:-1] if refused and (len(core) < len(values) or len(core) <= 4) else core
    return core if 2 <= len(core) < len(values) and values[len(core)] - core[-1] > 1 else values


def known_values(values: Floats) -> Floats:
    """Without the first numbers where these are what tables write for what is not known, and no others are below 0; beside steps
    from 1 on, one or two of -9 … -1 are. values: rising."""
    below = int((values < 0).sum())
    if below >= len(values) - 1:
        return values
    beside_steps = below <= 2 and values[0] >= -9 and values[below] == 1 and in_steps(values[below:])
    return values[below:] if beside_steps or np.isin(values[:below], NOT_KNOWN).all() else values


def in_money_steps(values: Floats) -> bool:
    """Whether they are few enough for brackets of an income, and none is left out from the first on. values: rising."""
    return 2 < len(values) <= MONEY_STEPS and values[0] in (0, 1) and _in_a_row(values)


def in_steps(values: Floats) -> bool:
    """Whether few different numbers begin at 0 or 1 and leave none out. values: rising."""
    return len(values) <= STEPS and values[0] in (0, 1) and _in_a_row(values)


def _in_steps_from_2_or_3(values: Floats) -> bool:
    """Whether they may be the upper steps of a scale of which nobody took the lowest. values: rising."""
    return values[0] in (2, 3) and 3 <= len(values) <= 5 and _in_a_row(values)


def _signed(values: Floats) -> bool:
    """Whether few steps go through 0 without a gap, or stand beside a -1 that says something of its own. values: rising."""
    if values[0] >= 0:
        return False
    if len(values) < 3 or len(values) > STEPS:
        return len(values) == 2  # of amounts there are more
    beside = values[0] == -1 and in_steps(values[1:])
    return beside or _in_a_row(values)


def _in_a_row(values: Floats) -> bool:
    """Whether each number is one above the one before."""
    return bool((np.diff(values) == 1).all())


def _scale(values: Floats) -> Kind:
    return "ordered" if len(values) > 2 else "category"


def weightiest(said: Mapping[str, float]) -> str:
    """The piece of evidence that weighs most on the side that all of it is on, in words."""
    side = 1.0 if points(said) > 0 else -1.0
    return max(said, key=lambda what: side * POINTS[what] * said[what])


def _left_out(values: Floats) -> bool:
    return len(values) <= SMALL and len(values) <= 1.6 * (values[-1] / 2 - values[0] / 2 + 0.5)  # may be beyond a float


def _thins_out(values: Floats, counts: NDArray[np.int64]) -> bool:
    """Whether small numbers are common and close, large ones rare and far apart, as in counts with a long tail."""
    if len(values) <= SMALL or values[-1] < TAIL * len(values):
        return False
    ranks = np.argsort(np.argsort(counts, kind="stable"), kind="stable")
    return float(np.corrcoef(ranks, np.arange(len(values)))[0, 1]) < -0.5


def _even(counts: NDArray[np.int64]) -> bool:
    """As many rows of each: somebody designed it so."""
    return bool(counts.max() <= 1.15 * counts.min() + 1)


def _jump(counts: NDArray[np.int64]) -> float:
    """How far frequencies leave a single peak, as those of counts and ratings have, beyond what chance does; 0 … 0.6.

    In deviations, a tenth of the rows with them; the largest of n by chance is about √(2 log n). Too little to decide
    alone: people like 1 and 5 stars better than 3.
    """
    both = (counts[:-1] + counts[1:]).astype(float)
    steps, noise = np.diff(counts.astype(float)), np.hypot(np.sqrt(both), 0.1 * both)
    peak = int(np.argmax(counts))
    against = np.concatenate([-steps[:peak] / noise[:peak], steps[peak:] / noise[peak:]])
    return float(np.clip(against.max(initial=0.0) - np.sqrt(2 * np.log(len(counts))), 0.0, 0.6))


def _peak(counts: NDArray[np.int64]) -> float:
    """How unlikely a single peak is where frequencies have no order, in powers of ten; 0 … 2, 0 where there is none."""
    size = len(counts)
    spread = ((counts - counts.mean()) ** 2).sum() / counts.mean() / max(size - 1, 1)
    if spread < 3 or _jump(counts) > 0:  # they differ as by chance (then spread is 1), or have several peaks
        return 0.0
    chance = 2.0 ** (size - 1) / math.factorial(size)  # the orders of n different frequencies that have one peak
    return float(np.clip(-np.log10(chance), 0.0, 2.0))
