"""The run that the Guide is told on, and what its figures need of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.datasets.samples import SAMPLES
from core.errors import NotFound
from core.results import Dataset, Metric, Run, Scores, Threshold
from core.specs import Plan, RunSpec
from dashboard import load, state, words
from dashboard.blocks.failure import show_error
from dashboard.blocks.trials import apart_from_trials
from dashboard.blocks.upload import find_in_sample
from dashboard.charts.guide.codes import spaced
from dashboard.charts.text import headings
from dashboard.navigation import link

OFFERED = 40  # finished runs, the newest
STRANGEST, USUAL = "the strangest", "a usual one"
SAMPLE = "breast_cancer"


@dataclass(frozen=True)
class Told:
    """A finished run. which: whether figures of one row take the strangest or a usual one."""

    run: Run
    dataset: Dataset
    spec: RunSpec
    which: str = STRANGEST

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a row as the network sees it."""
        return tuple(self.run.summary.get("shape") or (int(self.run.summary["width"]),))

    @property
    def plan(self) -> Plan:
        return self.spec.plan(self.shape)

    @property
    def piece(self) -> str:
        """What the network sees at once."""
        return "window" if self.spec.windows is not None else self.dataset.item

    @property
    def metrics(self) -> list[Metric]:
        return state.store().runs.metrics(self.run.id)

    @property
    def best(self) -> int:
        """The epoch whose weights were kept."""
        return int(self.run.summary["best_epoch"])

    @property
    def scores(self) -> Scores:
        return load.scores(state.store(), self.run, self.threshold.scorer)

    @property
    def looked_at(self) -> NDArray[np.float64]:
        """The scores of the rows that were looked at."""
        return np.asarray(self.scores.values[self.scores.scored])

    @property
    def threshold(self) -> Threshold:
        """The newest of the run, which a finished one always has."""
        newest = state.store().thresholds.current(self.run.id)
        assert newest is not None, f"finished run {self.run.id} has no threshold"  # noqa: S101
        return newest

    @property
    def all_codes(self) -> NDArray[np.float32]:
        return load.codes(state.store(), self.run)

    @property
    def codes(self) -> NDArray[np.float32]:
        """Some thousand codes, evenly spaced among all."""
        return self.all_codes[spaced(len(self.all_codes))]

    @property
    def place(self) -> int:
        """Which code, of which row, the figures of one row take."""
        rows = load.map_rows(state.store(), self.run)
        scores = self.scores.values[rows]
        if self.which == STRANGEST:
            return int(np.argmax(scores))
        return int(np.argsort(scores, kind="stable")[len(scores) // 2])

    @property
    def row(self) -> int:
        """That row of the dataset."""
        return int(load.map_rows(state.store(), self.run)[self.place])

    @property
    def who(self) -> str:
        """That row in words."""
        return f"{self.dataset.item} {self.row + 1:,}"


def told_from() -> Told | None:
    """The run of the URL, else the newest finished one, with a box to choose another. None where there is none.

    Of a link's run that is gone it is said, and the figures are drawn from another.
    """
    store, asked = state.store(), None
    try:
        asked = state.run()
    except NotFound as gone:
        show_error(gone)
    found = [run for run in apart_from_trials(None, 5 * OFFERED)[0] if run.ready][:OFFERED]
    if not found:  # trials alone are better than none
        found = [run for run in store.runs.find(limit=OFFERED) if run.ready]
    if asked is not None and asked.ready and asked.id not in {run.id for run in found}:
        found = [asked, *found]
    if not found:
        _no_run()
        return None
    if asked is not None and not asked.ready:
        st.info(
            f"The run of this link {words.STATE_SENTENCES[asked.state]} and has no scores: the figures are drawn from another.",
            icon=":material/hourglass_top:",
        )
    names = {dataset.id: dataset.name for dataset in store.datasets.find()}
    # Told apart: the browser knows an entry by its text alone.
    labels = dict(zip((run.id for run in found), headings(_named(run, names) for run in found), strict=True))
    own = [run for run in found if run.dataset_id == state.param("dataset")]
    start = asked if asked is not None and asked.ready else (own or found)[0]
    picked = st.selectbox(
        "Figures are drawn from the run",
        list(labels),
        list(labels).index(start.id),
        format_func=lambda id_: labels[id_],
        key=f"guide_run_{start.id}",
    )
    if picked != start.id:
        state.set_param("view", None)
        state.set_param("run", picked)
        st.rerun()
    return Told(start, store.datasets.get(start.dataset_id), RunSpec.read(start.spec))


def _named(run: Run, names: dict[str, str]) -> str:
    return f"{run.name} on {names.get(run.dataset_id, 'data')}, {words.date(run.created_at)}"


def _no_run() -> None:
    st.info(
        "There is no finished run yet. Until there is one, figures are drawn from formulas. Find anomalies in a sample, which "
        "takes some seconds, or in a file of your own.",
        icon=":material/play_arrow:",
    )
    find_in_sample(SAMPLE, SAMPLES[SAMPLE])
    link("home", "Go to Home")
