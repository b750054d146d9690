"""The running and queued jobs in the sidebar, from any page."""

from __future__ import annotations

import streamlit as st

from dashboard import state
from dashboard.charts.markdown import plain
from dashboard.tick import ticking
from dashboard.words import job_title


def job_badge() -> None:
    """A line a job; ticks only while there is one."""

    def _badge() -> None:
        jobs = state.store().jobs.find(("running", "queued"), limit=4)
        for job in reversed(jobs):
            what = plain(job_title(job))
            if job.state == "queued":
                st.caption(f":material/schedule: {what}: number {job.position} in the queue")
            else:
                st.caption(f":material/play_circle: {what}: {job.fraction:.0%}")

    if state.store().jobs.find(("running", "queued"), limit=1):
        ticking(_badge, 2.0, key="badge")
