"""Text cells → numbers, booleans and moments, whole columns at a time. What doesn't parse is NaN.

Work is done once for each different cell of a column, then spread over its rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Texts = NDArray[np.object_]  # str or None, (N,)
Floats = NDArray[np.float64]

MISSING_WORDS = frozenset(
    {"na", "n/a", "nan", "null", "none", "?", "-", "--", "missing", "."}
    | {"#n/a", "#value!", "#div/0!", "#ref!", "#name?", "#num!", "#null!"}
)
TRUE_WORDS = frozenset({"true", "yes", "y", "t", "1", "on"})
FALSE_WORDS = frozenset({"false", "no", "n", "f", "0", "off"})
BOOLEAN_PAIRS = ({"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"}, {"on", "off"}, {"0", "1"})
PLAIN = re.compile(r"^(?:[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|[-+]?inf(inity)?)$", re.IGNORECASE)
COMMA = re.compile(r"[-+]?(\d{1,3}([.' \u00a0\u202f]\d{3})+|\d+)(,\d+)?(e[-+]?\d+)?$", re.IGNORECASE)
POINT = re.compile(r"[-+]?\d{1,3}([,' \u00a0\u202f]\d{3})+(\.\d+)?$")
GROUPS = re.compile("[.,' \u00a0\u202f]")
EITHER = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+$")  # 1,234: thousands, unless other cells have a decimal comma
DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"
MOMENTS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d",
    "%d.%m.%Y",
    DAY_FIRST,
    MONTH_FIRST,
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%d %H:%M:%S.%f%z",
)
SAMPLE = 50


@dataclass(frozen=True)
class Distinct:
    """A column as its different cells, trimmed, in order of appearance, and where they stand."""

    values: Texts  # (D,) str
    places: NDArray[np.int64]  # (N,) position in `values`; -1 where the row's cell is empty

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each stands, (D,)."""
        return np.bincount(self.places[self.places >= 0], minlength=len(self.values))

    def spread(self, parsed: Floats) -> Floats:
        """One entry a different cell → one a row, NaN where empty."""
        return np.append(parsed, np.nan)[self.places]


def distinct(texts: Texts | pa.ChunkedArray) -> Distinct:
    """The different cells of a column."""
    column = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else pa.array(texts, pa.string())
    trimmed = pc.utf8_trim_whitespace(column)
    trimmed = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    coded = trimmed.dictionary_encode()
    places = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Distinct(coded.dictionary.to_numpy(zero_copy_only=False), places)


def parse_numbers(texts: Texts) -> Floats:
    """Numbers of a column; NaN where a cell is empty or no number. Infinities stay infinite."""
    cells = distinct(texts)
    return cells.spread(numbers(cells.values))


def numbers(values: Texts) -> Floats:
    """The numbers of a column's different cells. Whether a comma is a decimal mark is decided for all of them."""
    out = np.full(len(values), np.nan)
    plain = matching(values, PLAIN)
    comma = any(_is_decimal_comma(cell) for cell in values[~plain])
    if not comma:
        out[plain] = [float(cell) for cell in values[plain]]
    slow = np.arange(len(values)) if comma else np.flatnonzero(~plain)
    out[slow] = [_number(cell, comma) for cell in values[slow]]
    return out


def matching(values: Texts, pattern: re.Pattern[str]) -> NDArray[np.bool_]:
    """Which cells the pattern matches, upper case or lower."""
    found = pc.match_substring_regex(pa.array(values, pa.string()), pattern.pattern, ignore_case=True)
    out: NDArray[np.bool_] = found.to_numpy(zero_copy_only=False).astype(bool)
    return out


def say_missing(values: Texts) -> NDArray[np.bool_]:
    """Which cells are words for a missing value."""
    lower = pc.utf8_lower(pa.array(values, pa.string()))
    out: NDArray[np.bool_] = pc.is_in(lower, pa.array(sorted(MISSING_WORDS))).to_numpy(zero_copy_only=False)
    return out.astype(bool)


def _is_decimal_comma(cell: str) -> bool:
    bare = cell.removesuffix("%").rstrip()
    marks = "," in bare or bare.count(".") > 1
    return marks and COMMA.match(bare) is not None and EITHER.match(bare) is None


def _number(cell: str, comma: bool) -> float:
    bare = cell.removesuffix("%").rstrip()
    if comma and COMMA.match(bare):
        whole, _, fraction = bare.partition(",")
        return float(GROUPS.sub("", whole) + ("." + fraction if fraction else ""))
    if PLAIN.match(bare):
        return float(bare)
    if POINT.match(bare):
        whole, _, fraction = bare.partition(".")
        return float(GROUPS.sub("", whole) + "." + fraction)
    return np.nan


def parse_booleans(texts: Texts) -> Floats:
    """1, 0, or NaN where a cell is empty or neither."""
    cells = distinct(texts)
    return cells.spread(booleans(cells.values))


def booleans(values: Texts) -> Floats:
    """1, 0 or NaN for each of a column's different cells."""
    known = {**dict.fromkeys(TRUE_WORDS, 1.0), **dict.fromkeys(FALSE_WORDS, 0.0)}
    return np.asarray([known.get(cell.lower(), np.nan) for cell in values], np.float64)


def parse_moments(texts: Texts) -> Floats:
    """Seconds since 1970 (UTC) under the column's one format, NaN where empty or of another format."""
    cells = distinct(texts)
    return cells.spread(moments(cells.values))


def moments(values: Texts) -> Floats:
    """Seconds since 1970 (UTC) of a column's different cells, under the format that fits most of them."""
    pattern = moment_format(values)
    if pattern is None:
        pattern = max(MOMENTS, key=lambda form: int((~np.isnan(under(values, form))).sum()))
    return under(values, pattern)


def moment_format(values: Texts) -> str | None:
    """The one format under which every cell, save words for missing, is a date or time; None where there is none."""
    cells = values[~say_missing(values)]
    return next((form for form in MOMENTS if fits(cells, form)), None)


def fits(cells: Texts, pattern: str) -> bool:
    """Whether every cell, and there is one, is a date or time of that format."""
    if len(cells) == 0 or np.isnan(under(cells[:SAMPLE], pattern)).any():
        return False
    return not np.isnan(under(cells[SAMPLE:], pattern)).any()


def under(cells: Texts, pattern: str) -> Floats:
    """Seconds since 1970 (UTC) under a format, NaN where a cell is not of it."""
    # Words such as “now” would be read as this moment.
    digits = pd.Series([cell if cell[:1].isdigit() else None for cell in cells], dtype=object)
    found = pd.to_datetime(digits, format=pattern, errors="coerce", utc=True)
    # Microseconds: nanoseconds end in the year 2262.
    at = found.dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    seconds: Floats = np.where(np.isnat(at), np.nan, at.astype(np.int64) / 1e6)
    return seconds
