"""A file on its way to flagged rows: reading, training, then straight to the Anomalies page, or to what training again changed."""

from __future__ import annotations

import streamlit as st

from core.results import Job
from dashboard import state, words
from dashboard.blocks.confirm_delete import confirm_delete
from dashboard.blocks.failure import failure_in_place, show_record
from dashboard.blocks.live_run import learning
from dashboard.blocks.refused_file import refused_file
from dashboard.blocks.series.by_rows import by_rows
from dashboard.charts.markdown import plain
from dashboard.navigation import go, link
from dashboard.tick import ticking


def live_work(job_id: str) -> None:
    """The progress of an ingest job and of the run that it started."""
    steps = _steps(job_id)
    running = any(not job.ended for job in steps)
    if running:
        st.set_page_config(page_title="● working · Hourglass")

    def _live() -> None:
        jobs = _steps(job_id)
        st.title(_heading(jobs[-1]))
        for done in jobs[:-1]:
            st.caption(f":material/check: {words.job_title(done)} is done.")
        _draw(jobs[-1])
        if running and all(job.ended for job in jobs):
            st.rerun()

    if running:
        ticking(_live, 1.0, key=f"work_{job_id}")
    else:
        _live()
        _after(steps[-1])
    link("home", "Back to Home", icon=":material/arrow_back:")


def _steps(job_id: str) -> list[Job]:
    store = state.store()
    first = store.jobs.get(job_id)
    run_id = first.result.get("run_id") if first.kind == "ingest" else None
    return [first, store.jobs.get(store.runs.get(run_id).job_id)] if run_id else [first]


def _heading(job: Job) -> str:
    """What is done now, and to what."""
    if job.kind == "train" and job.run_id:
        store = state.store()
        dataset = store.datasets.get(store.runs.get(job.run_id).dataset_id)
        return f"The network learns {plain(dataset.name)}"
    name = plain(str(job.args.get("name") or job.args.get("source_name") or ""))
    return f"Reading {name}" if job.kind == "ingest" and name else words.job_title(job)


def _draw(job: Job) -> None:
    if job.state == "queued":
        st.progress(0.0, text=f"Waiting: number {job.position} in the queue")
    elif job.state == "running" and job.kind == "train" and job.run_id:
        learning(job, job.run_id)
    elif job.state == "running":
        left = f", {words.duration(job.seconds_left)} left" if job.seconds_left is not None else ""
        st.progress(min(1.0, job.fraction), text=f"{plain(job.message) or 'starting'}{left}")
    else:
        st.markdown(words.state_badge(job.state))
    if not job.ended and st.button("Cancel", key=f"cancel_{job.id}"):
        state.store().jobs.request(job.id, "cancel")
    if not job.ended and job.kind == "train" and job.run_id:
        by_rows(state.store().runs.get(job.run_id), job)


def _after(job: Job) -> None:
    """What comes when nothing runs any more."""
    if job.error:
        show_record(job.error)
        refused_file(job)
    if job.kind == "score" and job.state == "failed" and job.dataset_id:
        _read_but_not_scored(job.dataset_id)
    if job.state == "succeeded" and job.run_id:
        before = state.store().runs.get(job.run_id).parent_id if job.kind == "train" else None
        if before is not None:  # it was trained again: what changed is what one wants to know
            go("compare", compare=f"{before},{job.run_id}")
        go("anomalies", run=job.run_id)
    if job.state == "succeeded":
        go("data", dataset=job.result["dataset_id"])
    if job.state in ("interrupted", "failed") and job.run_id:
        link("train", "Open the run", run=job.run_id)
    if job.resumable and st.button("Resume", type="primary"):
        with failure_in_place():
            state.store().jobs.resume(job.id)
        st.rerun()


def _read_but_not_scored(dataset_id: str) -> None:
    """What is left of a file whose score was refused, and the way to be rid of it."""
    store = state.store()
    dataset = store.datasets.get(dataset_id)
    if any(run.ready for run in store.runs.find(dataset_id=dataset.id)):
        return
    st.info(
        f"**{plain(dataset.name)}** was read and stays among your data ({words.count(dataset.rows, dataset.item)}), not scored.",
        icon=":material/table:",
    )

    def delete() -> None:
        store.datasets.delete(dataset.id)
        state.set_param("job", None)  # of which nothing is left to show

    with st.container(horizontal=True):
        link("data", "Open it on Data", dataset=dataset.id)
        if st.button("Delete it…", key=f"delete_{dataset.id}", icon=":material/delete:"):
            confirm_delete("dataset", dataset.name, delete, store.datasets.would_remove(dataset.id).lines())
