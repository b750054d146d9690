"""A page with two parts that tick, which is left by a press."""

from __future__ import annotations

import streamlit as st

from dashboard.tick import ticking
from tests.browser.apps.found import found


def watched() -> None:
    with st.sidebar:
        ticking(lambda: st.caption("busy"), 0.31, key="beside")
    ticking(lambda: st.title("Still at it"), 0.3, key="part")
    if st.button("Leave"):
        st.switch_page(after)


after = st.Page(found, url_path="found", title="Found")
st.navigation([st.Page(watched, url_path=None, title="Watched", default=True), after], position="hidden").run()
