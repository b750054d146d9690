"""Training again on what the review found."""

from __future__ import annotations

import streamlit as st

from core.jobs.again import without_confirmed
from core.jobs.launch import ensure_supervisor
from core.triage.judged import CONFIRMED, Judged
from dashboard import state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.run_header import Chosen
from dashboard.navigation import go


def train_again(chosen: Chosen, judged: Judged) -> None:
    """A button that trains once more without the confirmed rows; once it has learned, its comparison with this one opens."""
    confirmed = len(judged.rows(CONFIRMED))
    if st.button(
        "Train again without the confirmed",
        icon=":material/replay:",
        key="train_without_confirmed",
        disabled=confirmed == 0,
        help=f"{words.count(confirmed, 'row')} will teach the network nothing; dismissed ones stay. All rows get a new score."
        if confirmed
        else "Confirm some rows first.",
    ):
        store = state.store()
        with failure_in_place():
            made = without_confirmed(store, chosen.run)
            ensure_supervisor(store.settings)
        go("home", job=made.job_id, run=chosen.run.id)  # with the run the browser's way back finds its queue
