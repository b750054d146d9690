"""Which rows a rule hides, and a rule for rows like one that was dismissed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.written import missing, written
from core.results import Bound, Column, Rule
from core.triage.evidence import MIDDLE, Evidence
from core.triage.known import finite

MOST, LEAST = 3, 0.1  # columns of a rule, each with at least this share of the score
COMMON = 0.1  # share of the rows that have a word, from which on it tells nothing of a row
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


def telling(
    columns: Sequence[Column],
    row: Mapping[str, Any],
    others: Mapping[str, NDArray[Any]],
    shares: Sequence[float],
    found: Evidence | None,
) -> list[float]:
    """How much each column makes a row strange, (C,), for `rows_like`: first those with values that are strange by themselves, then those
    with which the score would fall, then by their shares of the score where the value is none that many other rows have.

    found: what the model says of the row, None where it can't be asked; all else as in `rows_like`.
    """
    lone = {each.column for each in found.lone} if found else set()
    drops = {each.column: each.drop for each in found.cells} if found else {}
    out = []
    for column, share in zip(columns, shares, strict=True):
        drop = max(0.0, drops.get(column.name, 0.0))
        if column.name in lone:
            out.append(2 + drop)
        elif drop >= LEAST:
            out.append(1 + drop)
        else:  # kept below all others where it is usual, for the case that all are
            out.append(share * (LEAST / 2 if _usual(column, row[column.name], others[column.name]) else 1))
    return out


def _usual(column: Column, value: Any, others: NDArray[Any]) -> bool:
    """Whether many rows have a value, or one beyond it on either side."""
    if column.kind not in ("number", "datetime") or missing(value) or not math.isfinite(value):
        texts = [written(other, column) for other in others.tolist()]
        return texts.count(written(value, column)) >= COMMON * len(texts)
    some = finite(others)
    low, high = np.quantile(some, MIDDLE) if len(some) else (value, value)
    return bool(low <= value <= high)


def rows_like(
    columns: Sequence[Column],
    row: Mapping[str, Any],
    others: Mapping[str, NDArray[Any]],
    shares: Sequence[float],
    width: str = "usual",
) -> tuple[Bound, ...]:
    """Bounds that ask for the row's own values in the columns that make it strange.

    shares: (C,), how much each does, of its score or by `telling`; others: values of many rows, which say how wide numbers spread; width: of WIDTHS.
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
