"""Search for settings: the choice of what may differ, and the trials as they come in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core.errors import NotFound, SettingsRefused
from core.jobs.launch import ensure_supervisor
from core.results import Dataset, Job
from core.specs import RunSpec
from core.training.search import SearchPlan, spans_of
from dashboard import state, words
from dashboard.blocks.differences import title
from dashboard.blocks.failure import failure_in_place, show_error, show_record
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings
from dashboard.forms import out_of_bounds, settings_form
from dashboard.navigation import go, link
from dashboard.tick import ticking
from dashboard.uploader import base_path

USUAL = ("learning_rate", "bottleneck")


def search_form(spec: RunSpec, dataset: Dataset, key: str) -> None:
    """What may differ, how often is tried, by which figure; submit leads to the search."""
    with st.expander("Search for good settings for me"):
        st.caption(
            "Tries runs one after the other, each chosen by what the ones before showed; hopeless ones are stopped early. "
            "Every trial is a run that can be opened. The figure it goes by needs no labels."
        )
        known = spans_of(spec)
        vary = st.multiselect(
            "What may differ",
            list(known),
            [name for name in USUAL if name in known],
            format_func=lambda name: name.replace("_", " "),
            key=f"{key}_vary",
        )
        values = settings_form(SearchPlan, {}, key=f"{key}_search", leave=("vary",))
        wrong = out_of_bounds(SearchPlan.model_fields, values) is not None
        if not st.button("Search", key=f"{key}_search_start", icon=":material/search:", disabled=wrong):
            return
        if not vary:
            show_error(SettingsRefused("nothing may differ", where="search", fix="choose at least one setting"))
            return
        with failure_in_place():
            plan = SearchPlan.read({**values, "vary": tuple(vary)})
            args = {
                "dataset_id": dataset.id,
                "spec": spec.model_dump(mode="json"),
                "plan": plan.model_dump(mode="json"),
            }
            store = state.store()
            job = store.jobs.submit("search", args, dataset_id=dataset.id)
            ensure_supervisor(store.settings)
        go("train", search=job.id)


def search_view(job_id: str) -> None:
    """One search: live while it goes on, then its best run."""
    started = state.store().jobs.get(job_id)
    if started.kind != "search":
        raise NotFound("this job is no search", where=job_id[:40], fix="open one from the Train page")
    dataset = state.store().datasets.get(started.args["dataset_id"])
    st.subheader("Search for settings", anchor=False)
    st.markdown(f"On **{plain(dataset.name)}** · {words.state_badge(started.state)}")

    def _part() -> None:
        job = state.store().jobs.get(job_id)
        if job.ended and not started.ended:
            st.rerun()
        if not job.ended:
            left = f" · about {words.duration(job.seconds_left)} left" if job.seconds_left is not None else ""
            waiting = job.state == "queued"
            st.progress(
                job.fraction, text=f"number {job.position} in the queue" if waiting else f"{plain(job.message)}{left}"
            )
        _trials(job)

    if started.ended:
        _part()
        _ended(started)
    else:
        if st.button("Cancel", key="cancel_search"):
            state.store().jobs.request(job_id, "cancel")
        ticking(_part, 1.0, key=f"search_{job_id}")


def _trials(job: Job) -> None:
    trials = job.result.get("trials", [])
    if not trials:
        return
    rows = [
        {
            "Trial": trial["number"],
            f"{job.result['aim'][0].upper()}{job.result['aim'][1:]}": trial["figure"],
            **{title(name): _shown(value) for name, value in trial["values"].items()},
            "Note": _note(job, trial),
            "Run": f"{base_path()}/train?{urlencode({'run': trial['run']})}",
        }
        for trial in sorted(trials, key=lambda trial: (trial["figure"] is None, trial["figure"], trial["number"]))
    ]
    frame = pd.DataFrame(rows)
    frame.columns = pd.Index(headings(frame.columns))
    opened = st.column_config.LinkColumn(display_text="Open", help="The run of this trial, beside this page.")
    st.dataframe(frame, hide_index=True, key="trials", column_config={"Run": opened}, placeholder=words.NOTHING)


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _note(job: Job, trial: dict[str, Any]) -> str:
    if trial["run"] == job.result["best"]:
        return "best" if job.ended else "best so far"
    return "stopped early" if trial["stopped_early"] else "" if trial["figure"] is not None else "no result yet"


def _ended(job: Job) -> None:
    if job.error:
        show_record(job.error)
    best = job.result.get("best")
    if best is not None:
        with st.container(horizontal=True):
            link("train", "Open the best run", run=best)
            link("train", "Train on from its settings", copy=best, dataset=job.args["dataset_id"])
            runs = ",".join(trial["run"] for trial in job.result["trials"][: state.MOST_COMPARED])
            link("train", "See all side by side", compare=runs)
    if job.resumable and st.button("Resume", type="primary", key="resume_search", icon=":material/resume:"):
        with failure_in_place():
            state.store().jobs.resume(job.id)
            ensure_supervisor(state.store().settings)
        st.rerun()
