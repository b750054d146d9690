"""What a page shows while no dataset or run is chosen: choose one, or start at Home."""

from __future__ import annotations

import streamlit as st

from dashboard import state, words
from dashboard.blocks.trials import apart_from_trials, searched
from dashboard.blocks.versions import version
from dashboard.charts.markdown import plain
from dashboard.navigation import go, link

DATASETS, RUNS = 20, 40  # the newest


def dataset_picker(page: str) -> None:
    """A list of datasets that leads back to `page` with one chosen."""
    store = state.store()
    found = store.datasets.find(limit=DATASETS + 1)
    if not found:
        st.info("There is no data yet. Upload a file or try a sample on the Home page.", icon=":material/upload:")
        link("home", "Go to Home")
        return
    st.info("Choose the data to look at.", icon=":material/table:")
    if len(found) > DATASETS:
        search = st.text_input("Search", placeholder="name, note or tag", icon=":material/search:", key="picker_search")
        found = store.datasets.find(search, DATASETS + 1)
        if not found:
            st.markdown("Nothing is called that.")
        elif len(found) > DATASETS:
            st.caption(f"The newest {DATASETS}: the others are found by their names.")
    for dataset in found[:DATASETS]:
        text = f"{plain(dataset.name)} · {words.count(dataset.rows, dataset.item)} · {words.ago(dataset.created_at)}"
        text += version(dataset)
        if st.button(text, key=f"pick_{dataset.id}"):
            go(page, dataset=dataset.id)


def run_picker(page: str) -> None:
    """A list of finished runs that leads back to `page` with one chosen; trials of a search stand behind it."""
    store = state.store()
    dataset_id = state.param("dataset")
    runs, searches = apart_from_trials(dataset_id, RUNS)
    found = [run for run in runs if run.ready]
    searches = [job for job in searches if job.result.get("best")]
    if not found and not searches:
        st.info("There is no finished run yet. Train one, or let Home do it in one step.", icon=":material/play_arrow:")
        link("train", "Go to Train", dataset=dataset_id)
        link("home", "Go to Home")
        return
    st.info("Choose a finished run to look at.", icon=":material/play_arrow:")
    named = {dataset.id: f"{plain(dataset.name)}{version(dataset)}" for dataset in store.datasets.find()}
    for run in found:
        text = f"{plain(run.name)} on {named.get(run.dataset_id, '')} · {words.ago(run.created_at)}"
        if st.button(text, key=f"pick_{run.id}"):
            go(page, run=run.id)
    for job in searches:
        if st.button(f"{searched(job)} on {named.get(job.dataset_id or '', '')}", key=f"pick_{job.id}"):
            go("train", search=job.id)
