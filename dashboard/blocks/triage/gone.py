"""Where a run is deleted while somebody decides in it: what became of the last press, in place of a page that finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from core.errors import NotFound
from core.results import Dataset
from dashboard import state
from dashboard.blocks.failure import failure_on_next_drawing
from dashboard.charts.markdown import plain
from dashboard.navigation import link

PRESSED = "triage_pressed"


@dataclass(frozen=True)
class Pressed:
    """What was pressed last. at: run and view of the URL; what: in our own words; done: whether it was written."""

    at: tuple[str | None, str | None]
    dataset: Dataset
    what: str
    done: bool


@contextmanager
def pressed(key: str, dataset: Dataset, what: str) -> Iterator[None]:
    """Write something between two drawings of the page, and remember whether that was done.

    key: under which one of our errors is kept for `show_failure`.
    """
    at = state.param("run"), state.param("view")
    st.session_state[PRESSED] = Pressed(at, dataset, what, done=False)
    with failure_on_next_drawing(key):
        yield
        st.session_state[PRESSED] = Pressed(at, dataset, what, done=True)


def gone_meanwhile() -> None:
    """Ends the page where its run is gone and something was pressed in it; verdicts go by row, and may be there all the same."""
    last: Pressed | None = st.session_state.get(PRESSED)
    if last is None or last.at != (state.param("run"), state.param("view")):
        return
    try:
        state.run()
    except NotFound:
        _tell(last)
        st.stop()


def _tell(last: Pressed) -> None:
    try:
        data = state.store().datasets.get(last.dataset.id)
    except NotFound:
        st.warning(
            f"**This run was deleted meanwhile, and its data with it.** {last.what}: not kept, as what is said of rows "
            "goes with their data.",
            icon=":material/delete:",
        )
    else:
        kept = (
            f"kept. It belongs to the rows of **{plain(data.name)}**, and holds in every other run on them."
            if last.done
            else "not written."
        )
        st.warning(f"**This run was deleted meanwhile.** {last.what}: {kept}", icon=":material/delete:")
        link("data", "Open its data", dataset=data.id)
    link("home", "Choose another run on Home")
