"""Which anomaly score a run is looked at by: chosen after training, for all pages, nothing trained again but where it says so."""

from __future__ import annotations

import streamlit as st

from core.jobs.launch import ensure_supervisor
from core.results import IMAGE_SCORES
from core.specs import RunSpec, score_card, score_splits, scores_of
from core.thresholds import decide
from dashboard import load, state
from dashboard.blocks.failure import failure_in_place, show_record
from dashboard.blocks.job_progress import job_progress
from dashboard.blocks.run_header import Chosen
from dashboard.navigation import go


def score_choice(chosen: Chosen) -> None:
    """The score as a choice, what it is, and the button that puts another in its place. Not for series, which have one."""
    if chosen.scores.course is not None:
        return
    run, now, images = chosen.run, chosen.scorer, chosen.dataset.pictures is not None
    names = list(IMAGE_SCORES) if images else scores_of(RunSpec.read(run.spec))
    job = next((job for job in state.store().jobs.find(run_id=run.id) if job.kind == "rescore"), None)
    waiting = job is not None and not job.ended
    picked = st.selectbox(
        "Anomaly score",
        names,
        names.index(job.args["scorer"] if job is not None and waiting else now),
        format_func=lambda name: score_card(name, images)[0],
        key=f"scorer_{run.id}_{chosen.threshold.id}_{waiting}",
        disabled=waiting,
        width=400,
    )
    st.caption(score_card(picked, images)[1])
    if not images and not score_splits(picked):
        st.caption("Where columns are shown beside this score, it is by the network's reconstruction error.")
    if job is not None and waiting:
        job_progress(job, "Another score")
    elif picked != now:
        if job is not None and job.error and job.args["scorer"] == picked:
            show_record(job.error)
        if st.button(f"Score by {score_card(picked, images)[0].lower()}", type="primary", key="rescore"):
            _change(chosen, picked)
        st.caption(
            f"Shown until then: {score_card(now, images)[0].lower()}. Flags, map and downloads of this run then go by the new one; the old "
            "one can be chosen again."
        )


def scored_by(chosen: Chosen) -> None:
    """Which score it is, and where another one is chosen. Not for series, which have one."""
    if chosen.scores.course is not None:
        return
    title, summary = score_card(chosen.scorer, chosen.dataset.pictures is not None)
    st.caption(f"Scored by **{title.lower()}**: {summary} Another score can be chosen on Errors.")


def _change(chosen: Chosen, scorer: str) -> None:
    """At once where its scores are there, else by a job."""
    store, run, old = state.store(), chosen.run, chosen.threshold
    with failure_in_place():
        if run.of_scorer("scores", scorer) in run.artifacts:
            values = load.scores(store, run, scorer).values
            store.thresholds.new(
                run.id, old.method, old.parameters, *decide(values, old.method, old.parameters), scorer
            )
        else:
            args = {
                "run_id": run.id,
                "scorer": scorer,
                "author": store.who.author,
                "method": old.method,
                "parameters": old.parameters,
            }
            store.jobs.submit("rescore", args, dataset_id=run.dataset_id, run_id=run.id)
            ensure_supervisor(store.settings)
    go("errors", run=run.id, row=state.param("row"))
