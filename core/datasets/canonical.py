"""Cells as what they say, however they are written: 6 and 6.0, 0501 and 501, 31.01.2024 and 2024-01-31, yes and 1.

What is compared over time is these: the same table comes again from another program. Numbers are exact, not rounded to what a
float holds. Cells that are not of their column's kind, and columns of text, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.cells import Texts, distinct, matching
from core.datasets.moments import moments
from core.datasets.numbers import decimals
from core.datasets.parsing import booleans
from core.datasets.spelling import has_spelling, spelt, spelt_so
from core.results import Column

# Numbers of which only the mark and the zeros behind it have to be seen to: nearly all.
PLAIN = {"point": r"^-?(0|[1-9]\d*)(\.\d+)?$", "comma": r"^-?(0|[1-9]\d*)(,\d+)?$"}
CODED = re.compile(r"^(0\d+|\d{16,})$")
DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
FINER = re.compile(r"[.,]\d{6}\d*[1-9]")  # than a moment is, which has microseconds
NULL = pa.scalar(None, pa.string())


def read_as(here: Column, first: Column | None) -> Column:
    """How a file's column is read beside those of an earlier file: under the kind that it had there, in the form in which it is
    written here. Where its own form is in question (1.234 alone may be a thousand), it is read as it was. first: None where it was
    not there."""
    if first is None or first.kind == "constant":
        return here
    words = tuple(sorted({*first.missing_words, *here.missing_words}))
    if here.kind != first.kind or here.question or not here.form:
        return spelt_so(replace(first, missing_words=words))
    return replace(first, missing_words=words, form=here.form, unit=here.unit)


def canonical(cells: pa.Array, column: Column) -> pa.Array:
    """A column's cells, (N,); null where they are missing under it."""
    if column.missing_words:
        missing = pc.is_in(cells, pa.array(column.missing_words, pa.string()))
        cells = pc.if_else(missing, NULL, cells)
    if column.kind in ("number", "constant"):
        return _numbers(cells, column)
    if column.kind == "boolean":
        return _said(cells, _booleans, column)
    if column.kind == "datetime" and column.form:
        return _said(cells, _moments, column)
    if has_spelling(column):
        return _said(cells, lambda values, column: spelt(values, column.form), column)
    return cells


def _numbers(cells: pa.Array, column: Column) -> pa.Array:
    form = column.form or "point"
    if form not in PLAIN:
        return _said(cells, _decimals, column)
    plain = pc.match_substring_regex(cells, PLAIN[form])
    if pc.any(odd := pc.fill_null(pc.invert(plain), False)).as_py():
        cells = pc.replace_with_mask(cells, odd, _said(cells.filter(odd), _decimals, column))
    if form == "comma":
        cells = pc.if_else(plain, pc.replace_substring(cells, ",", "."), cells)
    zeros = pc.and_(pc.and_(plain, pc.ends_with(cells, "0")), pc.match_substring(cells, "."))
    if pc.any(zeros).as_py():
        cells = pc.if_else(zeros, pc.ascii_rtrim(pc.ascii_rtrim(cells, "0"), "."), cells)
    nothing = pc.equal(cells, "-0")
    return pc.if_else(nothing, "0", cells) if pc.any(nothing).as_py() else cells


def _said(cells: pa.Array, say: Callable[[Texts, Column], Texts], column: Column) -> pa.Array:
    """What each cell says, found once for each different one; the cell as it is where that is None."""
    different = distinct(pa.chunked_array([cells], pa.string()))
    if len(different.values) == 0:
        return cells
    said = pa.array(say(different.values, column), pa.string())
    places = pa.array(different.places, mask=different.places < 0)
    return pc.coalesce(said.take(places), cells)


def _decimals(values: Texts, column: Column) -> Texts:
    out = decimals(values, column.form or "point", column.unit)
    if column.kind == "constant":  # one value does not say that it is a number
        out[matching(values, CODED)] = None
    return out


def _booleans(values: Texts, column: Column) -> Texts:
    read = booleans(values)
    return np.asarray([None if np.isnan(value) else str(int(value)) for value in read], object)


def _moments(values: Texts, column: Column) -> Texts:
    out = np.full(len(values), None, object)
    odd = np.flatnonzero(~matching(values, DAY if column.form == "%Y-%m-%d" else FINER))
    seconds = moments(values[odd], column.form)
    there = np.isfinite(seconds)
    at = np.round(seconds[there] * 1e6).astype(np.int64).astype("datetime64[us]")
    texts = np.datetime_as_string(at)
    # A day has no time: 31.01.2024 and 2024-01-31 00:00 are one moment.
    out[odd[there]] = [text.removesuffix("T00:00:00.000000") for text in texts]
    return out
