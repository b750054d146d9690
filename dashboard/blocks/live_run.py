"""One run: live while it trains, and what came out of it once it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import streamlit as st

from core.errors import NotFound
from core.jobs.checkpoints import any_kept, shown
from core.jobs.launch import ensure_supervisor
from core.results import Job, Metric, Run, Strip
from core.specs import RunSpec
from core.storage.records import from_json
from core.training.doctor import examine
from dashboard import state, words
from dashboard.blocks.evaluation import LONGEST, beside_pca
from dashboard.blocks.failure import failure_in_place, show_record
from dashboard.blocks.findings import findings_of, live_evidence, show_findings
from dashboard.blocks.small_charts import small_charts
from dashboard.blocks.strip import show_strip
from dashboard.blocks.versions import version
from dashboard.charts.markdown import plain
from dashboard.charts.theme import PLOTLY_CONFIG
from dashboard.charts.training import (
    curve_table,
    learning_curve,
    live_curve,
    live_measures,
    measures_table,
    range_test_curve,
    stages_table,
)
from dashboard.help import what_is_this
from dashboard.navigation import go, link
from dashboard.tick import ticking

TITLES = {"succeeded": "✓ done", "failed": "✗ failed", "cancelled": "cancelled", "interrupted": "interrupted"}


def open_job(job_id: str) -> NoReturn:
    """Go to what a job trains or searches. Raises NotFound where there is no such job, or it does neither."""
    job = state.store().jobs.get(job_id)
    if job.kind == "search":
        go("train", search=job.id)
    if job.kind != "train" or job.run_id is None:
        raise NotFound("this job is no training", where=job_id[:40], fix="open one from the Train page")
    go("train", run=job.run_id)


def live_run(run: Run) -> None:
    """Title, live part, and afterwards the results."""
    store = state.store()
    job = store.jobs.get(run.job_id)
    st.set_page_config(page_title=f"{TITLES.get(job.state, '● training')}: {run.name[:60]} · Hourglass")
    dataset = store.datasets.get(run.dataset_id)
    st.subheader(plain(run.name), anchor=False)
    st.markdown(
        f"On **{plain(dataset.name)}**{version(dataset)} · {words.date(run.created_at)} · {words.state_badge(job.state)}"
    )
    if job.kind == "score":
        _scored(run, job)
        return
    if not job.ended:
        _live(run, job)
    else:
        _ended(run, job)
    if st.button("Copy and change", icon=":material/content_copy:", key="copy_run"):
        go("train", dataset=run.dataset_id, copy=run.id)
    if not job.ended or store.runs.metrics(run.id):  # there are curves, or will be
        what_is_this("epochs", "What do these curves say?")


def _scored(run: Run, job: Job) -> None:
    """A run that was not trained: another file's rows through one that was."""
    st.caption("Nothing was trained here: these rows went through a run that was trained before.")
    if not job.ended:
        link("home", "See how it is going", job=job.id)
    elif job.error:
        show_record(job.error)
    else:
        link("anomalies", "See the flagged rows", run=run.id)
    if run.parent_id is not None:
        link("train", "The run that was trained", run=run.parent_id)


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

    def _part() -> None:
        job = store.jobs.get(started.id)
        if job.ended:
            st.rerun()
        if job.state != started.state:
            st.rerun()  # the buttons above differ
        if job.state == "queued":
            st.info(f"Waiting: number {job.position} in the queue.", icon=":material/schedule:")
            return
        learning(job, run.id)

    ticking(_part, 1.0, key=f"run_{run.id}")


def learning(job: Job, run_id: str) -> None:
    """A training that runs, as it stands now: how far it is, and its curve."""
    left = ""
    if job.seconds_left is not None:
        left = f" · {'about ' if job.seconds_left >= 1 else ''}{words.duration(job.seconds_left)} left"
    asked = {"stop": " · stopping after this epoch", "cancel": " · cancelling"}.get(job.command or "", "")
    st.progress(min(1.0, job.fraction), text=f"{plain(job.message) or 'starting'}{left}{asked}")
    metrics = state.store().runs.metrics(run_id)
    if metrics:
        frame, spec = live_curve(metrics)
        st.vega_lite_chart(frame, spec, key="live_curve")
        last = {metric.name: metric.value for metric in metrics if metric.name in ("train", "validation")}
        shown = " · ".join(
            f"{'training' if name == 'train' else name} loss {value:.4g}" for name, value in last.items()
        )
        st.caption(f"Epoch {metrics[-1].epoch}: {shown}")
        _beside(job, run_id, metrics)


def _beside(job: Job, run_id: str, metrics: Sequence[Metric]) -> None:
    """What else is seen while it learns: doubts so far, the same rows again and again, what is measured."""
    store = state.store()
    run = store.runs.get(run_id)
    dataset = store.datasets.get(run.dataset_id)
    show_findings(examine(live_evidence(run, dataset, metrics)))
    if (strip := shown(store.settings.home, job.id)) is not None:
        show_strip(strip, "window" if strip.sort == "series" else dataset.item)
    small_charts(live_measures(metrics), key="live_measures")


def _ended(run: Run, job: Job) -> None:
    store = state.store()
    if job.error:
        show_record(job.error)
        if run.ready:
            st.warning("The best weights before that were kept; what follows is theirs.", icon=":material/info:")
    if job.state == "failed":
        link("data", "Look at the data", dataset=run.dataset_id)
    if job.resumable and not run.ready and _resume_button(any_kept(store.settings.home, job.id)):
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
        if said := about_the_loss(RunSpec.read(run.spec)):
            st.caption(said)
        with st.expander("The same as a table"):
            st.dataframe(curve_table(metrics), hide_index=True)
        _how_it_learned(run, metrics)


def _resume_button(from_checkpoint: bool) -> bool:
    """The next step only where something was kept."""
    return st.button(
        "Resume",
        type="primary" if from_checkpoint else "secondary",
        key="resume_run",
        icon=":material/resume:",
        help="Goes on from the last checkpoint." if from_checkpoint else "No checkpoint was kept: it begins anew.",
    )


def _results(run: Run) -> None:
    found = run.summary
    with st.container(horizontal=True):
        link("anomalies", "See the flagged rows", run=run.id)
        link("map", "See the map", run=run.id)
        link("errors", "See the errors", run=run.id)
        if run.parent_id is not None:
            link("compare", "Compare with the run it was made from", compare=f"{run.parent_id},{run.id}")
    st.markdown(plain(found["verdict_text"], LONGEST))
    newest = state.store().thresholds.current(run.id)
    if newest is not None and not run.is_own(newest.scorer):
        st.caption("Said of the score that it was trained with; another one was chosen on Errors since.")
    epochs, steps, seconds, parameters = st.columns(4)
    epochs.metric("Epochs", f"{found['epochs']:,}", help=f"The {words.which_weights(found['best_epoch'])} were kept.")
    steps.metric("Steps", f"{found['steps']:,}")
    took = "< 1 s" if found["seconds"] < 1 else words.duration(found["seconds"])  # as wide as a figure may be
    precision = f", {found['precision']}" if "precision" in found else ""
    seconds.metric("Time", took, help=f"{words.count(found['threads'], 'thread')} on {found['device']}{precision}.")
    members = RunSpec.read(run.spec).training.members
    each = f"{members} members of {found['parameters'] // members:,} each." if members > 1 else None
    parameters.metric("Parameters", f"{found['parameters']:,}", help=each)
    if found["stopped"]:
        st.caption(
            f"Stopped by hand after epoch {found['epochs']:,}; the {words.which_weights(found['best_epoch'])}, the "
            "best until then, were kept."
        )
    if said := beside_pca(run, state.store().datasets.get(run.dataset_id)):
        st.markdown(plain(said))
    for notice in found["notices"]:
        st.caption(f":material/info: {plain(notice)}")
    if "findings" in found:
        st.markdown("#### How the training went")
        show_findings(
            findings_of(run),
            run=run,
            healthy="Nothing that speaks against this training: it learned, was stopped in time, and its code is in use.",
        )


def about_the_loss(spec: RunSpec) -> str:
    """What a reader of the curves must know, where the loss is no plain error."""
    said = []
    if spec.number_loss_used == "likelihood":
        said.append("A likelihood's loss may fall below 0: lower is better all the same.")
    if spec.objective_settings.get("warm_up"):
        said.append(
            "While the KL term warms up the training loss counts only a part of it, the validation loss all: the gap there is no "
            "overfitting."
        )
    return " ".join(said)


def _how_it_learned(run: Run, metrics: Sequence[Metric]) -> None:
    """Rows that were held back as the network rebuilds them, levels, the range test, and all that was measured."""
    store, found = state.store(), run.summary
    if "strip" in run.artifacts:
        strip = from_json(Strip, store.artifacts.get_json(store.space, run.artifacts["strip"]))
        show_strip(strip, "window" if strip.sort == "series" else store.datasets.get(run.dataset_id).item)
    if stages := found.get("stages"):
        st.markdown("**Level by level**")
        st.dataframe(stages_table(stages), hide_index=True)
    rates, losses = found.get("rate_test") or ((), ())
    if rates:
        chart = range_test_curve(rates, losses, found["rate"])
        st.plotly_chart(chart, config=PLOTLY_CONFIG, key="rate_test")
    with st.expander("Parts of the loss, learning rate, gradient, use of the code"):
        if not (drawn := live_measures(metrics)):
            st.caption("Nothing else was measured when this run was trained.")
        else:
            small_charts(drawn, key="measures")
            st.dataframe(measures_table(metrics), hide_index=True)
