"""The runs of one dataset, each a click away."""

from __future__ import annotations

import streamlit as st

from core.results import Dataset
from dashboard import words
from dashboard.blocks.differences import told_apart
from dashboard.blocks.trials import apart_from_trials, open_search, search_line
from dashboard.charts.markdown import plain
from dashboard.navigation import go, link

MOST = 20
WIDTHS = (5, 2)  # of a run's name and of its buttons: these are as wide as what they say


def run_list(dataset: Dataset) -> None:
    """Earlier runs on this data with their state and what tells them apart; trials of a search stand behind it."""
    runs, searches = apart_from_trials(dataset.id, MOST)
    if not runs and not searches:
        return
    st.markdown("#### Runs on this data")
    for run, apart in zip(runs, told_apart(runs), strict=True):
        text, buttons = st.columns(WIDTHS, vertical_alignment="center")
        with text:
            st.markdown(f"{plain(run.name)} {words.state_badge(run.state)} · {words.ago(run.created_at)}")
            if apart:
                st.caption(plain(apart))
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Open", key=f"list_{run.id}"):
                go("train", run=run.id)
            if st.button("Copy and change", key=f"copy_{run.id}"):
                go("train", dataset=dataset.id, copy=run.id)
    if sum(run.ready for run in runs) > 1:
        link("compare", "Compare what they find", dataset=dataset.id)
    for search in searches:
        text, buttons = st.columns(WIDTHS, vertical_alignment="center")
        with text:
            search_line(search)
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            open_search(search, "list")
