"""What a column holds under its kind: missing and different cells, range, small distribution, and what to say of it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.datasets import moments, numbers
from core.datasets.cells import Distinct, Floats, matching, say_missing
from core.datasets.encoding.scaling import HUGE
from core.datasets.parsing import says_missing
from core.results import Column, Histogram

BINS = 20
BARS = 12
# What core.datasets.encoding.parts.ordered makes of a cell that is not in the order.
WITHOUT_PLACE = (
    "the network sees them at the order's mean, with a mark that they are none of its levels, as it does empty cells"
)
WHAT = {"number": "number", "boolean": "yes or no", "datetime": "date"}


def described(column: Column, cells: Distinct, values: Floats | None) -> Column:
    """The column with missing and distinct count, range and histogram. values: its different cells under its kind."""
    counts = cells.counts
    unread = np.isnan(values) if values is not None else says_missing(column, cells.values)
    missing = cells.rows - int(counts.sum()) + int(counts[unread].sum())
    different = int((~unread).sum()) if values is None else len(np.unique(values[~unread]))
    column = replace(column, missing=missing, distinct=different, minimum=None, maximum=None, huge=0)
    if values is not None and column.kind != "boolean":
        rows = cells.spread(values)
        finite = rows[np.isfinite(rows)]
        if len(finite):
            low, high = float(finite.min()), float(finite.max())
            huge = int((np.abs(finite) > HUGE).sum()) if column.kind == "number" else 0
            return replace(column, minimum=low, maximum=high, histogram=_histogram(finite), huge=huge)
    named = np.flatnonzero(~unread)
    top = named[np.argsort(-counts[named], kind="stable")][:BARS]
    histogram = Histogram(
        counts=tuple(int(counts[i]) for i in top),
        labels=tuple(str(cells.values[i])[:80] for i in top),
        other=int(counts[named].sum() - counts[top].sum()),
    )
    return replace(column, histogram=histogram)


def _histogram(values: Floats) -> Histogram:
    # Scaled before binning: the span of ±1e308 is not a number, and that of 1e18 and its neighbour has no room for bins.
    scale = max(1.0, float(np.abs(values).max()) / 1e100)
    scaled = values / scale
    low = float(scaled.min())
    span = float(scaled.max()) - low
    if span == 0:
        return Histogram(counts=(len(values),), edges=(low * scale, low * scale))
    counts, edges = np.histogram((scaled - low) / span, bins=BINS, range=(0, 1))
    return Histogram(
        counts=tuple(int(n) for n in counts), edges=tuple(float((low + edge * span) * scale) for edge in edges)
    )


def notices(column: Column, cells: Distinct, values: Floats | None) -> list[str]:
    """What a reader should know of the column's cells."""
    about = f"column “{column.name}”"
    if column.kind == "constant" and column.reason.startswith("every cell is empty"):
        return [f"{about} holds nothing"]
    if values is None:
        return [f"{about}: {words}" for words in _about_names(column, cells)]
    out: list[str] = []
    words = says_missing(column, cells.values)
    if words.any():
        many = int(cells.counts[words].sum())
        out.append(
            f"{about}: {many:,} cell{'s count' if many > 1 else ' counts'} as missing: {_counted(cells, np.flatnonzero(words))}"
        )
    unread = np.flatnonzero(np.isnan(values) & ~words)
    if len(unread):
        many = int(cells.counts[unread].sum())
        out.append(
            f"{about}: {many:,} cell{'s are' if many > 1 else ' is'} no {WHAT[column.kind]} and count"
            f"{'' if many > 1 else 's'} as missing: {_counted(cells, unread)}"
        )
    if column.kind == "number":
        out += [f"{about}: {words}" for words in _about_numbers(column, cells, values)]
    if column.kind == "datetime":
        out += [f"{about}: {words}" for words in _about_moments(column, cells, values)]
    return out


def _counted(cells: Distinct, which: NDArray[np.int64]) -> str:
    """The commonest of these cells, with their counts."""
    most = which[np.argsort(-cells.counts[which], kind="stable")][:4]
    return ", ".join(f"“{cells.values[i][:30]}” ({cells.counts[i]:,})" for i in most)


def _about_names(column: Column, cells: Distinct) -> list[str]:
    """Words that may say “missing” are names until the user says otherwise."""
    if column.kind == "constant":
        return []
    out: list[str] = []
    missing = np.flatnonzero(says_missing(column, cells.values))
    if len(missing):
        many = int(cells.counts[missing].sum())
        out.append(f"{many:,} cell{'s count' if many > 1 else ' counts'} as missing: {_counted(cells, missing)}")
    named = np.isin(cells.values.astype(str), np.asarray(column.levels, str))
    words = np.flatnonzero(say_missing(cells.values) & ~says_missing(column, cells.values) & ~named)
    if len(words):
        out.append(f"{_counted(cells, words)} may say that a value is missing; kept as a name until you say so")
    if column.kind == "ordered":
        unknown = np.flatnonzero(~named & ~says_missing(column, cells.values) & ~say_missing(cells.values))
        if len(unknown):
            out.append(f"no place in the order for {_counted(cells, unknown)}: {WITHOUT_PLACE}")
    return out


def _about_moments(column: Column, cells: Distinct, values: Floats) -> list[str]:
    dates = cells.values[~np.isnan(values)]
    if len(dates) == 0:
        return []
    other = moments.swapped(
        (
            column.form,
            *(form for form in moments.formats(dates[0]) if form != column.form and moments.fits(dates, form)),
        )
    )
    if not other or "since the rows" in column.reason:
        return []
    return [f"“{dates[0]}” is read as {_spelled(column.form)}; it could be {_spelled(other, short=True)} as well"]


def spelled(form: str) -> str:
    """A column's form in words: day/month/year, a decimal comma."""
    if "%" in form:
        return _spelled(form) or form
    return {"comma": "a decimal comma", "point": "a decimal point", "duration": "hours, minutes and seconds"}.get(
        form, form
    )


def _spelled(form: str, short: bool = False) -> str:
    words = {"%d": "day", "%m": "month", "%b": "month", "%B": "month", "%y": "year", "%Y": "year"}
    parts = [words[piece] for piece in re.findall("%[dmbByY]", form)]
    return "/".join(parts[:2] if short else parts)


def _about_numbers(column: Column, cells: Distinct, values: Floats) -> list[str]:
    out: list[str] = []
    either = numbers.DOT_EITHER if column.form == "comma" else numbers.EITHER
    grouped = np.flatnonzero(matching(cells.values, either))
    if len(grouped) and abs(values[grouped[0]]) >= 1_000:
        out.append(f"“{cells.values[grouped[0]]}” is read as {values[grouped[0]]:.15g}")
    bounds = np.flatnonzero(numbers.censored(cells.values) & ~np.isnan(values))
    if len(bounds):
        many = int(cells.counts[bounds].sum())
        out.append(
            f"{many:,} cell{'s give' if many > 1 else ' gives'} a bound and count as it: {_counted(cells, bounds)}"
        )
    marked = np.flatnonzero((numbers.footnotes(cells.values, column.form, column.unit) != "") & ~np.isnan(values))
    if len(marked):
        many = int(cells.counts[marked].sum())
        what = "have a mark beside the number, which is" if many > 1 else "has a mark beside the number, which is"
        out.append(f"{many:,} cell{'s' if many > 1 else ''} {what} left out: {_counted(cells, marked)}")
    if column.unit and (bare := _without_unit(column, cells, values)):
        out.append(f"{bare:,} cell{'s have' if bare > 1 else ' has'} no unit and count as {column.unit}")
    rows = cells.spread(values)
    infinite = np.flatnonzero(np.isinf(rows))
    if len(infinite):
        words = "infinite values" if len(infinite) > 1 else "infinite value"
        out.append(f"{len(infinite):,} {words}, first in row {infinite[0] + 1:,}; treated as very large")
    huge = np.flatnonzero(np.isfinite(rows) & (np.abs(rows) >= 1e100))
    if len(huge):
        out.append(f"values beyond 1e100, first in row {huge[0] + 1:,}; check whether they are real")
    return out


def _without_unit(column: Column, cells: Distinct, values: Floats) -> int:
    """Rows whose cell is a bare number where others have a unit behind it; 0 where none has, as the header says it."""
    bare = ~np.isnan(numbers.numbers(cells.values, column.form, "")) & ~np.isnan(values)
    return 0 if bare.sum() == (~np.isnan(values)).sum() else int(cells.counts[bare].sum())
