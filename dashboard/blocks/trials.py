"""The trials of searches, which stand as one line in lists of runs: each is reached through its search."""

from __future__ import annotations

import streamlit as st

from core.results import Job, Run
from dashboard import state, words
from dashboard.navigation import go


def apart_from_trials(dataset_id: str | None, most: int) -> tuple[list[Run], list[Job]]:
    """The newest runs that are no trial of a search, at most so many, and the searches, newest first; on a dataset, or on
    any."""
    store = state.store()
    searches = store.jobs.find(kind="search", dataset_id=dataset_id)
    trials = {trial["run"] for job in searches for trial in job.result.get("trials", [])}
    runs = store.runs.find(dataset_id=dataset_id, limit=most + len(trials))
    return [run for run in runs if run.id not in trials][:most], searches


def searched(job: Job) -> str:
    """How many runs a search has tried, as Markdown."""
    return f":material/search: {words.count(len(job.result.get('trials', [])), 'trial')} of a search"


def search_line(job: Job) -> None:
    """What a search is called in a list."""
    st.markdown(f"{searched(job)} {words.state_badge(job.state)} · {words.ago(job.created_at)}")


def open_search(job: Job, key: str) -> None:
    """The button that leads to it."""
    if st.button("Open", key=f"{key}_{job.id}"):
        go("train", search=job.id)
