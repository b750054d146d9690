"""Before something goes for good: what it is, what goes with it, and a way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.blocks.failure import failure_in_place
from dashboard.charts.markdown import plain


@st.dialog("Delete for good")
def confirm_delete(word: str, name: str, delete: Callable[[], None], gone: Sequence[str] = (), stays: str = "") -> None:
    """Ask, then delete and begin the page anew. gone: what will go with it; stays: a sentence about what will not."""
    st.markdown(f"The {word} **{plain(name)}** will be deleted. This cannot be undone. {stays}".strip())
    if gone:
        st.markdown("With it will go:\n" + "\n".join(f"- {plain(line)}" for line in gone))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="cancel_delete"):
            st.rerun()
        pressed = st.button("Delete", key="confirm_delete")
    if pressed:
        with failure_in_place():
            delete()
        st.rerun()
