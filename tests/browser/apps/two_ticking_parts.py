"""A page with two parts that tick, which is left by the script itself after some seconds."""

from __future__ import annotations

import time

import streamlit as st

from dashboard.tick import ticking
from tests.browser.apps.found import found

SECONDS = 4.0  # until the page is left


def watched() -> None:
    began = st.session_state.setdefault("began", time.monotonic())
    ended = time.monotonic() - began >= SECONDS

    def part() -> None:
        st.title("Still at it")
        if time.monotonic() - began >= SECONDS:
            st.rerun()

    with st.sidebar:
        ticking(lambda: st.caption("busy"), 0.31, key="beside")
    if ended:
        st.switch_page(after)
    ticking(part, 0.3, key="part")


after = st.Page(found, url_path="found", title="Found")
st.navigation([st.Page(watched, url_path=None, title="Watched", default=True), after], position="hidden").run()
