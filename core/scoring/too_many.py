"""That a run's threshold flags so much of another file that it is the file which differs, not its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.drift import DriftReport
from core.scoring.trained import Output
from core.words import count

MUCH, TIMES = 0.3, 3.0  # share of the rows, and how many times that of the rows learned from, from which it is said
NAMED, PART = 3, 0.1  # columns that are named: each with at least this part of what the flagged rows score


def too_many(
    output: Output, value: float, learned: float, report: DriftReport, columns: Sequence[str], item: str = "row"
) -> str:
    """In words, with the columns; empty where it is not so. value: the threshold; learned: the share that it flags of the rows
    that the run learned from. Names as they are, not escaped."""
    flagged = output.scores >= value
    share = float(flagged.mean())
    if share < MUCH or share < TIMES * learned:
        return ""
    by_column = item != "image" and 0 < len(columns) == output.column_errors.shape[1]
    alike = report.verdict != "too few rows to tell" and not report.moved  # then no column has another unit
    said = (
        f"The run's threshold flags {share:.0%} of these {item}s, and {learned:.1%} of those that it learned from: most likely the file "
        f"differs{', or the unit of a column changed,' if by_column and not alike else ''} and not so many {item}s are strange by themselves."
    )
    if not by_column:
        return said
    parts = np.asarray(output.column_errors[flagged], np.float64)
    sums = parts.sum(axis=1, keepdims=True)
    mean = np.divide(parts, sums, out=np.zeros_like(parts), where=sums > 0).mean(axis=0)  # (C,)
    order = [i for i in np.argsort(-mean, kind="stable")[:NAMED] if mean[i] >= PART] or [int(mean.argmax())]
    moved: dict[str, str] = {}
    for each in report.columns:
        if each.moved:
            moved.setdefault(each.column, each.in_words())
    named = "; ".join(
        f"“{columns[i]}” {mean[i]:.0%} of their score{f', {moved[columns[i]]}' if columns[i] in moved else ''}"
        for i in order
    )
    if moved and not any(columns[i] in moved for i in order):  # then they are strange beside what did
        return f"{said} Most of it stands in columns that did not change themselves: {named}. To blame is what did: {_listed(moved)}."
    return f"{said} To blame: {named}."


def _listed(moved: Mapping[str, str]) -> str:
    """What changed most, and how many columns more."""
    more = len(moved) - NAMED
    return "; ".join([*moved.values()][:NAMED]) + (f"; and {count(more, 'column')} more" if more > 0 else "")
