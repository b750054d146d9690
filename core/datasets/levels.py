"""Names that have an order, and cells that hold several choices: found by well-known scales, bands and numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from core.datasets.cells import Texts

# Lowest first; words of one entry stand at the same place.
SCALES: tuple[tuple[str, ...], ...] = (
    (
        *("none|no|zero|absent", "minimal|trace", "extremely low", "very low|v low", "low|lo|mild|light|slight|minor"),
        *("medium low", "medium|med|mid|middle|moderate|intermediate|average|normal|avg", "medium high"),
        *("high|hi|severe|strong|heavy|major|marked", "very high|v high|very severe|critical|very heavy"),
        *("extremely high|extreme",),
    ),
    ("tiny|extra small", "very small", "small|s", "medium|m|mid|average|moderate", "large|big|l", "very large|huge|xl"),
    ("xxxs", "xxs", "xs", "s", "m", "l", "xl", "xxl|2xl", "xxxl|3xl", "4xl"),
    (
        *("strongly disagree|completely disagree|totally disagree", "disagree|mostly disagree", "somewhat disagree"),
        *("slightly disagree", "neutral|neither|neither agree nor disagree|undecided|not sure|no opinion|uncertain"),
        *("slightly agree", "somewhat agree", "agree|mostly agree"),
        *("strongly agree|completely agree|totally agree",),
    ),
    (
        *("never|not at all", "almost never|hardly ever|very rarely", "rarely|seldom", "occasionally", "sometimes"),
        *("regularly", "often|frequently", "usually|very often|most of the time", "almost always|nearly always"),
        *("always|all the time",),
    ),
    (
        *("terrible|awful|horrible|extremely poor", "very poor|very bad", "poor|bad", "fair|mediocre|below average"),
        *("typical|average|ok|okay|acceptable|satisfactory|normal", "above average", "good", "very good|great"),
        *("excellent|ideal|outstanding|superb|exceptional",),
    ),
    ("fair", "good", "very good", "premium", "ideal"),
    (
        *("very dissatisfied", "dissatisfied", "somewhat dissatisfied|slightly dissatisfied"),
        *("neutral|neither satisfied nor dissatisfied", "somewhat satisfied|slightly satisfied", "satisfied"),
        "very satisfied",
    ),
    ("very unlikely|extremely unlikely", "unlikely", "neutral", "likely", "very likely|extremely likely"),
    (
        *("not important|not at all important|unimportant", "slightly important", "somewhat important"),
        *("moderately important", "important", "very important", "extremely important"),
    ),
    ("not at all", "a little|slightly", "somewhat|moderately", "quite a bit|very much|very", "extremely"),
    ("not at all", "not very", "somewhat|fairly", "very"),
    ("worse|much worse", "somewhat worse", "same|no change|about the same", "somewhat better", "better|much better"),
    ("bottom", "middle", "top"),
    ("beginner|novice", "elementary", "intermediate", "advanced", "expert"),
    ("primary", "secondary", "tertiary"),
    (
        *("no schooling|no education", "primary|primary school|elementary|elementary school"),
        *("secondary|middle school", "some high school", "high school|hs|hs grad|high school graduate"),
        *("vocational", "some college", "associate|associate's degree|assoc"),
        *("bachelor|bachelors|bachelor's|bachelor's degree|college|undergraduate", "graduate|postgraduate"),
        *("master|masters|master's|master's degree", "phd|doctorate|doctoral|doctor"),
    ),
    ("bronze", "silver", "gold", "platinum|diamond"),
    (
        "child|children|infant",
        "teen|teenager|adolescent",
        "young|young adult",
        "adult|middle aged",
        "old|elderly|senior",
    ),
    ("cold|cool", "mild|warm", "hot"),
    ("early", "mid|middle", "late"),
    ("baseline", "mid", "end"),
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    (
        "mon|monday",
        "tue|tues|tuesday",
        "wed|wednesday",
        "thu|thur|thurs|thursday",
        "fri|friday",
        "sat|saturday",
        "sun|sunday",
    ),
    (
        *("jan|january", "feb|february", "mar|march", "apr|april", "may", "jun|june", "jul|july", "aug|august"),
        *("sep|sept|september", "oct|october", "nov|november", "dec|december"),
    ),
)
RANKS = tuple({word: rank for rank, words in enumerate(scale) for word in words.split("|")} for scale in SCALES)
WORDS_ALONE = frozenset({"no", "one", "s", "m", "l", "second", "may", "mar", "sun", "first"})
GRADES = {
    grade: rank
    for rank, grade in enumerate(["F", "E", "D-", "D", "D+", "C-", "C", "C+", "B-", "B", "B+", "A-", "A", "A+"])
}
ROMAN = {name: rank for rank, name in enumerate(["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"], 1)}
BAND = re.compile(
    r"^[(\[]?\s*(-?[\d.]+)\s*(?:-|–|—|to|,|\.\.+)\s*(-?[\d.]+|inf)\s*[)\]]?(?: ?[A-Za-z%$€]{1,8})?$", re.I
)
BELOW = re.compile(r"^(?:<=?|≤|under|below|less than|up to|-inf,)\s*(-?[\d.]+)(?: ?[A-Za-z%$€]{1,8})?$", re.I)
ABOVE = re.compile(
    r"^(?:(?:>=?|≥|over|above|more than)\s*(-?[\d.]+)(?: ?[A-Za-z%$€]{1,8})?"
    r"|(-?[\d.]+)\s*(?:\+|plus|and over|and above|and older|or more|or older|years?\+)(?: ?[A-Za-z%$€]{1,8})?)$",
    re.I,
)
COUNTED = re.compile(
    r"^(\d{1,3})(?:st|nd|rd|th)?[ -]?(?:stars?|grade|class|year|level|stage|quarter|place|quintile)$", re.I
)
ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)$", re.I)
NUMBERED = re.compile(
    r"^(?:grade|level|lvl|stage|phase|tier|wave|round|week|day|year|month|quarter|step|visit|session|q)[ _.-]?(\d{1,3})$",
    re.I,
)
QUARTER = re.compile(r"^(\d{4})[ -]?Q([1-4])$", re.I)
RANKED_NAME = re.compile(r"grade|stage|class|level|tier|rank|score|mark|phase", re.I)
LEVELS = 60
SEPARATORS = (";", "|", ",")


def order(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """The column's names in their order, lowest first; empty where no order is known. name: the column's."""
    if not 2 <= len(values) <= LEVELS:
        return ()
    for rank in (_by_scale(values), _by_band(values), _by_number(values), _by_grade(name, values)):
        if rank is not None:
            return tuple(sorted(values, key=lambda value: (rank[value], value)))
    return ()


def _by_scale(values: Sequence[str]) -> dict[str, float] | None:
    words = {value: re.sub(r"[_\s-]+", " ", value.strip().lower()) for value in values}
    for ranks in RANKS:
        if all(word in ranks for word in words.values()):
            found = {value: float(ranks[word]) for value, word in words.items()}
            telling = [word for word in words.values() if word not in WORDS_ALONE]
            if len(set(found.values())) == len(values) and (len(telling) > 1 or len(values) > 2):
                return found
    return None


def _by_band(values: Sequence[str]) -> dict[str, float] | None:
    """Bands of a quantity: 18-24, 25-34, 65+. They must not overlap."""
    bands: dict[str, tuple[float, float]] = {}
    for value in values:
        band, below, above = (pattern.match(value) for pattern in (BAND, BELOW, ABOVE))
        try:
            if band:
                bands[value] = float(band[1]), float(band[2])
            elif below:
                bands[value] = float("-inf"), float(below[1])
            elif above:
                bands[value] = float(above[1] or above[2]), float("inf")
            else:
                return None
        except ValueError:
            return None
    ends = sorted(bands.values())
    apart = all(low < high for low, high in ends) and all(a[1] <= b[0] for a, b in pairwise(ends))
    return {value: low for value, (low, _) in bands.items()} if apart else None


def _by_number(values: Sequence[str]) -> dict[str, float] | None:
    for pattern in (COUNTED, ORDINAL, NUMBERED):
        found = [pattern.match(value) for value in values]
        if all(found):
            ranks = {value: float(match[1]) for value, match in zip(values, found, strict=True) if match}
            return ranks if len(set(ranks.values())) == len(values) else None
    quarters = [QUARTER.match(value) for value in values]
    if all(quarters):
        return {v: float(match[1]) + int(match[2]) / 10 for v, match in zip(values, quarters, strict=True) if match}
    return None


def _by_grade(name: str, values: Sequence[str]) -> dict[str, float] | None:
    if RANKED_NAME.search(name):
        for ranks in (GRADES, ROMAN):
            if all(value in ranks for value in values):
                return {value: float(ranks[value]) for value in values}
    return None


def separator(filled: Texts) -> str:
    """What stands between several choices in one cell; empty where the cells are not like that.

    The choices must be few and recur, their number differ from cell to cell, and their places too: “Paris, France”
    is one thing.
    """
    values = filled[:2_000]
    for mark in SEPARATORS:
        several = [value for value in values if mark in value]
        if len(several) < max(2, len(values) // 5):
            continue
        split = [choices(value, mark) for value in values]
        parts = Counter(part for each in split for part in each)
        places: dict[str, set[int]] = {}
        for each in split:
            for place, part in enumerate(each):
                places.setdefault(part, set()).add(place)
        if (
            all(each and len(set(each)) == len(each) for each in split)
            and max(map(len, parts)) <= 60
            and len({len(each) for each in split}) > 1
            and len(parts) <= LEVELS
            and parts.total() >= 2.5 * len(parts)
            and sum(len(each) > 1 for each in places.values()) * 3 >= len(parts)
        ):
            return mark
    return ""


def choices(cell: str, mark: str) -> list[str]:
    """The choices that a cell holds, trimmed, empty ones left out."""
    return [part.strip() for part in cell.split(mark) if part.strip()]


__all__ = ["SEPARATORS", "choices", "order", "separator"]
