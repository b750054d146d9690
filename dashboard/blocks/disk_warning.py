"""Says on every page that the disk is nearly full: until there is room, jobs can't write how far they are."""

from __future__ import annotations

import streamlit as st

from core.settings import LEAST_FREE
from dashboard import state, words
from dashboard.charts.markdown import plain


def disk_warning() -> None:
    """Nothing while there is room."""
    deployment = state.store().settings
    free = deployment.free_bytes
    if free < LEAST_FREE:
        st.warning(
            f"Only {words.size(free)} of disk space are left in {plain(str(deployment.home))}. Free some: until then "
            "jobs stand still or fail, and nothing new can be saved.",
            icon=":material/hard_drive:",
        )
