"""One run: live while it trains, and what came out of it once it has ended."""

from __future__ import annotations

import streamlit as st

from core.jobs.launch import ensure_supervisor
from core.results import Job, Run
from dashboard import state, words
from dashboard.blocks.failure import failure_in_place, show_record
from dashboard.charts.markdown import plain
from dashboard.charts.theme import PLOTLY_CONFIG
from dashboard.charts.training import curve_table, learning_curve, live_curve
from dashboard.navigation import go, link

TITLES = {"succeeded": "✓ done", "failed": "✗ failed", "cancelled": "cancelled", "interrupted": "interrupted"}


def live_run(run: Run) -> None:
    """Title, live part, and afterwards the results."""
    store = state.store()
    job = store.jobs.get(run.job_id)
    st.set_page_config(page_title=f"{TITLES.get(job.state, '● training')}: {run.name[:60]} · Hourglass")
    dataset = store.datasets.get(run.dataset_id)
    st.subheader(plain(run.name), anchor=False)
    st.markdown(f"On **{plain(dataset.name)}** · {words.date(run.created_at)} · {words.state_badge(job.state)}")
    if not job.ended:
        _live(run, job)
    else:
        _ended(run, job)
    if st.button("Copy and change", icon=":material/content_copy:", key="copy_run"):
        go("train", dataset=run.dataset_id, copy=run.id)


def _live(run: Run, started: Job) -> None:
    store = state.store()
    stop, cancel, _ = st.columns([2, 1, 4])
    with stop:
        # Nothing to keep before it has begun.
        if started.state == "running" and st.button("Stop and keep the best", type="primary", key="stop_run"):
            store.jobs.request(started.id, "stop")
    with cancel:
        if st.button("Cancel", key="cancel_run"):
            store.jobs.request(started.id, "cancel")

    @st.fragment(run_every=1.0)
    def _part() -> None:
        job = store.jobs.get(started.id)
        if job.ended:
            st.rerun()
        if job.state != started.state:
            st.rerun()  # the buttons above differ
        if job.state == "queued":
            st.info(f"Waiting: number {job.position} in the queue.", icon=":material/schedule:")
            return
        left = f" · about {words.duration(job.seconds_left)} left" if job.seconds_left is not None else ""
        asked = {"stop": " · stopping after this epoch", "cancel": " · cancelling"}.get(job.command or "", "")
        st.progress(min(1.0, job.fraction), text=f"{plain(job.message)}{left}{asked}")
        metrics = store.runs.metrics(run.id)
        if metrics:
            frame, spec = live_curve(metrics)
            st.vega_lite_chart(frame, spec, key="live_curve")
            last = {metric.name: metric.value for metric in metrics}
            shown = " · ".join(
                f"{'training' if name == 'train' else name} loss {value:.4g}" for name, value in last.items()
            )
            st.caption(f"Epoch {metrics[-1].epoch}: {shown}")

    _part()


def _ended(run: Run, job: Job) -> None:
    store = state.store()
    if job.error:
        show_record(job.error)
        if run.ready:
            st.warning("The best weights before that were kept; what follows is theirs.", icon=":material/info:")
    if job.state == "failed":
        link("data", "Look at the data", dataset=run.dataset_id)
    if (
        job.resumable
        and not run.ready
        and st.button("Resume", type="primary", key="resume_run", icon=":material/resume:")
    ):
        with failure_in_place():
            store.jobs.resume(job.id)
            ensure_supervisor(store.settings)
        st.rerun()
    if run.ready:
        _results(run)
    metrics = store.runs.metrics(run.id)
    if metrics:
        best = run.summary.get("best_epoch", metrics[-1].epoch)
        st.plotly_chart(learning_curve(metrics, best), config=PLOTLY_CONFIG, key="learning_curve")
        with st.expander("The same as a table"):
            st.dataframe(curve_table(metrics), hide_index=True)


def _results(run: Run) -> None:
    found = run.summary
    with st.container(horizontal=True):
        link("anomalies", "See the flagged rows", run=run.id)
        link("map", "See the map", run=run.id)
        link("errors", "See the errors", run=run.id)
    st.markdown(plain(found["verdict_text"]))
    epochs, steps, seconds, parameters = st.columns(4)
    epochs.metric("Epochs", f"{found['epochs']:,}", help=f"The weights of epoch {found['best_epoch']} were kept.")
    steps.metric("Steps", f"{found['steps']:,}")
    seconds.metric("Time", words.duration(found["seconds"]), help=f"{found['threads']} thread(s) on {found['device']}.")
    parameters.metric("Parameters", f"{found['parameters']:,}")
    if found["stopped"]:
        st.caption(
            f"Stopped by hand after epoch {found['epochs']:,}; the weights of epoch {found['best_epoch']:,}, the "
            "best until then, were kept."
        )
    network, pca = found["error_network"], found["error_pca"]
    if network is not None:
        word = "better" if network < pca else "no better"
        st.markdown(
            f"On held-back rows its mean squared error is **{network:.4g}**; a PCA of equal width has **{pca:.4g}**: "
            f"the network rebuilds number columns {word} than a PCA."
        )
    for notice in found["notices"]:
        st.caption(f":material/info: {plain(notice)}")
