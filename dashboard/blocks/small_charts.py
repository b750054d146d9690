"""Small charts side by side, as many in a line as the screen has room for: one chart of them all is cut on a phone."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.charts.markdown import plain
from dashboard.charts.training import Small

WIDTH = 168  # pixels: two on a phone, four at 1280


def small_charts(charts: Sequence[Small], key: str) -> None:
    """Draw them, in a part that may be drawn anew every second."""
    with st.container(horizontal=True):
        for chart in charts:
            with st.container(width=WIDTH, gap=None):
                st.caption(plain(chart.name))
                st.vega_lite_chart(chart.frame, chart.spec, key=f"{key}_{chart.name}")
