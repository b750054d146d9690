"""Which rows a rule hides, and a rule for rows like one that was dismissed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.written import missing, written
from core.results import Bound, Column, Rule
from core.triage.known import finite

MOST, LEAST = 3, 0.1  # columns of a rule, each with at least this share of the score
WIDTHS = {"narrow": 0.25, "usual": 0.5, "wide": 1.0}  # of the quartiles' distance, on either side


def holding(rules: Iterable[Rule], now: float) -> list[Rule]:
    """Those that are neither undone nor past their day. now: seconds since 1970."""
    return [rule for rule in rules if rule.undone_at is None and rule.until > now]


def ended(rules: Iterable[Rule], now: float, since: float) -> list[Rule]:
    """Those that nobody undid and whose day passed after `since`, both in seconds since 1970."""
    return [rule for rule in rules if rule.undone_at is None and since < rule.until <= now]


def hidden(rule: Rule, columns: Mapping[str, Column], values: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_] | None:
    """Which rows it hides, (R,). values: of its columns, as `core.results.Table` has them; None where a column is not there."""
    out: NDArray[np.bool_] | None = None
    for bound in rule.bounds:
        if bound.column not in values:
            return None
        met = _met(bound, columns[bound.column], values[bound.column])
        out = met if out is None else out & met
    return out


def _met(bound: Bound, column: Column, values: NDArray[Any]) -> NDArray[np.bool_]:
    if bound.low is not None and bound.high is not None:
        if column.kind not in ("number", "datetime"):  # it is understood in another way since
            return np.zeros(len(values), bool)
        met: NDArray[np.bool_] = (values >= bound.low) & (values <= bound.high)
        return met
    return np.asarray([written(value, column) == bound.text for value in values.tolist()], bool)


def rows_like(
    columns: Sequence[Column],
    row: Mapping[str, Any],
    others: Mapping[str, NDArray[Any]],
    shares: Sequence[float],
    width: str = "usual",
) -> tuple[Bound, ...]:
    """Bounds that ask for the row's own values in the columns that make it strange.

    shares: (C,), of the score; others: values of many rows, which say how wide numbers spread; width: of WIDTHS.
    """
    order = sorted(range(len(columns)), key=lambda i: -shares[i])
    chosen = [i for i in order[:MOST] if shares[i] >= LEAST] or order[:1]
    return tuple(_bound(columns[i], row[columns[i].name], others[columns[i].name], WIDTHS[width]) for i in chosen)


def _bound(column: Column, value: Any, others: NDArray[Any], width: float) -> Bound:
    if column.kind not in ("number", "datetime") or missing(value) or not math.isfinite(value):
        return Bound(column.name, text=written(value, column))
    some = finite(others)
    low, high = np.quantile(some, [0.25, 0.75]) if len(some) else (0.0, 0.0)
    away = width * float(high - low)
    return Bound(column.name, float(value) - away, float(value) + away)


def in_words(bounds: Iterable[Bound], columns: Mapping[str, Column]) -> str:
    """What a rule asks for, such as “weight 150 to 160 and site = north”. Names and values as they are, not escaped."""
    parts = []
    for bound in bounds:
        column = columns.get(bound.column)
        if bound.low is not None and bound.high is not None and column is not None:
            parts.append(f"{bound.column} {written(bound.low, column)} to {written(bound.high, column)}")
        else:
            parts.append(f"{bound.column} = {bound.text or '(empty)'}")
    return " and ".join(parts)
