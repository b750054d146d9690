"""A file that is made when it is asked for, then offered for download: at once, or by a job where that takes long."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.jobs.launch import ensure_supervisor
from core.results import Job, Run
from dashboard import state
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.job_progress import still_going

HARMLESS = "Cells that begin like a formula get a leading apostrophe, so that no spreadsheet runs them."
BAR = 680  # pixels of a job's progress
MIME = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def download(
    key: str,
    what: str,
    stem: str,
    make: Callable[[], bytes],
    prepare: str = "Prepare the CSV",
    ending: str = "csv",
    help: str = HARMLESS,  # as Streamlit calls it
) -> None:
    """Two steps, so that nothing is made for those who do not want it. key: what the file depends on; ending: one of MIME."""
    if st.button(prepare, icon=":material/download:", key=f"prepare_{key}"):
        st.session_state[f"prepared_{key}"] = make()
    if (data := st.session_state.get(f"prepared_{key}")) is not None:
        offer(key, what, stem, data, ending, help)


def offer(key: str, what: str, stem: str, data: bytes, ending: str, help_: str) -> None:
    """A file that is made, as a button. ending: one of MIME."""
    # By its content: Streamlit knows a large file by its name and length alone.
    _button(key, what, f"{stem}-{hashlib.sha256(data).hexdigest()[:12]}", data, ending, help_)


@dataclass(frozen=True)
class Written:
    """A file that a job may be asked for. ending: one of MIME; name: on the button that asks for it; called: the file itself, in
    words."""

    ending: str
    name: str
    called: str
    help: str = HARMLESS


def written_by_jobs(
    files: Sequence[Written], stem: str, chosen_run: Run, what: str, args: Callable[[], dict[str, Any]]
) -> None:
    """A button for each file; then its job, to be cancelled, and what that has written. what: all that the files depend on; args:
    of the job, but for the ending (core.jobs.tasks.export)."""
    store = state.store()
    newest: dict[str, Job] = {}
    for job in store.jobs.find(run_id=chosen_run.id, kind="export"):
        if job.args["asked"] == what:
            newest.setdefault(job.args["ending"], job)
    buttons = st.container(horizontal=True, width="content")
    for file in files:
        job, key = newest.get(file.ending), f"{stem}_{file.ending}_{what}"
        if job is not None and (address := job.result.get("address")):
            with buttons:  # read once it is wanted, not at each drawing
                _button(
                    *(key, file.called, f"{stem}-{address[:12]}"),
                    lambda address=address: store.artifacts.read_bytes(store.space, address),
                    *(file.ending, file.help),
                )
            continue
        with st.container(width=BAR):  # also in a row of buttons
            going = still_going(job, f"Writing {file.called}")
        if not going and buttons.button(f"Prepare {file.name}", icon=":material/download:", key=f"prepare_{key}"):
            with failure_in_place():
                asked = {**args(), "run_id": chosen_run.id, "ending": file.ending, "asked": what}
                store.jobs.submit("export", asked, dataset_id=chosen_run.dataset_id, run_id=chosen_run.id)
                ensure_supervisor(store.settings)
            st.rerun()


def _button(key: str, what: str, stem: str, data: bytes | Callable[[], bytes], ending: str, help_: str) -> None:
    st.download_button(
        f"Download {what}",
        data,
        file_name=f"{stem}.{ending}",
        mime=MIME[ending],
        key=f"download_{key}",
        on_click="ignore",
        help=help_,
    )
