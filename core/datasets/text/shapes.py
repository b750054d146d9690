"""What cells look like, and how well a cell fits a column: the judge of dialects, headers and mended rows.

A cell has a *class* (number, moment, address, code, word, text, empty, broken) and a finer *shape*, in which runs of
letters and digits are one sign: “28/01/2018” is 9/9/9, “MG-8769” is a-9.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

NUMBER = re.compile(
    r"[-+−(]?\s?(?:[$€£¥₹]|[A-Z]{3}\s)?\s?[-+−]?(?:\d{1,3}(?:[,.' \u00a0\u202f]\d{3})+|\d+)?(?:[.,]\d*)?(?:[eE][-+]?\d+)?"
    r"\s?(?:%|[$€£¥₹]|[a-zA-Zµ°]{1,3}[²³]?)?\)?-?"
)
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
MOMENT = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[-/ ]" + MONTH + r"[-/ ,]+\d{2,4}"
    r"|" + MONTH + r"\s\d{1,2},?\s\d{4}|(?:[a-z]{3},?\s)?\d{1,2}\s" + MONTH + r"\s\d{4})?"
    r"[T ]?\s?(?:\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:[ap]\.?m\.?)?)?\s?(?:z|utc|gmt|[-+]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://\S+|www\.\S+|[^\s@,;]+@[^\s@,;]+\.[a-z]+|/?(?:[\w.-]+/){2,}[\w.-]*)", re.I
)
CODE = re.compile(r"[\w.\-/#:+()*]+", re.UNICODE)
WORD = re.compile(r"[^\W\d_]+(?:[-'’.][^\W\d_]*)*", re.UNICODE)
RUN_ON = re.compile(r"[,;|\t:](?=\w)(?!\d{3}\b)")  # delimiters where a sentence would have a blank
LETTERS, DIGITS = re.compile(r"[^\W\d_]+", re.UNICODE), re.compile(r"\d+")
PLAUSIBLE = {"number": 1.0, "moment": 1.0, "address": 1.0, "empty": 0.75, "code": 0.85, "word": 0.9, "text": 0.7}
SPACED = 0.02  # of a column's cells begin with a blank where they may
TYPED = frozenset({"number", "moment", "address"})


@lru_cache(maxsize=100_000)
def kind_of(cell: str) -> str:
    """The class of a cell."""
    text = cell.strip()
    if not text:
        return "empty"
    if len(text) > 200:
        return "broken" if len(RUN_ON.findall(text[:1_000])) > 1 else "text"
    if text[0] in "\"'`" or (text[-1] in '"`' and not text[-2:-1].isdigit()):  # 10" is a length
        return "broken"
    if any(mark in text for mark in "0123456789"):
        if NUMBER.fullmatch(text):
            return "number"
        if MOMENT.fullmatch(text):
            return "moment"
    if ADDRESS.fullmatch(text):
        return "address"
    if len(RUN_ON.findall(text)) > 1:
        return "broken"
    if WORD.fullmatch(text):
        return "word"
    if CODE.fullmatch(text):
        return "code"
    if (
        not LETTERS.search(text)
        or any(mark in text for mark in ";|\t^~")
        or (len(text) < 12 and "," in text and not WORD.match(text))
    ):
        return "broken"
    return "text"


@lru_cache(maxsize=100_000)
def shape_of(cell: str) -> str:
    """The shape of a cell: its class and, for what is no text, its marks with letters and digits folded."""
    kind = kind_of(cell)
    if kind in ("empty", "text", "address", "broken"):
        return kind
    return kind + " " + DIGITS.sub("9", LETTERS.sub("a", cell.strip()))[:16]


class Fits:
    """How likely a cell is in each column, learnt from rows that are as they should be."""

    def __init__(self, rows: Sequence[Sequence[str]], width: int) -> None:
        self.width = width
        self.rows = len(rows)
        self.shapes = [Counter(shape_of(row[i]) for row in rows) for i in range(width)]
        self.kinds = [Counter(kind_of(row[i]) for row in rows) for i in range(width)]
        self.values = [Counter(row[i].strip() for row in rows) for i in range(width)]
        self.spaced = [sum(row[i][:1] == " " for row in rows) > SPACED * self.rows for i in range(width)]
        # The words of a column of few values are a stronger sign than their shape.
        self.few = [len(values) <= max(2, self.rows // 5) for values in self.values]
        self._known: list[dict[str, float]] = [{} for _ in range(width)]

    def log(self, cell: str, column: int) -> float:
        """Logarithm of the likelihood of a cell in a column."""
        known = self._known[column]
        found = known.get(cell)
        if found is None:
            found = known[cell] = self._log(cell, column)
            if len(known) > 10_000:
                known.clear()
        return found

    def _log(self, cell: str, column: int) -> float:
        total = self.rows + 1.0
        shape = self.shapes[column][shape_of(cell)] / total
        kind = self.kinds[column][kind_of(cell)] / total
        value = self.values[column][cell.strip()] / total if self.few[column] else shape
        return math.log(0.4 * shape + 0.25 * kind + 0.349 * value + 0.001)

    def main_kind(self, column: int) -> tuple[str, float]:
        """The commonest class among the cells that are not empty, and its share of them."""
        filled = Counter({kind: count for kind, count in self.kinds[column].items() if kind != "empty"})
        total = sum(filled.values())
        if not total:
            return "empty", 1.0
        kind, count = filled.most_common(1)[0]
        return kind, count / total
