"""A part of a page that is drawn again every so many seconds, and a page that is drawn again once there is news."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "hourglass_tick", js=(Path(__file__).parent / "tick.js").read_text(encoding="utf-8")
)


def ticking(draw: Callable[[], None], seconds: float, *, key: str) -> None:
    """Draw this now, and again each time that `seconds` have gone by since the browser showed it.

    A fragment with `run_every` asks whether or not the last answer has come and the page is about to change, and then
    loses parts of the page; see docs/decisions/0017.
    """

    @st.fragment
    def _part() -> None:
        draw()
        _component(key=f"tick_{key}", data={"seconds": seconds, "drawn": time.monotonic()}, on_due_change=lambda: None)

    _part()


def watching(news: str, seen: str, seconds: float, *, key: str) -> None:
    """Draw the page anew once another text than `seen` stands at an address of this server.

    The browser looks there every so many seconds, by itself: no script runs until there is something to show.
    """
    about = {"news": news, "seen": seen, "seconds": seconds, "drawn": time.monotonic()}
    _component(key=f"news_{key}", data=about, on_due_change=lambda: None)
