"""Rows to leave out of training: conditions on source columns."""

from __future__ import annotations

from typing import get_args

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.datasets.rows import matches
from core.errors import SettingsRefused
from core.results import Column, Dataset
from core.specs import Condition
from dashboard import load, state, words
from dashboard.blocks.failure import show_error
from dashboard.charts.text import headings, visible

OPERATORS = [name for name in get_args(Condition.model_fields["operator"].annotation) if name != "selected"]
MOST = 8


def leave_out(
    dataset: Dataset, start: tuple[Condition, ...], key: str
) -> tuple[tuple[Condition, ...], NDArray[np.bool_]]:
    """The conditions as they stand in the form, and which rows meet any of them, (N,). Remembered as they change."""
    names = [column.name for column in dataset.columns]
    shown_as = dict(zip(names, headings(names), strict=True))
    whole = [condition.value for condition in start if condition.operator == "selected"]
    start = tuple(condition for condition in start if condition.operator != "selected")
    for condition in start:
        if condition.column not in names:
            show_error(
                SettingsRefused(
                    f"rows can't be left out by “{condition.column}”: there is no such column",
                    where=dataset.name,
                    fix="choose one of its columns",
                )
            )
    start = tuple(condition for condition in start if condition.column in names)
    with st.expander("Leave rows out of training", expanded=bool(start or whole)):
        st.caption("A row that meets any condition is not trained on. It is scored all the same.")
        conditions = _selections(dataset, whole, key)
        count = int(st.number_input("Conditions", 0, MOST, len(start), key=f"{key}_conditions"))
        for i in range(count):
            given = start[i] if i < len(start) else Condition(column=names[0], operator="is")
            column, operator, value = st.columns([3, 2, 3])
            with column:
                at = names.index(given.column)
                chosen = st.selectbox("Column", names, at, format_func=shown_as.__getitem__, key=f"{key}_column_{i}")
            with operator:
                how = st.selectbox("Condition", OPERATORS, OPERATORS.index(given.operator), key=f"{key}_operator_{i}")
            with value:
                before = given.value if chosen == given.column else ""
                text = _value(dataset.columns[names.index(chosen)], how, before, f"{key}_value_{i}")
            conditions.append(Condition(column=chosen, operator=how, value="" if how == "missing" else text))
        state.set_leave_out(dataset.id, conditions)  # before anything is said about them
        try:
            out = matches(
                lambda name: load.column_cells(state.store(), dataset, name),
                dataset.rows,
                conditions,
                lambda id_: load.rows_of_selection(state.store(), dataset, id_),
            )
        except SettingsRefused as error:
            show_error(error)
            return tuple(conditions), np.zeros(dataset.rows, bool)
        if conditions:
            st.caption(f"{words.count(int(out.sum()), dataset.item)} of {dataset.rows:,} will be left out.")
    return tuple(conditions), out


def _selections(dataset: Dataset, chosen: list[str], key: str) -> list[Condition]:
    """Whole selections that were kept under a name; one that is gone stays, so that it is said."""
    kept = {selection.id: selection for selection in state.store().selections.of_dataset(dataset)}
    if not kept and not chosen:
        return []
    said = dict(zip(kept, headings(f"{each.name} ({each.rows:,})" for each in kept.values()), strict=True))
    picked = st.multiselect(
        "Selections",
        [*kept, *(id_ for id_ in chosen if id_ not in kept)],
        chosen,
        format_func=lambda id_: said.get(id_, "a selection that was deleted"),
        key=f"{key}_selections",
    )
    return [Condition(operator="selected", value=id_) for id_ in picked]


def _value(column: Column, how: str, given: str, key: str) -> str:
    """The value to compare with: one of the column's usual values where it has few, or any other."""
    if how in ("is", "is not") and column.histogram.labels:
        usual = list(column.histogram.labels)
        if given and given not in usual:
            usual.insert(0, given)
        at = usual.index(given) if given in usual else 0
        chosen = st.selectbox(
            "Value", usual, at, format_func=visible, accept_new_options=True, key=f"{key}_of_{column.name}"
        )
        return str(chosen or "")
    return st.text_input("Value", given, key=key, disabled=how == "missing")
