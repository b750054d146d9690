"""Upload → one question → a job. The file goes to disk in pieces at once; no page ever parses it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from core.datasets.ingest import submit
from core.datasets.samples import Sample
from core.jobs.launch import ensure_supervisor
from core.settings import Settings
from core.specs import RunSpec
from core.storage.artifacts import CHUNK, storage_error
from dashboard import state
from dashboard.blocks.failure import failure_in_place
from dashboard.navigation import go

MAY_CONTAIN = "It may contain the anomalies"
IS_CLEAN = "It is clean: rows known to be good"


def find_anomalies() -> None:
    """The uploader, the one question, and the button."""
    store = state.store()
    limit = store.settings.upload_limit_mb
    file = st.file_uploader(
        "A table: CSV, Excel or Parquet", key="upload", max_upload_size=limit, help=f"Up to {limit} MB."
    )
    answer = st.radio(
        "What is in the file?",
        [MAY_CONTAIN, IS_CLEAN],
        key="upload_clean",
        help="Clean rows become the reference for normal: fewer of them are flagged at first.",
    )
    find, look = st.columns(2)
    with find:
        go_on = st.button("Find anomalies", type="primary", disabled=file is None, width="stretch", key="find")
    with look:
        only_read = st.button("Only read it, I'll look first", disabled=file is None, width="stretch", key="read")
    if file is not None and (go_on or only_read):
        then = _spec(answer == IS_CLEAN) if go_on else None
        with failure_in_place():
            path = save_upload(store.settings, file)
            job = start_ingest(path, file.name, then=then)
        go("home", job=job)


def find_in_sample(name: str, sample: Sample) -> None:
    """One sample with its button."""
    with st.container(border=True):
        st.markdown(f"**{sample.title}**")
        st.caption(sample.summary)
        if st.button("Find anomalies", key=f"sample_{name}"):
            store = state.store()
            with failure_in_place():
                path = new_upload(store.settings)
                sample.write_csv(path)
                job = start_ingest(path, f"{name}.csv", name=sample.title, label=sample.label, then=_spec(False))
            go("home", job=job)


def _spec(clean: bool) -> RunSpec:
    return RunSpec(assume_clean=clean, contamination=0.01 if clean else 0.05)


def start_ingest(
    path: Path, source_name: str, *, name: str = "", label: str | None = None, then: RunSpec | None = None
) -> str:
    """Queue the reading of an uploaded file, and the run that follows it; the job's id."""
    store = state.store()
    job = submit(store, path, source_name, name=name, label=label, then=then)
    ensure_supervisor(store.settings)
    return job.id


def new_upload(settings: Settings) -> Path:
    """A fresh path for an uploaded file; its own name never touches the disk."""
    folder = settings.home / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / uuid.uuid4().hex


def save_upload(settings: Settings, file: BinaryIO) -> Path:
    """Copy an upload to disk in pieces. Raises DiskFull, StorageFailed."""
    path = new_upload(settings)
    try:
        with path.open("wb") as target:
            while piece := file.read(CHUNK):
                target.write(piece)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise storage_error(error, str(path)) from error
    return path
