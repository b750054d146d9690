"""The runs of one dataset, each a click away."""

from __future__ import annotations

import streamlit as st

from core.results import Dataset
from dashboard import state, words
from dashboard.charts.markdown import plain
from dashboard.navigation import go


def run_list(dataset: Dataset) -> None:
    """Earlier runs on this data with their state."""
    runs = state.store().runs.find(dataset_id=dataset.id, limit=20)
    if not runs:
        return
    st.markdown("#### Runs on this data")
    for run in runs:
        text, button, copy = st.columns([6, 1, 1.4], vertical_alignment="center")
        with text:
            st.markdown(f"{plain(run.name)} {words.state_badge(run.state)} · {words.ago(run.created_at)}")
        with button:
            if st.button("Open", key=f"list_{run.id}"):
                go("train", run=run.id)
        with copy:
            if st.button("Copy and change", key=f"copy_{run.id}"):
                go("train", dataset=dataset.id, copy=run.id)
