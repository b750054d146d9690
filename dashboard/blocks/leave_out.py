"""Rows to leave out of training: conditions on source columns."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st

from core.datasets.rows import matches
from core.errors import SettingsRefused
from core.results import Dataset
from core.specs import Condition
from dashboard import load, state, words
from dashboard.blocks.failure import show_error

OPERATORS = list(get_args(Condition.model_fields["operator"].annotation))
MOST = 8


def leave_out(dataset: Dataset, start: tuple[Condition, ...], key: str) -> tuple[list[dict[str, Any]], int]:
    """The conditions as they stand in the form, and how many rows meet any of them."""
    names = [column.name for column in dataset.columns]
    with st.expander("Leave rows out of training", expanded=bool(start)):
        st.caption("A row that meets any condition is not trained on. It is scored all the same.")
        count = int(st.number_input("Conditions", 0, MOST, len(start), key=f"{key}_conditions"))
        conditions: list[dict[str, Any]] = []
        for i in range(count):
            given = start[i] if i < len(start) else Condition(column=names[0], operator="is")
            column, operator, value = st.columns([3, 2, 3])
            with column:
                at = names.index(given.column) if given.column in names else 0
                chosen = st.selectbox("Column", names, at, key=f"{key}_column_{i}")
            with operator:
                how = st.selectbox("Condition", OPERATORS, OPERATORS.index(given.operator), key=f"{key}_operator_{i}")
            with value:
                text = st.text_input("Value", given.value, key=f"{key}_value_{i}", disabled=how == "missing")
            conditions.append({"column": chosen, "operator": how, "value": "" if how == "missing" else text})
        try:
            left = int(
                matches(
                    lambda name: load.column_cells(state.store(), dataset, name),
                    dataset.rows,
                    [Condition(**condition) for condition in conditions],
                ).sum()
            )
        except SettingsRefused as error:
            show_error(error)
            return conditions, 0
        if conditions:
            st.caption(f"{words.count(left, 'row')} of {dataset.rows:,} will be left out.")
    return conditions, left
