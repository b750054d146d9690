"""The page to which the others lead: it takes its time, and is whole once its last line stands."""

from __future__ import annotations

import time

import streamlit as st


def found() -> None:
    """Ten lines, then the last."""
    for line in range(10):
        st.write(f"line {line}")
        time.sleep(0.4)
    st.write("All is found")
