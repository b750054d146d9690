"""How codes are spelt, so that those of another file are taken for what they are: 3 and 3.0, 0501 and 501.

A survey that went through a data frame with gaps comes back with 3.0 for each 3, a list of places that went through a spreadsheet
without its leading zeros. Levels of categories are texts, and would all be unseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.datasets.cells import Texts
from core.results import Column

LEVELS = ("category", "ordered", "coded")
WHOLE, TENTHS, DIGITS = "whole", "tenths", "digits"
PLAIN, DECIMAL = re.compile(r"-?(0|[1-9]\d*)"), re.compile(r"(-?(?:0|[1-9]\d*))\.0+")


def spelling(column: Column) -> str:
    """How the levels of a category are spelt, where all are spelt as whole numbers: without decimals, with one zero behind the point,
    or with so many digits; else empty."""
    labels = [*column.levels, *column.histogram.labels]
    if column.kind not in LEVELS or not labels:
        return ""
    if all(PLAIN.fullmatch(label) for label in labels):
        return WHOLE
    if all(PLAIN.fullmatch(label.removesuffix(".0")) and label.endswith(".0") for label in labels):
        return TENTHS
    wide = {len(label) for label in labels}
    return f"{DIGITS} {wide.pop()}" if len(wide) == 1 and all(map(_digits, labels)) else ""


def spelt(values: Texts, how: str) -> Texts:
    """Different cells, (N,), as levels that are spelt so; what is no whole number stays as it is."""
    say = _sayings(how)
    return np.asarray([None if value is None else say(value) for value in values.tolist()], object)


def _sayings(how: str) -> Callable[[str], str]:
    if how == WHOLE:
        return _whole
    if how == TENTHS:
        return lambda value: f"{whole}.0" if PLAIN.fullmatch(whole := _whole(value)) else value
    width = int(how.removeprefix(DIGITS))
    return lambda value: whole.zfill(width) if PLAIN.fullmatch(whole := _whole(value)) and whole[0] != "-" else value


def _whole(value: str) -> str:
    found = DECIMAL.fullmatch(value.strip())
    return found[1] if found else value


def _digits(label: str) -> bool:
    return label.isascii() and label.isdigit()


def spelt_so(column: Column) -> Column:
    """The column with its levels' spelling for its form, so that cells are read so; as it is where there is none."""
    how = spelling(column)
    return replace(column, form=how) if how else column


def has_spelling(column: Column) -> bool:
    """Whether its form is one of these."""
    return column.kind in LEVELS and column.form.split(" ")[0] in (WHOLE, TENTHS, DIGITS)
