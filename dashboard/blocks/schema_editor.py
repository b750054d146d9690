"""The columns as a table in which kind and role can be changed; a change makes a new version of the data."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.datasets.ingest import change_columns
from core.results import KINDS, ROLES, Column, Dataset
from dashboard import state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.charts.text import visible
from dashboard.navigation import go

HELP = {
    "kind": "What the values are. number: a quantity. category: one of a few names. coded: digits that are a name.",
    "role": "feature: the network sees it. label: kept out of training, used for colour and evaluation. "
    "identifier: names the row. ignored: not used.",
}


def schema_editor(dataset: Dataset) -> None:
    """Draw the editor; save as a new version when something was changed."""
    before = _frame(dataset.columns)
    after = st.data_editor(
        before,
        key=f"schema_{dataset.id}",
        hide_index=True,
        disabled=["column", "missing", "distinct", "range", "distribution", "why"],
        column_config={
            "column": st.column_config.TextColumn("column", width=120),
            "kind": st.column_config.SelectboxColumn("kind", options=list(KINDS), required=True, help=HELP["kind"]),
            "role": st.column_config.SelectboxColumn("role", options=list(ROLES), required=True, help=HELP["role"]),
            "missing": st.column_config.NumberColumn("missing", width=60, help="Cells without a value."),
            "distinct": st.column_config.NumberColumn("distinct", width=60, help="Different values."),
            "range": st.column_config.TextColumn("range", width=110),
            "distribution": st.column_config.BarChartColumn(
                "distribution", help="Rows per range, or per value, the most frequent first.", y_min=0, width=90
            ),
            "why": st.column_config.TextColumn("why this kind", width=230),
        },
    )
    changes: dict[str, dict[str, str]] = {}
    for i, column in enumerate(dataset.columns):
        changed = {
            what: str(after[what].iloc[i]) for what in ("kind", "role") if after[what].iloc[i] != getattr(column, what)
        }
        if changed:
            changes[column.name] = changed
    save = st.button(
        "Save as a new version",
        type="primary",
        disabled=not changes,
        help="Runs on the present version stay as they are.",
    )
    if save:
        with failure_in_place():
            version = change_columns(state.store(), dataset, changes)
        state.set_leave_out(version.id, state.leave_out(dataset.id))
        go("data", dataset=version.id, leave=state.param("leave"))


def _frame(columns: tuple[Column, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": [visible(column.name) for column in columns],
            "kind": [column.kind for column in columns],
            "role": [column.role for column in columns],
            "missing": [column.missing for column in columns],
            "distinct": [column.distinct for column in columns],
            "range": [_range(column) for column in columns],
            "distribution": [list(column.histogram.counts) for column in columns],
            "why": [visible(column.reason) for column in columns],
        }
    )


def _range(column: Column) -> str:
    if column.minimum is not None and column.maximum is not None:
        if column.kind == "datetime":
            return f"{words.day(column.minimum)} … {words.day(column.maximum)}"
        return f"{column.minimum:.6g} … {column.maximum:.6g}"
    return ", ".join(visible(label[:20]) for label in column.histogram.labels[:3])
