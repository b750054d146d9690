"""One level spelled in several ways: upper and lower case, blanks, accents, a letter off."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from core.datasets.profile.facts import Facts, shown
from core.datasets.profile.suspicions import Check, Suspicion, suspicion

KINDS = ("category", "ordered")
MOST_LEVELS = 20_000
MOST_FOR_LETTERS = 3_000
SHORTEST = 5  # letters of a word in which one may be off
TIMES = 20  # how many times as frequent the right spelling is
SHOWN = 3


def look(facts: Facts) -> Iterable[Suspicion]:
    """Levels that differ in nothing but their spelling; rare ones a letter off a frequent one."""
    if facts.column.kind not in KINDS or not 1 < len(facts.cells) <= MOST_LEVELS:
        return
    groups: dict[str, list[int]] = defaultdict(list)
    for i in np.flatnonzero(~facts.missing):
        groups[folded(facts.texts[i])].append(int(i))
    several = [places for key, places in groups.items() if len(places) > 1 and len(key) > 1]
    if several:
        several.sort(key=lambda places: -sum(facts.counts[i] for i in places))
        yield _said(facts, [_by_count(facts, places) for places in several], "are spelled in several ways", 0.8)
    if len(facts.cells) <= MOST_FOR_LETTERS:
        told = {i for places in several for i in places}
        near = [[often, rare] for rare, often in _letter_off(facts) if rare not in told]
        if near:
            yield _said(facts, near, "are a letter off a frequent one", 0.65)


def folded(text: str) -> str:
    """A level without case, accents and what is no letter or digit at its words' edges."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(
        re.findall(r"[^\W_]+|[^\w\s_.,;:'’/()-]+", "".join(c for c in plain if not unicodedata.combining(c)))
    )


def _by_count(facts: Facts, places: list[int]) -> list[int]:
    return sorted(places, key=lambda i: -facts.counts[i])


def _said(facts: Facts, groups: list[list[int]], what: str, doubt: float) -> Suspicion:
    """The rarer spellings of each group are the cells in doubt."""
    which = np.zeros(len(facts.cells), bool)
    which[[i for group in groups for i in group[1:]]] = True
    named = "; ".join(
        " and ".join(f"“{shown(facts.texts[i])}” ({facts.counts[i]:,})" for i in group[:SHOWN])
        for group in groups[:SHOWN]
    )
    many = f"{len(groups):,} levels" if len(groups) > 1 else "1 level"
    what = what if len(groups) > 1 else what.replace("are", "is", 1)
    return suspicion(facts, which, f"{many} {what}: {named}", doubt)


def _letter_off(facts: Facts) -> Iterator[tuple[int, int]]:
    """Rare levels and the frequent one that has one letter more, less, other, or two neighbours exchanged."""
    words = {int(i): facts.texts[i].casefold() for i in np.flatnonzero(~facts.missing)}
    frequent: dict[str, int] = {}
    for i in sorted(words, key=lambda i: facts.counts[i]):
        if facts.counts[i] >= TIMES and len(words[i]) <= 60:
            for each in (words[i], *_without_one(words[i])):
                frequent[each] = i  # the most frequent one last
    if not frequent:
        return
    for i, word in words.items():
        if len(word) > 60:
            continue
        for each in (word, *_without_one(word)):
            often = frequent.get(each)
            if often is None or often == i or facts.counts[often] < TIMES * facts.counts[i]:
                continue
            if one_letter_off(word, words[often]):
                yield i, often
                break


def _without_one(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1 :] for i in range(len(word)))


def one_letter_off(first: str, second: str) -> bool:
    """Whether one of the words, of letters and long enough, differs by one edit, and nothing else does."""
    ours, theirs = first.split(), second.split()
    if len(ours) != len(theirs):
        return False
    other = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    if len(other) != 1:
        return False
    a, b = other[0]
    if min(len(a), len(b)) < SHORTEST or not (a.isalpha() and b.isalpha()):
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[start:], b[start:]
    if a[:2] == b[1::-1] and a[2:] == b[2:] and len(a) > 1:
        return True
    # A last letter more or less is another form of the word: singular and plural, man and woman.
    return bool(a[1:]) and bool(b[1:]) and (a[1:] == b[1:] or a[1:] == b or a == b[1:])


SUSPICION = Check("different spellings", look)
