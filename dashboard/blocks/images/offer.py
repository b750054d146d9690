"""A table whose rows seem to be images is offered as images."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.datasets.images import looks_like_pixels
from core.datasets.ingest import read_again
from core.jobs.launch import ensure_supervisor
from core.results import Dataset
from core.specs import ReadOptions
from core.storage.store import Store
from dashboard import state
from dashboard.blocks.failure import failure_in_place
from dashboard.navigation import go

FEWEST_COLUMNS = 64
ROWS = 200  # spread over the table


def offered_as_images(dataset: Dataset) -> None:
    """Say so where it is the case, with a button."""
    if dataset.pictures is not None or len(dataset.columns) < FEWEST_COLUMNS:
        return
    found = _seen(state.store(), dataset, state.store().space, dataset.cells_address)
    if found is None:
        return
    height, width, channels = found
    st.info(
        f"Each row seems to be an image of {height} × {width} pixels{' in colour' if channels == 3 else ''}.",
        icon=":material/image:",
    )
    if st.button("Read the rows as images", key=f"as_images_{dataset.id}"):
        with failure_in_place():
            chosen = ReadOptions.read({**dataset.reading.chosen, "images": True})
            job = read_again(state.store(), dataset, chosen)
            ensure_supervisor(state.store().settings)
        go("home", job=job.id)


@st.cache_resource(show_spinner=False, max_entries=32)
def _seen(_store: Store, _dataset: Dataset, space: str, address: str) -> tuple[int, int, int] | None:
    names = [column.name for column in _dataset.columns]
    rows = np.linspace(0, _dataset.rows - 1, min(ROWS, _dataset.rows)).astype(np.int64)
    cells = _store.datasets.some_rows(_dataset, rows, names)
    found = looks_like_pixels(names, list(zip(*(column.to_pylist() for column in cells.columns), strict=True)))
    return found[:3] if found is not None else None
