"""A page with two parts that tick, which is left by a press."""

from __future__ import annotations

import time

import streamlit as st

from dashboard.tick import ticking


def watched() -> None:
    with st.sidebar:
        ticking(lambda: st.caption("busy"), 0.31, key="beside")
    ticking(lambda: st.title("Still at it"), 0.3, key="part")
    if st.button("Leave"):
        st.switch_page(after)


def found() -> None:
    for line in range(10):
        st.write(f"line {line}")
        time.sleep(0.4)
    st.write("All is found")


after = st.Page(found, url_path="found", title="Found")
st.navigation([st.Page(watched, url_path=None, title="Watched", default=True), after], position="hidden").run()
