"""Guide: how an autoencoder works, told on the user's own run, with a place for every word of the app."""

from __future__ import annotations

import streamlit as st

from dashboard.blocks.guide import chapter_figures, chapter_text, chosen_term, contents, further, told_from

st.title("Guide")
st.caption("How an autoencoder works, told on your own run; every word of the app has its place here.")

chapter_choice, run_choice = st.columns(2, gap="large")
with chapter_choice:
    term, asked = chosen_term()
with run_choice:
    told = told_from()
contents(expanded=not asked)
text, figure = st.columns(2, gap="large")
with text:
    chapter_text(term)
with figure:
    chapter_figures(term, told)
further(term)
