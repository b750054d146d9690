"""Above every page about a run: which run, on which data, seen through which shared view."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.results import Dataset, Run, Scores, Threshold, View
from dashboard import load, state, words
from dashboard.blocks.dataset_picker import run_picker
from dashboard.blocks.questions import questions_link
from dashboard.blocks.versions import version
from dashboard.charts.markdown import plain
from dashboard.navigation import link


@dataclass(frozen=True)
class Chosen:
    """What the analysis pages look at."""

    run: Run
    dataset: Dataset
    scores: Scores
    threshold: Threshold

    @property
    def scorer(self) -> str:
        """The name of the anomaly score that is looked at."""
        return self.threshold.scorer or self.run.scorer


def chosen_run(page: str) -> Chosen:
    """The finished run of the URL with its scores; without one the page ends here with a way to get one."""
    run = state.run()
    if run is None:
        run_picker(page)
        st.stop()
    store = state.store()
    dataset = store.datasets.get(run.dataset_id)
    _shared_banner(page, run, dataset)
    st.markdown(
        f"**{plain(run.name)}** on **{plain(dataset.name)}**{version(dataset)} · {words.count(dataset.rows, dataset.item)} · "
        f"{words.date(run.created_at)} · by {plain(run.author)}"
    )
    if not run.ready:
        still = run.state in ("queued", "running")
        said = "It has no scores yet" if still else "It has no scores"
        st.info(f"This run {words.STATE_SENTENCES[run.state]}. {said}.", icon=":material/hourglass_top:")
        link("train", "See how it is going" if still else "See what happened", run=run.id)
        st.stop()
    if (newer := store.datasets.read_differently(dataset)) is not None:
        st.warning("Read differently since: this run saw the file as it was read then.", icon=":material/history:")
        link("train", "Run it again on the newer reading", dataset=newer.id, copy=run.id)
    for notice in run.summary.get("notices", []):
        st.caption(f":material/info: {plain(notice)}")
    questions_link(dataset)
    threshold = state.threshold(run)
    return Chosen(run, dataset, load.scores(store, run, threshold.scorer), threshold)


def _shared_banner(page: str, run: Run, dataset: Dataset) -> None:
    view = state.view()
    if view is None:
        return
    st.info(
        f"A view shared by {plain(view.author)} on {words.date(view.created_at)}: its threshold and selection are kept "
        f"as they were. {_selected(view, dataset)}.",
        icon=":material/share:",
    )
    link(page, "Leave the shared view", icon=":material/close:", run=run.id)


def _selected(view: View, dataset: Dataset) -> str:
    """The selection that it was made with, in words; of a named one the name that it had then."""
    if not view.row_keys:
        return f"No {dataset.item} was selected"
    name = view.state.get("selection")
    which = f"the selection **{plain(str(name))}** of " if name else ""
    return f"Selected: {which}{words.count(len(view.row_keys), dataset.item)}"
