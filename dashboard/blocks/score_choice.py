"""Which anomaly score a run is looked at by: chosen after training, for all pages, nothing trained again but where it says so."""

from __future__ import annotations

import streamlit as st

from core.jobs.launch import ensure_supervisor
from core.results import IMAGE_SCORES
from core.scoring.workbench import given_of
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
    if "scored_with" in chosen.run.summary:
        st.caption(
            f"By {_called(chosen.scorer, chosen.dataset.pictures is not None)}, the score of the run that these {chosen.dataset.item}s were scored with."
        )
        return
    run, now, images = chosen.run, chosen.scorer, chosen.dataset.pictures is not None
    jobs = state.store().jobs.find(run_id=run.id, kind="rescore")
    waiting = [job for job in reversed(jobs) if not job.ended]
    picked = st.selectbox(
        "Anomaly score",
        list(IMAGE_SCORES) if images else scores_of(RunSpec.read(run.spec)),
        format_func=lambda name: score_card(name, images)[0],
        key=_follows(f"scorer_{run.id}", now),
        on_change=_pick,
        args=(f"scorer_{run.id}",),
        width=400,
    )
    st.caption(score_card(picked, images)[1])
    if not images and not score_splits(picked):
        st.caption("Where columns are shown beside this score, it is by the network's reconstruction error.")
    for job in waiting:
        job_progress(job, f"Another score, {_called(job.args['scorer'], images)}")
    if picked != now and picked not in {job.args["scorer"] for job in waiting}:
        failed = next((job for job in jobs if job.args["scorer"] == picked), None)
        if failed is not None and failed.error:
            show_record(failed.error)
        if waiting:
            st.caption("It waits its turn; what is asked for last holds in the end.")
        if st.button(f"Score by {_called(picked, images)}", type="primary", key="rescore"):
            _change(chosen, picked, at_once=not waiting)
        st.info(
            f"Still shown: {_called(now, images)}. Flags, map and downloads of this run then go by the new one; the old "
            "one can be chosen again.",
            icon=":material/hourglass_empty:",
        )


def _follows(key: str, now: str) -> str:
    """The key of the choice, which goes along with what another tab chose as long as nothing else was picked here: a pick must
    outlive that, also one that goes back to the score this tab had."""
    seen, remembered = f"{key}_seen", st.session_state
    picked = remembered.pop(f"{key}_picked", False)
    if key not in remembered or (remembered[key] == remembered.get(seen) and not picked):
        remembered[key] = now
    remembered[seen] = now
    return key


def _pick(key: str) -> None:
    st.session_state[f"{key}_picked"] = True


def _called(scorer: str, images: bool) -> str:
    return score_card(scorer, images)[0].lower()


def scored_by(chosen: Chosen) -> None:
    """Which score it is, and where another one is chosen. Not for series, which have one."""
    if chosen.scores.course is not None:
        return
    title, summary = score_card(chosen.scorer, chosen.dataset.pictures is not None)
    other = "" if "scored_with" in chosen.run.summary else " Another score can be chosen on Errors."
    st.caption(f"Scored by **{title.lower()}**: {summary}{other}")


def _change(chosen: Chosen, scorer: str, at_once: bool) -> None:
    """At once where its scores are there, else by a job, as also behind others that would undo it."""
    store, run, old = state.store(), chosen.run, chosen.threshold
    with failure_in_place():
        if at_once and run.of_scorer("scores", scorer) in run.artifacts:
            given = given_of(load.scores(store, run, scorer), scorer)
            store.thresholds.new(run.id, old.method, old.parameters, *decide(given, old.method, old.parameters), scorer)
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
