"""The table a page of rows at a time, as text, just as it was read."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.results import Dataset
from dashboard import load, state

ROWS = 50
COLUMNS = 60


def first_rows(dataset: Dataset) -> None:
    """Rows from a chosen one on."""
    start = 1
    if dataset.rows > ROWS:
        start = int(st.number_input("From row", 1, dataset.rows, key=f"rows_{dataset.id}", step=ROWS, width=200))
    names = tuple(column.name for column in dataset.columns)[:COLUMNS]
    rows = np.arange(start - 1, min(dataset.rows, start - 1 + ROWS))
    st.dataframe(load.rows_frame(state.store(), dataset, rows, names))
    if len(dataset.columns) > COLUMNS:
        st.caption(f"The first {COLUMNS} of {len(dataset.columns):,} columns.")
