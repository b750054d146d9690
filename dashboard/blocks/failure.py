"""How a failure looks on a page: in place, in words, never a traceback."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import HourglassError, NotFound, from_json
from dashboard.charts.markdown import plain
from dashboard.navigation import link

log = logging.getLogger("hourglass")


def show_error(error: HourglassError) -> None:
    """What happened, where, and what to do."""
    lines = [f"**{plain(error.title)}**: {plain(error.what)}"]
    if error.where:
        lines.append(f"Where: {plain(error.where)}")
    if error.fix:
        lines.append(f"What to do: {plain(error.fix)}")
    st.error("\n\n".join(lines), icon=":material/error:")
    if isinstance(error, NotFound):
        link("home", "Choose another on Home")


@contextmanager
def failure_in_place() -> Iterator[None]:
    """Show one of our errors where it arises, and end the page's run there."""
    try:
        yield
    except HourglassError as error:
        show_error(error)
        st.stop()


@contextmanager
def failure_on_next_drawing(key: str) -> Iterator[None]:
    """Keep one of our errors that arises between two drawings of a page, where nothing can be shown; `show_failure` shows it."""
    try:
        yield
    except HourglassError as error:
        st.session_state[key] = error


def show_failure(key: str) -> None:
    """What went wrong since the page was last drawn, once."""
    if failed := st.session_state.pop(key, None):
        show_error(failed)


def show_record(record: dict[str, str]) -> None:
    """The stored error of a failed job."""
    show_error(from_json(record))


def show_bug(error: Exception) -> None:
    """A sentence with a reference that stands beside the traceback in the server's log."""
    reference = secrets.token_hex(4)
    log.error("unexpected error, reference %s", reference, exc_info=error)
    st.error(
        f"**Something went wrong in Hourglass itself.** Nothing that was saved is lost. Reload the page; if it comes "
        f"back, report it with reference `{reference}`, which is in the server's log too.",
        icon=":material/bug_report:",
    )
