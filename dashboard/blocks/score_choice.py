"""Which anomaly score a run is looked at by: chosen after training, for all pages, nothing trained again but where it says so."""

from __future__ import annotations

import streamlit as st

from core.jobs.launch import ensure_supervisor
from core.specs import OWN_ERROR, RunSpec, score_card, score_splits, scores_of
from core.thresholds import decide
from dashboard import load, state
from dashboard.blocks.failure import failure_in_place, show_record
from dashboard.blocks.job_progress import job_progress
from dashboard.blocks.run_header import Chosen
from dashboard.navigation import go


def score_choice(chosen: Chosen) -> None:
    """The score as a choice, what it is, and the button that puts another in its place. Only for runs of tables."""
    if not chosen.of_single_rows:
        return
    run, now = chosen.run, scorer_of(chosen)
    names = scores_of(RunSpec.read(run.spec))
    job = next((job for job in state.store().jobs.find(run_id=run.id) if job.kind == "rescore"), None)
    waiting = job is not None and not job.ended
    picked = st.selectbox(
        "Anomaly score",
        names,
        names.index(job.args["scorer"] if job is not None and waiting else now),
        format_func=lambda name: score_card(name)[0],
        key=f"scorer_{run.id}_{chosen.threshold.id}_{waiting}",
        disabled=waiting,
        width=400,
    )
    st.caption(score_card(picked)[1])
    if not score_splits(picked):
        st.caption("Where columns are shown beside this score, it is by the network's reconstruction error.")
    if job is not None and waiting:
        job_progress(job, "Another score")
    elif picked != now:
        if job is not None and job.error and job.args["scorer"] == picked:
            show_record(job.error)
        if st.button(f"Score by {score_card(picked)[0].lower()}", type="primary", key="rescore"):
            _change(chosen, picked)
        st.caption(
            f"Shown until then: {score_card(now)[0].lower()}. Flags, map and downloads of this run then go by the new one; the old "
            "one can be chosen again."
        )


def scorer_of(chosen: Chosen) -> str:
    """The name of the score that is looked at."""
    return chosen.threshold.scorer or str(chosen.run.spec.get("scorer", OWN_ERROR))


def scored_by(chosen: Chosen) -> None:
    """Which score it is, and where another one is chosen. Only for runs of tables."""
    if not chosen.of_single_rows:
        return
    title, summary = score_card(scorer_of(chosen))
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
