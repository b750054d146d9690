"""The queue as files that can be worked on elsewhere: small ones at once, large ones by a job."""

from __future__ import annotations

import hashlib

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.export.triage.files import nobody, triage_file
from core.export.triage.rows import Asked
from core.jobs.launch import ensure_supervisor
from core.results import Job, Threshold
from core.storage.records import to_json
from core.triage.judged import Judged
from dashboard import state, words
from dashboard.blocks.download import HARMLESS, download, offer
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.job_progress import still_going
from dashboard.blocks.run_header import Chosen

EXCEL = "Verdicts are chosen from a list in the file; it can be taken back here. " + HARMLESS
CSV = HARMLESS + " The last column says which."
AS_THEY_ARE = "For programs: cells as they are, with types."
FORMATS = {"xlsx": ("Excel", EXCEL), "csv": ("CSV", CSV), "parquet": ("Parquet", AS_THEY_ARE)}
AT_ONCE = 30_000  # cells that are written while the page waits, about half a second


def queue_files(chosen: Chosen, rows: NDArray[np.int64], judged: Judged) -> None:
    """The rows that the queue shows, in its order, in each format."""
    if len(rows) == 0:
        return
    asked = Asked(chosen.run, chosen.dataset, chosen.scores, chosen.threshold, rows, judged)
    stamp = state.store().verdicts.stamp(chosen.dataset.lineage_id)
    these = hashlib.sha256(rows.tobytes()).hexdigest()[:12]
    what = f"{chosen.run.id}_{chosen.threshold.value}_{these}_{stamp[1]}"
    if len(rows) * len(asked.header) > AT_ONCE:
        _by_jobs(asked, what)
        return
    with st.container(horizontal=True):
        for ending, (name, help_) in FORMATS.items():
            download(
                f"triage_{ending}_{what}",
                _called(asked, name),
                "triage",
                lambda ending=ending: _made(asked, ending),
                prepare=f"Prepare {name}",
                ending=ending,
                help=help_,
            )


def _called(asked: Asked, name: str) -> str:
    return f"{words.count(len(asked.rows), asked.dataset.item)} as {name}"


def _made(asked: Asked, ending: str) -> bytes:
    with failure_in_place(), st.spinner("Writing the file …"):
        return triage_file(ending)(state.store(), asked, nobody)


def _by_jobs(asked: Asked, what: str) -> None:
    """A button for each format; then its job, to be cancelled, and what that has written. what: all that the file depends on."""
    store = state.store()
    newest: dict[str, Job] = {}
    for job in store.jobs.find(run_id=asked.run.id, kind="export"):
        if job.args["asked"] == what:
            newest.setdefault(job.args["ending"], job)
    buttons = st.container(horizontal=True)
    for ending, (name, help_) in FORMATS.items():
        job, key = newest.get(ending), f"triage_{ending}_{what}"
        if job is not None and (address := job.result.get("address")):
            with buttons:
                offer(
                    key, _called(asked, name), "triage", store.artifacts.read_bytes(store.space, address), ending, help_
                )
            continue
        if still_going(job, f"Writing {_called(asked, name)}"):
            continue
        if buttons.button(f"Prepare {name}", icon=":material/download:", key=f"prepare_{key}"):
            with failure_in_place():
                _submit(asked, ending, what)
            st.rerun()


def _submit(asked: Asked, ending: str, what: str) -> None:
    store = state.store()
    args = {
        "run_id": asked.run.id,
        "threshold": to_json(Threshold, asked.threshold),
        "rows": store.artifacts.put_array(store.space, asked.rows),
        "ending": ending,
        "asked": what,
    }
    store.jobs.submit("export", args, dataset_id=asked.dataset.id, run_id=asked.run.id)
    ensure_supervisor(store.settings)
