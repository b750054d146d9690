"""Which row is looked at: the URL says it, and what a press that came late brings back is passed over."""

from __future__ import annotations

from time import monotonic

import streamlit as st

from dashboard import state

SHOWN_LAST = "triage_shown_last"  # (run's id, order and sort that were chosen, row)
ROW = "row_shown"  # (run's id, key of the row to be shown, or nothing for that with which a queue begins)
LEFT = "rows_left"  # when this session went on from rows: (run's id, key, or nothing) → seconds
LATE = 10.0  # seconds that a press may take to the server, to which it brings the address of then


def show_row(run_id: str, key: str | None) -> None:
    """Go on to a row, or with nothing to that with which the queue begins, and put it into the URL."""
    st.session_state.pop(SHOWN_LAST, None)
    _left()[run_id, state.param("row")] = monotonic()
    _left().pop((run_id, key), None)
    st.session_state[ROW] = (run_id, key)
    state.set_param("row", key)


def late_press_passed_over(run_id: str) -> None:
    """Where the URL names a row that was gone on from a moment ago, a press that was made before the browser knew of it came late: the
    row that was gone on to stays."""
    now, key = st.session_state.get(ROW, ("", None))
    if now == run_id and monotonic() - _left().get((run_id, state.param("row")), -LATE) < LATE:
        state.set_param("row", key)


def may_be_shown_again() -> None:
    """To be called where a link leads to a row: it is meant, though it was gone on from a moment ago."""
    _left().clear()


def _left() -> dict[tuple[str, str | None], float]:
    left: dict[tuple[str, str | None], float] = st.session_state.setdefault(LEFT, {})
    return left
