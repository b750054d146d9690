"""What each column is: its kind and role, with the reason in words, and its small distribution."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.datasets.parsing import (
    BOOLEAN_PAIRS,
    DAY_FIRST,
    EITHER,
    MONTH_FIRST,
    Distinct,
    Texts,
    booleans,
    distinct,
    fits,
    matching,
    moment_format,
    moments,
    numbers,
    say_missing,
)
from core.errors import InputRefused
from core.results import Column, Histogram, Kind, Role

BINS = 20
BARS = 12
CATEGORY_LEVELS = 50
LABEL_NAMES = frozenset(
    {
        *("label", "labels", "target", "class", "y"),
        *("outlier", "is_outlier", "anomaly", "is_anomaly", "abnormal", "is_abnormal"),
        *("fault", "faulty", "is_fault", "is_faulty", "defect", "defective", "is_defect", "is_defective"),
        *("fraud", "is_fraud", "failure", "is_failure", "attack", "is_attack"),
    }
)
IDENTIFIER_NAME = re.compile(r"(^|[_ ])(id|uuid|guid|key)$|^(id|uuid|guid)([_ ]|$)", re.IGNORECASE)
CODED = re.compile(r"^(0\d+|\d{16,})$")


def infer(cells: pa.Table) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """Kind, role and distribution of every column; and notices about values that a reader should know of."""
    columns: list[Column] = []
    notices: list[str] = []
    for name in cells.column_names:
        column = distinct(cells[name])
        as_numbers = numbers(column.values)
        kind, role, reason = _decide(name, column, as_numbers)
        parsed = as_numbers if kind == "number" else _parsed(kind, column)
        if (
            kind == "datetime"
            and role == "feature"
            and parsed is not None
            and _is_the_rows_order(parsed, column.places)
        ):
            role, reason = "time", f"{reason}; the rows stand in its order, so it says when and not what"
        columns.append(_described(Column(name, kind, role, reason), column, parsed))
        notices += _notices(columns[-1], column, parsed)
    labels = [column.name for column in columns if column.role == "label"]
    if len(labels) > 1:  # only one can be it: leave the choice to the user
        columns = [replace(c, role="feature", reason=c.reason) if c.role == "label" else c for c in columns]
        notices.append(f"several columns look like a label ({', '.join(labels)}): choose one on the Data page")
    if cells.num_rows == 1:
        notices.append("the table has one row; training needs at least 10")
    if cells.num_columns == 1:
        notices.append("the table has one column; a network can find only values that are rare by themselves")
    return tuple(columns), tuple(notices)


def _decide(name: str, cells: Distinct, as_numbers: NDArray[np.float64]) -> tuple[Kind, Role, str]:
    values = cells.values
    words = say_missing(values)
    if len(values) == 0:
        return "constant", "ignored", "every cell is empty"
    if words.all():
        return "constant", "ignored", f"every cell is empty or a word for that: {_some(values)}"
    if len(values) == 1:
        which = "every cell" if (cells.places >= 0).all() else "every cell that is not empty"
        return "constant", "ignored", f"{which} holds the same value"
    kind, reason = _kind(cells, words, as_numbers)
    if name.strip().lower() in LABEL_NAMES and len(values) <= 20:
        return (kind if kind == "boolean" else "category"), "label", f"named “{name}”, with {len(values)} values"
    unique = len(values) == len(cells.places)
    if unique and IDENTIFIER_NAME.search(name):
        return ("coded" if kind == "number" else kind), "identifier", f"named “{name}”, different in every row"
    if unique and kind in ("coded", "text") and len(values) > 20 and not any(" " in cell for cell in values[:200]):
        return kind, "identifier", "one word or code, different in every row"
    return kind, "feature", reason


def _is_the_rows_order(moments: NDArray[np.float64], places: NDArray[np.int64]) -> bool:
    """Whether a log was written in the order of these moments (of the different cells; `places`: each row's)."""
    rows = moments[places[places >= 0]]
    rows = rows[~np.isnan(rows)]
    steps = np.diff(rows)
    return len(rows) > 2 and len(np.unique(rows)) > len(rows) // 2 and bool((steps >= 0).all() or (steps <= 0).all())


def _kind(cells: Distinct, words: NDArray[np.bool_], as_numbers: NDArray[np.float64]) -> tuple[Kind, str]:
    """words: which of the different cells say “missing”; they are missing under every kind but names."""
    values, filled = cells.values, cells.values[~words]
    or_words = f", or {_some(values[words])}" if words.any() else ""
    lower = {cell.lower() for cell in filled[:9]}
    if len(filled) < 9 and lower in [set(pair) for pair in BOOLEAN_PAIRS]:
        return "boolean", f"only {' and '.join(sorted(lower))}{or_words}"
    unread = np.isnan(as_numbers[~words])
    if not unread.any():
        if matching(filled, CODED).any():
            return "coded", "digits with leading zeros, or too many of them for a quantity"
        return "number", f"every cell is a number{or_words}"
    if moment_format(filled) is not None:
        return "datetime", f"every cell is a date or time of one format{or_words}"
    if unread.mean() < 0.02 and len(filled) > 50:
        return "number", f"nearly every cell is a number; not: {_some(filled[unread])}"
    if len(values) <= CATEGORY_LEVELS and len(values) <= max(2, int(cells.counts.sum()) // 2):
        return "category", f"{len(values)} different names"
    return "text", f"{len(values):,} different texts"


def _some(words: Iterable[str]) -> str:
    return ", ".join(word[:30] for word in sorted(words)[:3])


PARSERS: dict[Kind, Callable[[Texts], NDArray[np.float64]]] = {
    "number": numbers,
    "boolean": booleans,
    "datetime": moments,
}


def _parsed(kind: Kind, cells: Distinct) -> NDArray[np.float64] | None:
    """The different cells under a kind, NaN where they are not of it; None for kinds that stay text."""
    parser = PARSERS.get(kind)
    return parser(cells.values) if parser is not None else None


def describe(column: Column, texts: Texts) -> tuple[Column, tuple[str, ...]]:
    """The column with missing count, distinct count, range and histogram under its kind; and what a reader should know.

    Raises InputRefused where no cell is of that kind.
    """
    cells = distinct(texts)
    parsed = _parsed(column.kind, cells)
    if parsed is not None and len(parsed) and np.isnan(parsed).all():
        raise InputRefused(
            f"none of its cells is a {column.kind}; all of them would count as missing",
            where=f"column “{column.name}”, e.g. “{cells.values[0][:30]}”",
            fix="choose another kind, or make the column ignored",
        )
    return _described(column, cells, parsed), tuple(_notices(column, cells, parsed))


def _described(column: Column, cells: Distinct, parsed: NDArray[np.float64] | None) -> Column:
    counts = cells.counts
    unread = np.isnan(parsed) if parsed is not None else np.zeros(len(counts), bool)
    if column.kind == "constant":
        unread = say_missing(cells.values)
    missing = len(cells.places) - int(counts.sum()) + int(counts[unread].sum())
    column = replace(column, missing=missing, distinct=len(cells.values), minimum=None, maximum=None)
    if parsed is not None and column.kind != "boolean":
        rows = cells.spread(parsed)
        finite = rows[np.isfinite(rows)]
        if len(finite):
            low, high = float(finite.min()), float(finite.max())
            return replace(column, minimum=low, maximum=high, histogram=_histogram(finite))
    top = np.argsort(-counts, kind="stable")[:BARS]
    histogram = Histogram(
        counts=tuple(int(counts[i]) for i in top),
        labels=tuple(str(cells.values[i])[:80] for i in top),
        other=int(counts.sum() - counts[top].sum()),
    )
    return replace(column, histogram=histogram)


def _histogram(values: NDArray[np.float64]) -> Histogram:
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


def _notices(column: Column, cells: Distinct, parsed: NDArray[np.float64] | None) -> list[str]:
    about = f"column “{column.name}”"
    if column.kind == "constant" and column.reason.startswith("every cell is empty"):
        return [f"{about} holds nothing and is not used"]
    if parsed is None:
        return []
    out: list[str] = []
    unread = np.flatnonzero(np.isnan(parsed))
    if len(unread):
        counts = cells.counts
        most = unread[np.argsort(-counts[unread], kind="stable")][:4]
        words = ", ".join(f"“{cells.values[i][:30]}” ({counts[i]:,})" for i in most)
        many = int(counts[unread].sum())
        what = {"number": "number", "boolean": "yes or no", "datetime": "date"}[column.kind]
        out.append(
            f"{about}: {many:,} cell{'s are' if many > 1 else ' is'} no {what} and count"
            f"{'' if many > 1 else 's'} as missing: {words}"
        )
    if column.kind == "number":
        out += [f"{about}: {words}" for words in _about_numbers(cells, parsed)]
    if column.kind == "datetime" and moment_format(cells.values) == DAY_FIRST:
        dates = cells.values[~np.isnan(parsed)]
        if fits(dates, MONTH_FIRST):
            out.append(f"{about}: “{dates[0]}” is read as day/month/year; it could be month/day as well")
    return out


def _about_numbers(cells: Distinct, parsed: NDArray[np.float64]) -> list[str]:
    out: list[str] = []
    grouped = next((i for i, cell in enumerate(cells.values) if "," in cell and EITHER.match(cell)), None)
    if grouped is not None and abs(parsed[grouped]) >= 1_000:
        out.append(f"“{cells.values[grouped]}” is read as {parsed[grouped]:.15g}")
    rows = cells.spread(parsed)
    infinite = np.flatnonzero(np.isinf(rows))
    if len(infinite):
        values = "infinite values" if len(infinite) > 1 else "infinite value"
        out.append(f"{len(infinite):,} {values}, first in row {infinite[0] + 1:,}; treated as very large")
    huge = np.flatnonzero(np.isfinite(rows) & (np.abs(rows) >= 1e100))
    if len(huge):
        out.append(f"values beyond 1e100, first in row {huge[0] + 1:,}; check whether they are real")
    return out
