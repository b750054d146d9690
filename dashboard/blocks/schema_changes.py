"""Changes of a schema before they are saved: what each makes of its column, and the button for a new version."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.datasets.encoding.encoder import describe_encoding
from core.datasets.ingest import change_columns
from core.errors import HourglassError
from core.results import Column, Dataset
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place, show_error
from dashboard.blocks.versions import newer_exists
from dashboard.charts.markdown import plain
from dashboard.navigation import go

Changes = dict[str, dict[str, Any]]  # column → what of it → value
SHOWN = 8


def preview_and_save(dataset: Dataset, changes: Changes, *, key: str) -> None:
    """What the changes make, or why they can't be; and the button."""
    possible = bool(changes) and _preview(dataset, changes)
    if possible:
        newer_exists(dataset)
    save = st.button(
        "Save as a new version",
        type="primary",
        disabled=not possible,
        key=f"save_{key}",
        help="Runs on the present version stay as they are.",
    )
    if save:
        with failure_in_place():
            version = change_columns(state.store(), dataset, changes)
        open_version(dataset, version)


def open_version(dataset: Dataset, version: Dataset, page: str = "data") -> None:
    """Go on with the new version, on a page; the rows that are left out stay so."""
    state.set_leave_out(version.id, state.leave_out(dataset.id))
    st.session_state.pop(f"pending_{dataset.id}", None)
    go(page, dataset=version.id, leave=state.param("leave"))


def _preview(dataset: Dataset, changes: Changes) -> bool:
    try:
        described, notices = load.changed_columns(state.store(), dataset, changes)
    except HourglassError as error:
        show_error(error)
        return False
    for name, column in list(described.items())[:SHOWN]:
        before = dataset.column(name)
        st.caption(f"**{plain(name)}** · {_in_words(before)} → {_in_words(column)}")
    if len(described) > SHOWN:
        st.caption(f"… and {words.count(len(described) - SHOWN, 'column')} more")
    for notice in notices[:SHOWN]:
        st.caption(plain(notice))
    return True


def _in_words(column: Column) -> str:
    said = [f"{column.kind}, {column.role}", plain(describe_encoding(column))]
    if column.missing:
        said.append(words.count(column.missing, "missing cell"))
    return "; ".join(said)
