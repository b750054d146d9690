"""A file that was refused: read it in another way, or a sample of it, without uploading it again."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.datasets.ingest import read_refused
from core.errors import FileRefused, TooManyRows, from_json
from core.jobs.launch import ensure_supervisor
from core.results import Job
from core.specs import ReadOptions
from dashboard import state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.read_options import another_reading
from dashboard.navigation import go

SAMPLE = 100_000


def refused_file(job: Job) -> None:
    """What can be done where the file still lies on the server; nothing where it does not."""
    if job.kind != "ingest" or job.error is None or not isinstance(error := from_json(job.error), FileRefused):
        return
    source = Path(job.args["upload"])
    if not source.exists():
        return
    chosen = ReadOptions.read(job.args.get("options", {}))
    if isinstance(error, TooManyRows):
        rows = min(SAMPLE, state.store().settings.row_limit)
        st.caption("Its rows are drawn at random with a fixed seed, which stands in the data's record.")
        if st.button(f"Read a sample of {words.count(rows, 'row')}", type="primary", key=f"sample_of_{job.id}"):
            _read(job, chosen.model_copy(update={"sample_rows": rows}))
    if st.toggle("Read it differently", key=f"differently_{job.id}"):
        options = another_reading(source, job.args["source_name"], chosen, (), key=job.id)
        if options is not None:
            _read(job, options)


def _read(job: Job, options: ReadOptions) -> None:
    store = state.store()
    with failure_in_place():
        again = read_refused(store, job, options)
        ensure_supervisor(store.settings)
    go("home", job=again.id)
