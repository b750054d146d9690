"""That rows are looked at many together, which nobody may have been asked about, and the way out of it."""

from __future__ import annotations

import streamlit as st

from core.jobs.launch import ensure_supervisor
from core.results import Job, Run
from core.specs import RunSpec, suited
from dashboard import state
from dashboard.blocks.failure import failure_in_place
from dashboard.navigation import go


def by_rows(run: Run, job: Job | None = None) -> None:
    """Of a run of a series. job: the training that is under way; it is cancelled where each row shall be looked at by itself."""
    spec = RunSpec.read(run.spec)
    # What is trained again is as it was chosen before; what was scored only has nothing to train.
    if spec.windows is None or run.parent_id is not None or "scored_with" in run.summary:
        return
    st.caption(
        f":material/info: The rows seem to follow one another in time, so they are looked at {spec.windows.length} together: what "
        "is strange may lie in how they do. That takes longer than to look at each row by itself, and a single row that is strange "
        "among quiet ones may count for less."
    )
    if st.button("Each row by itself instead", key=f"by_rows_{run.id}"):
        store = state.store()
        with failure_in_place():
            alone = RunSpec(assume_clean=spec.assume_clean, contamination=spec.contamination, windows=None)
            made = store.runs.submit(run.dataset_id, suited(alone, store.datasets.get(run.dataset_id)))
            if job is not None:
                store.jobs.request(job.id, "cancel")
            ensure_supervisor(store.settings)
        go("home", job=made.job_id)
