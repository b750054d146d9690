"""Which columns go together: the heatmap of all pairs, the strongest in words, the chosen one in a sample of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st
from numpy.typing import NDArray

from core.datasets.typed import typed_table
from core.profiles import Pair, Profile
from core.results import Column, Dataset
from core.storage.store import Store
from dashboard import state, words
from dashboard.charts.profile.distributions import OTHERS
from dashboard.charts.profile.together import WEAKEST, Axis, boxes, crossed, pairs_table, scatter, strengths, strongest
from dashboard.charts.text import visible
from dashboard.charts.theme import PLOTLY_CONFIG

SAMPLE = 2_000
SEED = 0
GROUPS = 12
LISTED = 200
ORDERED = ("number", "datetime")
MEASURES = (
    "Strength, 0 to 1: between two numbers or dates the rank correlation (Spearman), between a number and groups the "
    "correlation ratio, between groups Cramér's V. It says that columns go together, never that one causes the other."
)


def together(dataset: Dataset, found: Profile) -> None:
    """The heatmap, the strongest pairs, the one that is chosen, and what was not compared."""
    record = found.associations
    if record.pairs:
        st.plotly_chart(strengths(record), config=PLOTLY_CONFIG, key=f"strengths_{dataset.id}")
        st.caption(MEASURES)
        _pairs(dataset, found)
        with st.expander("The same as a table"):
            listed = strongest(record, LISTED, least=0.0)
            st.dataframe(_table(listed, found), hide_index=True, column_config=_table_columns())
            if len(record.pairs) > len(listed):
                st.caption(f"The {len(listed):,} strongest of {len(record.pairs):,} pairs.")
    else:
        st.markdown("No two columns could be compared.")
    if record.left_out:
        with st.expander(f"{words.count(len(record.left_out), 'column')} not compared"):
            without = [(visible(name), visible(why)) for name, why in record.left_out[:LISTED]]
            st.dataframe(pd.DataFrame(without, columns=["column", "why"]), hide_index=True)
            if len(record.left_out) > LISTED:
                st.caption(f"The first {LISTED:,}.")


def _pairs(dataset: Dataset, found: Profile) -> None:
    """The strongest pairs in words, and the chosen one (the first, until one is chosen)."""
    pairs = strongest(found.associations)
    if not pairs:
        st.markdown(f"No two columns go together with a strength of {WEAKEST} or more.")
        return
    st.markdown("**The strongest pairs**")
    picked = st.dataframe(
        _table(pairs, found),
        key=f"pairs_{dataset.id}",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [0], "columns": [], "cells": []}},
        column_config=_table_columns(),
    )
    rows = picked["selection"]["rows"]
    if rows and rows[0] < len(pairs):
        _one(dataset, pairs[rows[0]])
    else:
        st.caption("Tick a pair to see it.")


def _table(pairs: list[Pair], found: Profile) -> pd.DataFrame:
    return pairs_table(pairs, {column.name: column.kind for column in found.columns})


def _table_columns() -> dict[str, Any]:
    return {
        "strength": st.column_config.ProgressColumn("strength", width=110, format="%.2f", min_value=0, max_value=1),
        "column": st.column_config.TextColumn("column", width=120),
        "other column": st.column_config.TextColumn("other column", width=120),
        "how": st.column_config.TextColumn("how", width=330),
        "rows": st.column_config.NumberColumn("rows", width=70, format="localized", help="In which both have a value."),
    }


def _one(dataset: Dataset, pair: Pair) -> None:
    """The pair in a sample of rows."""
    store = state.store()
    columns = (dataset.column(pair.first), dataset.column(pair.second))
    cells, rows = _sample(store, dataset, store.space, dataset.cells_address, (pair.first, pair.second))
    st.plotly_chart(pair_chart(columns, cells, rows), config=PLOTLY_CONFIG, key=f"pair_{dataset.id}")
    if dataset.rows > SAMPLE:
        st.caption(f"{SAMPLE:,} of {dataset.rows:,} rows, drawn at random (always the same ones).")


@st.cache_resource(show_spinner="Drawing a sample of rows …", max_entries=32)
def _sample(
    _store: Store, _dataset: Dataset, space: str, address: str, names: tuple[str, str]
) -> tuple[pa.Table, NDArray[np.int64]]:
    """Two columns' cells in some rows, and the rows' places."""
    rows = np.arange(_dataset.rows)
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(SEED).choice(len(rows), SAMPLE, replace=False))
    return _store.datasets.some_rows(_dataset, rows, list(names)), rows


def pair_chart(columns: tuple[Column, Column], cells: pa.Table, rows: NDArray[np.int64]) -> go.Figure:
    """Points for two columns of numbers, boxes for numbers in groups, a heatmap for groups in groups."""
    first, second = columns
    values = typed_table(cells, columns, rows.astype(str)).values
    ordered = [column for column in columns if column.kind in ORDERED]
    if len(ordered) == 2:
        both = np.isfinite(values[first.name]) & np.isfinite(values[second.name])
        points = [Axis(column.name, column.kind, values[column.name][both], column.unit) for column in columns]
        return scatter(points[0], points[1], rows[both] + 1)
    texts = {column.name: grouped(_texts(cells, values, column)) for column in columns if column.kind not in ORDERED}
    if not ordered:
        return crossed(pd.crosstab(texts[first.name], texts[second.name]), (first.name, second.name))
    numbers = ordered[0]
    groups = second if numbers is first else first
    finite = np.isfinite(values[numbers.name])
    frame = pd.DataFrame({"group": texts[groups.name], "value": values[numbers.name]})[finite]
    return boxes(
        {str(label): part["value"].to_numpy() for label, part in frame.dropna().groupby("group", sort=False)},
        groups.name,
        Axis(numbers.name, numbers.kind, frame["value"].to_numpy(), numbers.unit),
    )


def _texts(cells: pa.Table, values: dict[str, NDArray[Any]], column: Column) -> NDArray[np.object_]:
    """A column's cells as text, None where missing; a boolean's as they were typed."""
    out: NDArray[np.object_] = cells[column.name].to_numpy(zero_copy_only=False).copy()
    missing = np.isnan(values[column.name]) if column.kind == "boolean" else pd.isna(values[column.name])
    out[missing] = None
    return out


def grouped(texts: NDArray[np.object_], most: int = GROUPS) -> pd.Series:
    """The texts with the most frequent in order of how many rows have them, all others as one; NA where missing."""
    found = pd.Series(texts, dtype=object)
    labels = list(found.value_counts().index[:most])
    rest = found.notna() & ~found.isin(labels)
    shown = [OTHERS] if rest.any() else []
    codes = found.map({label: i for i, label in enumerate(labels)}).where(~rest, len(labels))
    # By place, not by text: a group of the data may be called like ours.
    names = _different([visible(str(label)) for label in labels] + shown)
    return pd.Series(pd.Categorical.from_codes(codes.fillna(-1).to_numpy(int), categories=pd.Index(names)))


def _different(names: list[str]) -> list[str]:
    """Labels that look alike once they can be seen, told apart by their number."""
    counts = pd.Series(names).duplicated()
    return [f"{name} ({i + 1})" if again else name for i, (name, again) in enumerate(zip(names, counts, strict=True))]
