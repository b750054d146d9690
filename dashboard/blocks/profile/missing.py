"""What is missing: how much, where in the file, and in which columns together."""

from __future__ import annotations

import streamlit as st

from core.profiles import Profile
from core.results import Dataset
from dashboard import words
from dashboard.charts.markdown import plain
from dashboard.charts.profile.distributions import share
from dashboard.charts.profile.missing import (
    patterns_table,
    stretches,
    stretches_table,
    together,
    together_table,
    worst,
)
from dashboard.charts.theme import PLOTLY_CONFIG

PAIRS = 200


def missing(dataset: Dataset, found: Profile) -> None:
    """A sentence, the heatmap along the rows, the combinations, the correlation."""
    counted = {column.name: column.missing for column in found.columns if column.missing}
    if not counted:
        st.markdown("No cell is missing.")
        return
    record = found.missing
    gaps = found.rows - record.complete
    st.markdown(
        f"{words.count(gaps, 'row')} of {found.rows:,} ({share(gaps, found.rows)}) {'has' if gaps == 1 else 'have'} "
        f"a gap. Emptiest: {plain(worst(record, counted, found.rows))}."
    )
    if len(record.columns) < len(counted):
        st.caption(f"The {len(record.columns)} emptiest of {len(counted):,} columns with gaps.")
    st.plotly_chart(stretches(record, found.rows), config=PLOTLY_CONFIG, key=f"stretches_{dataset.id}")
    with st.expander("The same as a table"):
        st.dataframe(stretches_table(record, found.rows), hide_index=True)
    if len(record.columns) < 2:
        return
    st.markdown("**What goes missing in the same row**")
    st.dataframe(
        patterns_table(record, found.rows),
        hide_index=True,
        column_config={
            "share": st.column_config.ProgressColumn("share", width=120, format="percent", min_value=0, max_value=1),
            "rows": st.column_config.NumberColumn("rows", width=80, format="localized"),
            "missing in the same row": st.column_config.TextColumn("missing in the same row", width=420),
        },
    )
    pairs = together_table(record)
    if pairs.empty:
        return
    st.plotly_chart(together(record), config=PLOTLY_CONFIG, key=f"missing_together_{dataset.id}")
    st.caption(
        "1: always missing in the same rows. 0: one says nothing about the other. −1: never both, never neither."
    )
    with st.expander("The same as a table"):
        st.dataframe(pairs[:PAIRS], hide_index=True)
