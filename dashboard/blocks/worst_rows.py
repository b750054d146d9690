"""The distribution of all scores, and the worst rows against the source columns."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard import state
from dashboard.blocks.run_header import Chosen
from dashboard.charts.errors import error_heatmap, error_heatmap_table, score_histogram, score_histogram_table
from dashboard.charts.theme import PLOTLY_CONFIG

WORST = 30


def distribution(chosen: Chosen) -> None:
    """The histogram of scores with the threshold."""
    logarithmic = st.toggle("Logarithmic scores", value=True, key="errors_log")
    values, cut = chosen.scores.values[chosen.scores.scored], chosen.threshold.value
    st.plotly_chart(
        score_histogram(values, cut, log=logarithmic, item=chosen.dataset.item),
        config=PLOTLY_CONFIG,
        key="score_histogram",
    )
    with st.expander("The same as a table"):
        st.dataframe(score_histogram_table(values, cut, log=logarithmic), hide_index=True)


def worst(chosen: Chosen, most: int | None = WORST) -> NDArray[np.int64]:
    """The selected rows where there are any, else the strangest; strangest first, so many of them."""
    order = np.argsort(-chosen.scores.values, kind="stable")
    if len(picked := state.selected(chosen.dataset.id, chosen.scores.row_keys)):
        order = order[np.isin(order, picked)]
    return order[:most]


def worst_rows(chosen: Chosen) -> None:
    """The heatmap of rows × source columns."""
    rows = worst(chosen)
    if len(state.selection(chosen.dataset.id)):
        st.caption("Rows selected on the map.")
        if st.button("Show the strangest of all rows instead", key="clear_selection"):
            state.select(chosen.dataset.id, np.empty(0, str))
            st.rerun()
    errors = np.asarray(chosen.scores.column_errors[rows])
    labels = [f"row {row + 1}" for row in rows]
    st.plotly_chart(error_heatmap(errors, chosen.scores.columns, labels), config=PLOTLY_CONFIG, key="error_heatmap")
    with st.expander("The same as a table"):
        st.dataframe(error_heatmap_table(errors, chosen.scores.columns, labels))
