"""Verdicts of others, seen while the page is open."""

from __future__ import annotations

import streamlit as st

from core.results import Dataset
from dashboard import state
from dashboard.tick import ticking

SECONDS = 1.0


def watch(dataset: Dataset) -> None:
    """Draw the page anew when somebody else said something."""
    seen = state.store().verdicts.stamp(dataset.lineage_id)

    def _look() -> None:
        if state.store().verdicts.stamp(dataset.lineage_id) != seen:
            st.rerun()

    ticking(_look, SECONDS, key="verdicts")
