"""What each column is: its kind and role, with the reason in words, and its small distribution."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.datasets.parsing import BOOLEAN_PAIRS, MISSING_WORDS, Texts, moment_format, parse_moments, parse_numbers
from core.results import Column, Histogram, Kind, Role

BINS = 20
BARS = 12
CATEGORY_LEVELS = 50
LABEL_NAMES = frozenset(
    {"label", "labels", "target", "class", "outlier", "is_outlier", "anomaly", "is_anomaly", "fraud", "is_fraud", "y"}
)
IDENTIFIER_NAME = re.compile(r"(^|[_ ])(id|uuid|guid|key)$|^(id|uuid|guid)([_ ]|$)", re.IGNORECASE)
CODED = re.compile(r"0\d+$|\d{16,}$")


def infer(cells: pa.Table) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """Kind, role and distribution of every column; and notices about values that a reader should know of."""
    columns: list[Column] = []
    notices: list[str] = []
    for name in cells.column_names:
        texts = cells[name].to_numpy(zero_copy_only=False)
        kind, role, reason = _decide(name, texts)
        columns.append(describe(Column(name, kind, role, reason), texts))
        notices += _notices(columns[-1], texts)
    labels = [column.name for column in columns if column.role == "label"]
    if len(labels) > 1:  # only one can be it: leave the choice to the user
        columns = [replace(c, role="feature", reason=c.reason) if c.role == "label" else c for c in columns]
        notices.append(f"several columns look like a label ({', '.join(labels)}): choose one on the Data page")
    return tuple(columns), tuple(notices)


def _decide(name: str, texts: Texts) -> tuple[Kind, Role, str]:
    present = [text.strip() for text in texts if text is not None]
    distinct = set(present)
    if not distinct:
        return "constant", "ignored", "every cell is empty"
    if len(distinct) == 1:
        return "constant", "ignored", "every cell holds the same value"
    kind, reason = _kind(texts, present, distinct)
    if name.strip().lower() in LABEL_NAMES and len(distinct) <= 20:
        return (kind if kind == "boolean" else "category"), "label", f"named “{name}”, with {len(distinct)} values"
    unique = len(distinct) == len(texts)
    if unique and IDENTIFIER_NAME.search(name):
        return ("coded" if kind == "number" else kind), "identifier", f"named “{name}”, different in every row"
    if unique and kind in ("coded", "text") and len(texts) > 20 and not any(" " in cell for cell in present[:200]):
        return kind, "identifier", "one word or code, different in every row"
    return kind, "feature", reason


def _kind(texts: Texts, present: list[str], distinct: set[str]) -> tuple[Kind, str]:
    lower = {cell.lower() for cell in distinct}
    if lower in [set(pair) for pair in BOOLEAN_PAIRS]:
        return "boolean", f"only {' and '.join(sorted(lower))}"
    words = {cell for cell in distinct if cell.lower() in MISSING_WORDS}
    values = distinct - words
    numbers = parse_numbers(np.asarray(sorted(values), object))
    if values and not np.isnan(numbers).any():
        if any(CODED.match(cell) for cell in values):
            return "coded", "digits with leading zeros, or too many of them for a quantity"
        return "number", "every cell is a number" + (f", or {', '.join(sorted(words))}" if words else "")
    if moment_format(np.asarray(present, object)) is not None:
        return "datetime", "every cell is a date or time of one format"
    if values and np.isnan(numbers).mean() < 0.02 and len(values) > 50:
        odd = sorted(cell for cell, number in zip(sorted(values), numbers, strict=True) if np.isnan(number))
        return "number", f"nearly every cell is a number; not: {', '.join(odd[:3])}"
    if len(distinct) <= CATEGORY_LEVELS and len(distinct) <= max(2, len(present) // 2):
        return "category", f"{len(distinct)} different names"
    return "text", f"{len(distinct):,} different texts"


def describe(column: Column, texts: Texts) -> Column:
    """The column with missing count, distinct count, range and histogram under its kind."""
    present = [text.strip() for text in texts if text is not None]
    counts = Counter(present)
    if column.kind in ("number", "datetime"):
        numbers = parse_numbers(texts) if column.kind == "number" else parse_moments(texts)
        finite = numbers[np.isfinite(numbers)]
        if len(finite):
            return replace(
                column,
                missing=int(np.isnan(numbers).sum()),
                distinct=len(counts),
                minimum=float(finite.min()),
                maximum=float(finite.max()),
                histogram=_histogram(finite),
            )
    top = counts.most_common(BARS)
    return replace(
        column,
        missing=len(texts) - len(present),
        distinct=len(counts),
        minimum=None,
        maximum=None,
        histogram=Histogram(
            counts=tuple(count for _, count in top),
            labels=tuple(label[:80] for label, _ in top),
            other=len(present) - sum(count for _, count in top),
        ),
    )


def _histogram(values: NDArray[np.float64]) -> Histogram:
    # Scaled before binning: the span of ±1e308 is not a number.
    scale = max(1.0, float(np.abs(values).max()) / 1e100)
    counts, edges = np.histogram(values / scale, bins=BINS)
    return Histogram(counts=tuple(int(n) for n in counts), edges=tuple(float(edge) for edge in edges * scale))


def _notices(column: Column, texts: Texts) -> list[str]:
    if column.kind != "number":
        return (
            ["column “" + column.name + "” holds nothing and is not used"]
            if column.reason.startswith("every cell is empty")
            else []
        )
    numbers = parse_numbers(texts)
    out: list[str] = []
    unread = Counter(t.strip() for t, n in zip(texts, numbers, strict=True) if t is not None and np.isnan(n))
    if unread:
        words = ", ".join(f"“{word[:30]}” ({count:,})" for word, count in unread.most_common(4))
        out.append(
            f"column “{column.name}”: {sum(unread.values()):,} cells are no number and count as missing: {words}"
        )
    infinite = np.flatnonzero(np.isinf(numbers))
    if len(infinite):
        out.append(
            f"column “{column.name}”: {len(infinite):,} infinite values, first in row {infinite[0] + 1:,}; they are "
            "treated as very large"
        )
    huge = np.flatnonzero(np.isfinite(numbers) & (np.abs(numbers) >= 1e100))
    if len(huge):
        out.append(
            f"column “{column.name}”: values beyond 1e100, first in row {huge[0] + 1:,}; check whether they are real"
        )
    return out
