"""Columns of two values that may be the label under another name: what a user is asked of them.

By the name, when a file is read, the column is taken for the label, so that nothing is learned from it in silence. Else a run
may find that the strangest rows are those with its rarer value; such a column was learned from, and says so afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.datasets import names
from core.datasets.cells import Texts, matching
from core.results import Column

ASKED = "Does it say what is an anomaly"  # how the question begins
MOST = 3  # columns with such a name; more are a battery of findings, as of sensors, and no label
KINDS = ("number", "boolean", "category", "ordered", "coded")
WHOLE = re.compile(r"^[+-]?\d{1,3}(\.0+)?$")
# Of the rows with the rarer value: how many there are at least, what share of all they are at most (any column of two values that
# is hardly ever the other one is strange there, and not all such are worth a question), and what share of as many
# strangest rows they must be.
FEWEST, RARE, NEARLY_ALL = 5, 0.05, 0.9


def is_named(column: Column, filled: Texts) -> bool:
    """Whether a feature has two names as values, or such numbers as stand for names, and is itself named like a label.
    filled: its different cells, without those that say missing."""
    if column.role != "feature" or column.kind not in KINDS or len(filled) != 2:
        return False
    return names.says_label(column.name) and (column.kind != "number" or bool(matching(filled, WHOLE).all()))


def asked(columns: Sequence[Column]) -> list[Column]:
    """The columns with the question on those of two names that are named so: the last of them is taken for the label, the
    others are left out. As they are where there is a label, or too many are named so."""
    two = [column for column in columns if column.distinct == 2 and column.kind in ("boolean", "category")]
    found = [column.name for column in two if column.role == "feature" and names.says_label(column.name)]
    if not 1 <= len(found) <= MOST or any(column.role == "label" for column in columns):
        return list(columns)
    question = f"{ASKED}, so that nothing may be learned from it, or was it measured like the other columns?"
    return [
        replace(column, role="label" if column.name == found[-1] else "ignored", question=question, confidence=0.6)
        if column.name in found
        else column
        for column in columns
    ]


def is_asked(column: Column) -> bool:
    """Whether it is this that is asked of the column."""
    return column.question.startswith(ASKED)


def settled(column: Column) -> Column:
    """The column where another one was said to be the label."""
    return replace(column, role="feature", question="", confidence=0.9) if is_asked(column) else column


def among_strangest(texts: NDArray[np.object_], scores: NDArray[np.float64]) -> tuple[int, int] | None:
    """Of a column's cells, (N,): how many rows with its rarer value are among as many strangest rows, and how many have it.

    None where there are not two values, or the strangest are mostly others.
    """
    filled = np.asarray([text is not None for text in texts], bool)
    values, counts = np.unique(texts[filled].astype(str), return_counts=True)
    if len(values) != 2 or not FEWEST <= counts.min() <= RARE * len(texts):
        return None
    rare = int(counts.min())
    strangest = np.argsort(-scores, kind="stable")[:rare]
    inside = int((texts[strangest] == values[counts.argmin()]).sum())
    return (inside, rare) if inside >= NEARLY_ALL * rare else None


def question_of_run(inside: int, rare: int) -> str:
    """What to ask of such a column."""
    return f"{ASKED}? Its rarer value stands in {inside:,} of the {rare:,} strangest rows."
