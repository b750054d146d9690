"""Columns of names or texts that are nearly something else: what a user is asked of them.

Most cells are numbers, or dates, but some are neither; or cells may hold several choices. Taken alone, either reading
would often be wrong: “NC” among places of a race may be a name or say that a number is missing.
"""

from __future__ import annotations

import re

import numpy as np

from core.datasets import levels, moments, names, numbers
from core.datasets.cells import Texts
from core.results import Column

DATES, NUMBERS, CHOICES = "Most cells are dates or times", "Most cells are numbers", "Do cells hold several choices"
MOST_DATES, MOST_NUMBERS, MOST_AMOUNTS = 0.7, 0.8, 0.5  # share of the different cells; where the name says amount
FEWEST_DATES, FEWEST_NUMBERS = 4, 5  # different cells
LOOKED_AT, SHAPES = 300, 3  # different cells, and formats that each may be of
MARK = re.compile("“(.)” between them")


def question(column: Column, filled: Texts) -> str:
    """What to ask of a feature that was taken for names or texts; empty where there is no doubt. filled: its different
    cells, without those that say missing."""
    if column.role != "feature" or column.kind not in ("category", "text"):
        return ""
    some = filled[:: max(1, len(filled) // LOOKED_AT)]
    return _dates(some) or _numbers(column.name, some) or _choices(filled)


def mark(question: str) -> str:
    """What stands between the choices that are asked for."""
    found = MARK.search(question)
    if found is None:
        raise ValueError("this question is not one of several choices")
    return found[1]


def _dates(filled: Texts) -> str:
    forms = {form for cell in filled for form in moments.formats(cell)[:SHAPES]}
    dated = np.zeros(len(filled), bool)
    for form in forms:
        dated |= ~np.isnan(moments.under(filled, form))
    if len(filled) < FEWEST_DATES or dated.mean() < MOST_DATES:
        return ""
    others = filled[~dated]
    but = f", but not “{others[0][:30]}”" if len(others) else ", in several formats"
    return f"{DATES}, such as “{filled[dated][0][:30]}”{but}: dates, of which the others are missing, or names?"


def _numbers(name: str, filled: Texts) -> str:
    most = MOST_AMOUNTS if names.about(name) == "amount" else MOST_NUMBERS
    if len(filled) < FEWEST_NUMBERS or numbers.may_be(filled) < most:
        return ""
    if names.says_code(name) or names.says_id(name):
        return ""
    style = numbers.style(name, filled)
    none = np.isnan(numbers.numbers(filled, style.form, style.unit))
    if not none.any() or none.mean() > 1 - most:
        return ""
    shown, other = filled[~none][0][:30], filled[none][0][:30]
    return f"{NUMBERS}, such as “{shown}”, but not “{other}”: numbers, of which the others are missing, or names?"


def _choices(filled: Texts) -> str:
    mark = levels.perhaps(filled)
    return f"{CHOICES}, with “{mark}” between them, or each cell one name?" if mark else ""
