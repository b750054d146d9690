"""Which earlier runs know a file that is not read yet: seen at once in text and small workbooks, by a job in all else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import streamlit as st

from core.datasets.preview import can_preview
from core.jobs.launch import ensure_supervisor
from core.results import Job
from core.scoring.recognised import Recognised
from core.specs import ReadOptions
from core.storage.records import from_json
from dashboard import load, state
from dashboard.blocks.job_progress import job_progress

LOOKING = "Looking whether an earlier run knows this file"


def runs_that_know(path: Path, name: str, options: ReadOptions) -> list[Recognised]:
    """The fitting runs, the best first; none while a job looks for them, with its progress. options: what was said of the file."""
    store = state.store()
    runs = load.finished_runs(store)
    if not runs:
        return []
    if can_preview(path):
        return load.recognised(store, path, name, options, runs)
    args = {"path": str(path), "source_name": name, "options": options.model_dump(exclude_defaults=True)}
    job = _asked(args, runs)
    if not job.ended:
        job_progress(job, LOOKING)
        return []
    if job.state != "succeeded":
        st.caption("It was not found out whether an earlier run knows this file: *Data* says so once it is read.")
        return []
    return list(from_json(tuple[Recognised, ...], job.result["found"]))


def give_up() -> None:
    """Cancel what looks at a file: it is decided what becomes of it."""
    for id_ in _jobs().values():
        if not state.store().jobs.get(id_).ended:
            state.store().jobs.request(id_, "cancel")


def _asked(args: dict[str, object], runs: tuple[str, ...]) -> Job:
    """The job that looks, once for what it depends on."""
    store = state.store()
    key = hashlib.sha256(json.dumps([store.space, args, runs]).encode()).hexdigest()
    if key not in _jobs():
        _jobs()[key] = store.jobs.submit("recognise", args).id
        ensure_supervisor(store.settings)
    return store.jobs.get(_jobs()[key])


def _jobs() -> dict[str, str]:
    jobs: dict[str, str] = st.session_state.setdefault("recognising", {})
    return jobs
