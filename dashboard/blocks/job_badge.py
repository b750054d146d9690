"""The running and queued jobs in the sidebar, from any page, each a way to where it is followed."""

from __future__ import annotations

import streamlit as st

from core.results import Job
from dashboard import state
from dashboard.charts.markdown import plain
from dashboard.navigation import link
from dashboard.tick import ticking
from dashboard.words import job_title


def job_badge() -> None:
    """A line a job; ticks only while there is one."""

    def _badge() -> None:
        jobs = state.store().jobs.find(("running", "queued"), limit=4)
        for job in reversed(jobs):
            _line(job)

    if state.store().jobs.find(("running", "queued"), limit=1):
        ticking(_badge, 2.0, key="badge")


def _line(job: Job) -> None:
    queued = job.state == "queued"
    said = plain(job_title(job)) + (f": number {job.position} in the queue" if queued else f": {job.fraction:.0%}")
    icon = ":material/schedule:" if queued else ":material/play_circle:"
    if job.kind == "train" and job.run_id:
        link("train", said, icon=icon, run=job.run_id)
    elif job.kind == "ingest":
        link("home", said, icon=icon, job=job.id)
    elif job.kind == "search":
        link("train", said, icon=icon, search=job.id)
    else:
        st.caption(f"{icon} {said}")
