"""The job that counts a profile: queued by itself once, watched while it lives, asked for again where it failed."""

from __future__ import annotations

import streamlit as st

from core.datasets.profile import submit_profile
from core.results import Dataset, Job
from dashboard import state, words
from dashboard.blocks.failure import failure_in_place, show_record
from dashboard.tick import ticking


def newest_job(dataset: Dataset) -> Job:
    """The newest job that counts this dataset; a new one where there never was any. Raises StorageFailed."""
    store = state.store()
    found = store.jobs.find(limit=1, dataset_id=dataset.id, kind="profile")
    return found[0] if found else submit_profile(store, dataset)


def waiting(dataset: Dataset, job: Job) -> None:
    """Its progress, or how it ended with a way to try again."""
    if not job.ended:

        def _now() -> None:
            now = state.store().jobs.get(job.id)
            if now.ended:
                st.rerun()
            _progress(now)

        ticking(_now, 1.0, key=f"profile_{job.id}")
        return
    if job.error:
        show_record(job.error)
    if job.state == "cancelled":
        st.markdown("The profile was not counted: that was cancelled.")
    count_again(dataset)


def _progress(job: Job) -> None:
    if job.state == "queued":
        text = f"The profile of all rows will be counted: number {job.position} in the queue"
    else:
        left = f", {words.duration(job.seconds_left)} left" if job.seconds_left is not None else ""
        text = f"Counting the profile of all rows: {job.message or 'starting'}{left}"
    st.progress(min(1.0, job.fraction), text=text)
    if job.command == "cancel":
        st.caption("It is being cancelled.")
    elif st.button("Cancel", key=f"profile_cancel_{job.id}"):
        state.store().jobs.request(job.id, "cancel")
        st.rerun()


def count_again(dataset: Dataset) -> None:
    """The button that queues the job anew."""
    if st.button("Count the profile", icon=":material/refresh:", key=f"profile_again_{dataset.id}"):
        with failure_in_place():
            submit_profile(state.store(), dataset)
        st.rerun()
