"""The table a page of rows at a time, as text, just as it was read."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.results import Dataset
from dashboard import load, state, words
from dashboard.blocks.selection_menu import rows_shown

ROWS = 50
COLUMNS = 60


def first_rows(dataset: Dataset) -> None:
    """Rows from a chosen one on; of the selected rows only, where that was asked for."""
    narrowed = rows_shown(dataset)
    total = dataset.rows if narrowed is None else len(narrowed)
    if narrowed is not None:
        st.caption(f"Only the {words.count(total, f'selected {dataset.item}')}.")
    start = 1
    if total > ROWS:
        start = int(st.number_input("From row", 1, total, key=f"rows_{dataset.id}_{total}", step=ROWS, width=200))
    names = tuple(column.name for column in dataset.columns)[:COLUMNS]
    rows = np.arange(start - 1, min(total, start - 1 + ROWS))
    rows = rows if narrowed is None else narrowed[rows]
    st.dataframe(load.rows_frame(state.store(), dataset, rows, names), placeholder="(empty)")
    if len(dataset.columns) > COLUMNS:
        st.caption(f"The first {COLUMNS} of {len(dataset.columns):,} columns.")
