"""A file that is made when it is asked for, then offered for download."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import streamlit as st

HARMLESS = "Cells that begin like a formula get a leading apostrophe, so that no spreadsheet runs them."
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
    digest = hashlib.sha256(data).hexdigest()[:12]
    st.download_button(
        f"Download {what}",
        data,
        file_name=f"{stem}-{digest}.{ending}",
        mime=MIME[ending],
        key=f"download_{key}",
        on_click="ignore",
        help=help_,
    )
