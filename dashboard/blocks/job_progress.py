"""A job that a page waits for beside its other content: where it stands, looked at each second until it ends."""

from __future__ import annotations

import streamlit as st

from core.results import Job
from dashboard import state, words
from dashboard.blocks.failure import show_record
from dashboard.tick import ticking


def job_progress(job: Job, what: str) -> None:
    """Its place in the queue or how far it is and how long it will take, after the words for it, with a button that cancels it;
    once it has ended the page is drawn anew."""

    def _now() -> None:
        now = state.store().jobs.get(job.id)
        if now.ended:
            st.rerun()
        place = f"number {now.position} in the queue" if now.state == "queued" else now.message
        left = f", {words.duration(now.seconds_left)} left" if now.seconds_left is not None else ""
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(1.0, now.fraction), text=f"{what}: {place}{left}")
            cancelled = st.button("Cancel", key=f"cancel_{job.id}")
        if cancelled:
            state.store().jobs.request(job.id, "cancel")
            st.rerun()

    ticking(_now, 1.0, key=f"{job.kind}_{job.id}")


def still_going(job: Job | None, what: str) -> bool:
    """Whether a job that a page waits for has not ended, with its progress; of one that failed, why."""
    if job is None:
        return False
    if not job.ended:
        job_progress(job, what)
        return True
    if job.error:
        show_record(job.error)
    return False
