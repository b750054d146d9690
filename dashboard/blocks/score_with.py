"""Another file through a run that was trained before: offered where its columns are those of the file."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFound
from core.jobs.launch import ensure_supervisor
from core.results import Dataset, Run
from core.scoring.matching import MOST_LACKING
from dashboard import state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.run_header import Chosen
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings
from dashboard.navigation import go, link

MOST = 8  # runs that are offered


def fitting_runs(dataset: Dataset) -> list[Run]:
    """Trained runs on other files that can look at this one, the newest first: those whose learned columns it has, of images of
    the size and colours that they learned from; of a series it needs the run's columns of time and group too."""
    store, here = state.store(), {column.name for column in dataset.columns}
    family = {version.id for version in store.datasets.family(dataset)}
    out = []
    for run in store.runs.find():
        if not run.ready or run.dataset_id in family or "scored_with" in run.summary:
            continue
        if _fits(run, dataset, here):
            out.append(run)
    return out[:MOST]


def _fits(run: Run, dataset: Dataset, here: set[str]) -> bool:
    if "image_score" in run.summary or dataset.pictures is not None:
        size = dataset.pictures and [dataset.pictures.height, dataset.pictures.width, dataset.pictures.channels]
        return "image_score" in run.summary and run.summary["shape"] == size
    learned, windows = run.summary["columns"], run.summary.get("windows")
    if windows is not None:
        return {*learned, *filter(None, (windows["time"], windows["group"]))} <= here
    return sum(name not in here for name in learned) <= MOST_LACKING * len(learned)


def score_with(dataset: Dataset) -> None:
    """The offer, with its button."""
    runs = fitting_runs(dataset)
    if not runs:
        return
    store = state.store()
    with st.container(border=True):
        said = headings(
            f"{run.name}, {words.date(run.created_at)}, on {store.datasets.get(run.dataset_id).name}" for run in runs
        )
        st.markdown(
            f"**{'Images of this size' if dataset.pictures is not None else 'These columns'} were learned before.** The file can be "
            "held against what a run knows, without training."
        )
        pick, button = st.columns([4, 1], vertical_alignment="bottom")
        place = pick.selectbox("Run", range(len(runs)), format_func=said.__getitem__, key=f"score_with_{dataset.id}")
        if button.button("Score with it", type="primary", key=f"score_with_go_{dataset.id}"):
            with failure_in_place():
                made = store.runs.score_with(runs[place], dataset.id)
                ensure_supervisor(store.settings)
            go("home", job=made.job_id)


def scored_banner(chosen: Chosen) -> None:
    """Above the results of a file that was scored only: by which run, and whether its rows are like what that learned."""
    first = chosen.run.summary.get("scored_with")
    if first is None:
        return
    drift = chosen.run.summary["drift"]
    text = plain(drift["sentence"], 900)
    if drift["verdict"] == "the model no longer fits":
        st.error(text, icon=":material/trending_down:")
    elif drift["verdict"] in ("no sign of drift", "too few rows to tell"):
        st.info(text, icon=":material/check:")
    else:
        st.warning(text, icon=":material/trending_up:")
    try:
        state.store().runs.get(first)
    except NotFound:
        st.caption("The run that it was scored with was deleted; what is shown here stays.")
        return
    link("anomalies", "The run that it was scored with", icon=":material/undo:", run=first)
