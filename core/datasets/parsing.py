"""Text cells → numbers, booleans and moments, whole columns at a time. None of it guesses: what doesn't parse is NaN."""

from __future__ import annotations

import datetime
import re

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]  # str or None, (N,)

MISSING_WORDS = frozenset({"na", "n/a", "nan", "null", "none", "?", "-", "--", "#n/a", "missing", "."})
TRUE_WORDS = frozenset({"true", "yes", "y", "t", "1", "on"})
FALSE_WORDS = frozenset({"false", "no", "n", "f", "0", "off"})
BOOLEAN_PAIRS = ({"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"}, {"on", "off"}, {"0", "1"})
PLAIN = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$|[-+]?inf(inity)?$", re.IGNORECASE)
COMMA_DECIMAL = re.compile(r"[-+]?(\d{1,3}(\.\d{3})+|\d+),\d+$")
THOUSANDS = re.compile(r"[-+]?\d{1,3}([,' \u00a0\u202f]\d{3})+(\.\d+)?$")
MOMENTS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%f",
)


def parse_numbers(texts: Texts) -> NDArray[np.float64]:
    """Numbers of a column; NaN where a cell is empty or no number. Infinities stay infinite."""
    return np.asarray([_number(text) for text in texts], np.float64)


def _number(text: str | None) -> float:
    if text is None:
        return np.nan
    cell = text.strip()
    if PLAIN.match(cell):
        return float(cell)
    if COMMA_DECIMAL.match(cell):
        return float(cell.replace(".", "").replace(",", "."))
    if THOUSANDS.match(cell):
        return float(re.sub("[,' \u00a0\u202f]", "", cell))
    if cell.endswith("%") and PLAIN.match(cell[:-1].strip()):
        return float(cell[:-1])
    return np.nan


def parse_booleans(texts: Texts) -> NDArray[np.float64]:
    """1, 0, or NaN where a cell is empty or neither."""
    values = {**dict.fromkeys(TRUE_WORDS, 1.0), **dict.fromkeys(FALSE_WORDS, 0.0)}
    return np.asarray([np.nan if text is None else values.get(text.strip().lower(), np.nan) for text in texts])


def moment_format(texts: Texts) -> str | None:
    """The one format under which every non-empty cell is a date or time; None where there is none."""
    cells = [text.strip() for text in texts if text is not None]
    sample = cells[:50]
    for pattern in MOMENTS:
        if not sample or any(_moment(cell, pattern) is None for cell in sample):
            continue
        if all(_moment(cell, pattern) is not None for cell in cells[50:]):
            return pattern
    return None


def parse_moments(texts: Texts) -> NDArray[np.float64]:
    """Seconds since 1970 (UTC) under the column's one format, NaN where empty or of another format."""
    pattern = moment_format(texts)
    if pattern is None:
        counts = {form: sum(t is not None and _moment(t.strip(), form) is not None for t in texts) for form in MOMENTS}
        pattern = max(counts, key=lambda form: counts[form])
    found = [None if text is None else _moment(text.strip(), pattern) for text in texts]
    return np.asarray([np.nan if moment is None else moment for moment in found], np.float64)


def _moment(cell: str, pattern: str) -> float | None:
    if not cell[:1].isdigit():
        return None
    try:
        return datetime.datetime.strptime(cell, pattern).replace(tzinfo=datetime.UTC).timestamp()
    except ValueError:
        return None
