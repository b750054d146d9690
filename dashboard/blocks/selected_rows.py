"""The rows selected on the map, strangest first."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard import state, words
from dashboard.blocks.flagged_rows import ROWS, flagged_table, strangest_first, table_columns
from dashboard.blocks.images.wall import wall
from dashboard.blocks.pages import page_of
from dashboard.blocks.run_header import Chosen
from dashboard.navigation import link


def selected_rows(chosen: Chosen, rows: NDArray[np.int64]) -> None:
    """A page of them, and the way to their errors."""
    if len(rows) == 0:
        st.caption("Nothing is selected. Draw a lasso around points to look at them here.")
        return
    st.markdown(f"#### {words.count(len(rows), f'selected {chosen.dataset.item}')}")
    order = strangest_first(chosen, rows)
    if chosen.dataset.pictures is not None:
        wall(chosen, order, key=f"selected_{chosen.run.id}_{len(order)}")
        return
    page = page_of(len(order), ROWS, key="selected_page")
    st.dataframe(flagged_table(chosen, order[page]), column_config=table_columns())
    link("errors", "See their errors", **{"run": chosen.run.id, "view": state.param("view")})
