"""Which rows meet the conditions that a user set."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from core.datasets.parsing import Texts, parse_numbers
from core.errors import NotFound, SettingsRefused
from core.specs import Condition


def matches(
    cells: Callable[[str], Texts],
    rows: int,
    conditions: Iterable[Condition],
    selected: Callable[[str], NDArray[np.bool_]],
) -> NDArray[np.bool_]:
    """True for rows that meet any condition, (rows,).

    cells(name) gives a source column as text, selected(id) the rows of a named selection, (rows,). Raises
    SettingsRefused for an unknown column, a bound that is no number, or a selection that was deleted.
    """
    out = np.zeros(rows, bool)
    for condition in conditions:
        if condition.operator == "selected":
            out |= _of_selection(selected, condition.value)
            continue
        try:
            texts = cells(condition.column)
        except KeyError as error:
            raise SettingsRefused(
                f"there is no column “{condition.column}” to leave rows out by",
                where="rows to leave out",
                fix="choose one of the table's columns",
            ) from error
        out |= _meets(texts, condition)
    return out


def _of_selection(selected: Callable[[str], NDArray[np.bool_]], id_: str) -> NDArray[np.bool_]:
    try:
        return selected(id_)
    except NotFound as error:
        raise SettingsRefused(
            "a selection that was to be left out is gone",
            where="rows to leave out",
            fix="take it out, or choose another",
        ) from error


def _meets(texts: Texts, condition: Condition) -> NDArray[np.bool_]:
    empty = np.asarray([text is None for text in texts], bool)
    if condition.operator == "missing":
        return empty
    if condition.operator in ("is", "is not"):
        same = np.asarray([text is not None and text.strip() == condition.value.strip() for text in texts], bool)
        return same if condition.operator == "is" else ~same & ~empty
    bound = parse_numbers(np.asarray([condition.value], object))[0]
    if np.isnan(bound):
        raise SettingsRefused(
            f"“{condition.value}” is no number", where=f"rows to leave out by {condition.column}", fix="type a number"
        )
    numbers = parse_numbers(texts)
    with np.errstate(invalid="ignore"):
        kept: NDArray[np.bool_] = numbers > bound if condition.operator == "above" else numbers < bound
    return kept
