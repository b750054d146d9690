"""Names that have an order, and cells that hold several choices: found by well-known scales, bands and numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.datasets.cells import Texts
from core.datasets.scales import SCALES

RANKS = tuple({word: rank for rank, words in enumerate(scale) for word in words.split("|")} for scale in SCALES)
WORDS_ALONE = frozenset({"no", "one", "s", "m", "l", "second", "may", "mar", "sun", "first"})
GRADES = {
    grade: rank
    for rank, grade in enumerate(["F", "E", "D-", "D", "D+", "C-", "C", "C+", "B-", "B", "B+", "A-", "A", "A+"])
}
ROMAN = {name: rank for rank, name in enumerate(["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"], 1)}
UNIT = r"(?: ?[^\W\d_]{1,12}| ?[%$€]){0,2}"  # behind a number: years, € a month, personas
# Joined in English, Spanish or Portuguese, French, German, Italian.
BAND = re.compile(
    r"^[(\[]?(?:from|between|de|entre|von|zwischen|da)?\s*(-?[\d.]+)(?:\s*(?:-|–|—|,|\.\.+)\s*|\s*to\s*|\s+(?:a|al|à|bis|hasta)\s+)"
    rf"(-?[\d.]+|inf)\s*[)\]]?{UNIT}$",
    re.I,
)
# “5 and 10” is a band only behind a word that says so.
BETWEEN = re.compile(
    rf"^(?:between|entre|zwischen|tra|fra)\s+(-?[\d.]+)\s+(?:and|y|e|et|und)\s+(-?[\d.]+){UNIT}$", re.I
)
BELOW = re.compile(
    r"^(?:<=?|≤|under|below|less than|fewer than|up to|menos de|hasta|menor de|moins de|jusqu'à|unter|weniger als|bis zu|bis"
    rf"|meno di|fino a|-inf,)\s*(-?[\d.]+){UNIT}$",
    re.I,
)
ABOVE = re.compile(
    rf"^(?:(?:>=?|≥|over|above|more than|más de|mas de|mais de|plus de|über|mehr als|ab|oltre|più di)\s*(-?[\d.]+){UNIT}"
    rf"|(-?[\d.]+){UNIT}\s*(?:\+|plus|and over|and above|and older|and more|or more|or older|years?\+|y más|y mas|o más|o mas|ou mais"
    rf"|et plus|ou plus|und mehr|und älter|oder mehr|e oltre|e più){UNIT})$",
    re.I,
)
MONEY = re.compile(r"[$€£]\s?|(?<=\d)[,'](?=\d{3}(?!\d))|(?<=\d)\s?K\b", re.I)  # $25,000, 40K
COUNTED = re.compile(
    r"^(\d{1,3})(?:st|nd|rd|th)?[ -]?(?:stars?|grade|class|year|level|stage|quarter|place|quintile)$", re.I
)
ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)$", re.I)
NUMBERED = re.compile(
    r"^(?:grade|level|lvl|stage|phase|tier|wave|round|week|day|year|month|quarter|step|visit|session|q)[ _.-]?(\d{1,3})$",
    re.I,
)
WEEK = re.compile(r"^(\d{4})[ -]?W(\d\d)$", re.I)  # 2024-W05
RANKED_NAME = re.compile(r"grade|stage|class|level|tier|rank|score|mark|phase", re.I)
LEVELS = 60
MOSTLY = 0.95  # share of cells, of which few may be somebody's own
LONGEST = 150  # characters of a choice
# Answers that give none: they have no place in an order and do not hide it.
NO_ANSWER = frozenset(
    {
        *(
            "prefer not to say",
            "prefer not to answer",
            "don't know",
            "dont know",
            "do not know",
            "no answer",
            "refused",
        ),
        *("keine angabe", "k.a.", "k. a.", "weiß nicht", "weiss nicht", "ne sait pas", "no sabe", "no contesta"),
    }
)
SEPARATORS = (";", "|", ",", "/", "、", "，", "；", " ")  # the last between Chinese and Japanese words alone
HAN_OR_KANA = re.compile(r"[\u3005-\u30ff\u3400-\u9fff ]+")
IN_BRACKETS = re.compile(r"[\[{(] *(['\"].*['\"])? *[\]})]")  # ['tea', 'milk'], as programs write lists


def order(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """The column's names in their order, lowest first; empty where no order is known. name: the column's."""
    values = [value for value in values if value.strip().lower() not in NO_ANSWER]
    if not 2 <= len(values) <= LEVELS:
        return ()
    for rank in (_by_scale(values), _by_band(values), _by_money(values), _by_number(values), _by_grade(name, values)):
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
        band = band or BETWEEN.match(value)
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


def _by_money(values: Sequence[str]) -> dict[str, float] | None:
    """Bands of money: $25,000 - $49,999."""
    bare = [MONEY.sub("", value) for value in values]
    ranks = _by_band(bare) if len(set(bare)) == len(values) else None
    return {value: ranks[plain] for value, plain in zip(values, bare, strict=True)} if ranks else None


def _by_number(values: Sequence[str]) -> dict[str, float] | None:
    for pattern in (COUNTED, ORDINAL, NUMBERED):
        found = [pattern.match(value) for value in values]
        if all(found):
            ranks = {value: float(match[1]) for value, match in zip(values, found, strict=True) if match}
            return ranks if len(set(ranks.values())) == len(values) else None
    weeks = {value: match for value in values if (match := WEEK.match(value))}
    if len(weeks) < len(values):
        return None
    return {value: float(match[1]) + int(match[2]) / 100 for value, match in weeks.items()}


def _by_grade(name: str, values: Sequence[str]) -> dict[str, float] | None:
    if RANKED_NAME.search(name):
        for ranks in (GRADES, ROMAN):
            if all(value in ranks for value in values):
                return {value: float(ranks[value]) for value in values}
    return None


def separator(filled: Texts) -> str:
    """What stands between several choices in one cell; empty where the cells are not like that.

    The choices must be few and recur, their number differ from cell to cell, and their places too (“Paris, France” is
    one thing), or cells end with the mark, as forms write them. What stands once is somebody's own answer.
    """
    values = filled[:2_000]
    for mark, split, counts in _taken_apart(values):
        if sum(mark in value for value in values) < max(2, len(values) // 5):
            continue
        recurring, wander = _recurring(split, counts)
        closed = mark != "," and sum(value.endswith(mark) for value in values) * 2 >= len(values)
        if (
            all(each and len(set(each)) == len(each) for each in split)
            and counts.total() >= 2 * len(counts)
            and max(map(len, recurring)) <= LONGEST
            and len({len(each) for each in split}) > 1
            and len(counts) <= LEVELS
            and (wander * 3 >= len(counts) or closed)
        ):
            return mark
    return ""


def perhaps(filled: Texts) -> str:
    """As `separator`, of cells that may hold several choices, with commas inside them or many that stand once."""
    values = filled[:2_000]
    for mark, split, counts in _taken_apart(values):
        if mark == "/":  # one thing and its other name, far too often
            continue
        if sum(len(each) > 1 for each in split) < max(2, len(values) // 5):
            continue
        recurring, wander = _recurring(split, counts)
        again = sum(counts[part] for part in recurring)
        if wander > 1 and 3 * wander >= len(recurring) and 2 * again >= counts.total():
            return mark
    return ""


def _taken_apart(values: Texts) -> Iterator[tuple[str, list[list[str]], Counter[str]]]:
    """For each mark the choices of each cell, and how often each choice stands."""
    for mark in SEPARATORS:
        if not any(mark in value for value in values) or (mark == " " and not _without_spaces(values)):
            continue
        split = [choices(value, mark) for value in values]
        yield mark, split, Counter(part for each in split for part in each)


def _without_spaces(values: Texts) -> bool:
    """Whether the cells are in a script that puts no space between the words of one name."""
    return sum(bool(HAN_OR_KANA.fullmatch(value)) for value in values) >= MOSTLY * len(values)


def _recurring(split: list[list[str]], counts: Counter[str]) -> tuple[list[str], int]:
    """The choices that stand more than once, and how many of these stand at different places of a cell."""
    places: dict[str, set[int]] = {}
    for each in split:
        for place, part in enumerate(each):
            places.setdefault(part, set()).add(place)
    recurring = [part for part, count in counts.items() if count > 1]
    return recurring, sum(len(places[part]) > 1 for part in recurring)


def choices(cell: str, mark: str) -> list[str]:
    """The choices that a cell holds, trimmed, empty ones left out."""
    if mark == "," and (listed := IN_BRACKETS.fullmatch(cell)):
        return [bare for part in (listed[1] or "").split(mark) if (bare := part.strip().strip("'\""))]
    return [part.strip() for part in cell.split(mark) if part.strip()]


__all__ = ["SEPARATORS", "choices", "order", "perhaps", "separator"]
