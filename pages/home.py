"""Home: from a file to flagged rows in one step, and everything that was made before."""

from __future__ import annotations

import streamlit as st

from core.datasets.samples import SAMPLES
from dashboard import state, words
from dashboard.blocks.library import library, under_way
from dashboard.blocks.live_work import live_work
from dashboard.blocks.upload import find_anomalies, find_in_sample

if job := state.param("job"):
    live_work(job)
    st.stop()

st.title("Find what doesn't fit in your data")
st.markdown(
    "Hourglass squeezes each row of your table through a narrow neural network (an *autoencoder*) and looks at what "
    "comes out: rows that it cannot rebuild, or that come out unlike all others, are unusual. You see which rows, which "
    "columns made them so, and whether "
    "simpler methods agree."
)

under_way()
upload, samples = st.columns([3, 2], gap="large")
with upload:
    st.subheader("Find anomalies in my file")
    find_anomalies()
with samples:
    st.subheader("Or try a sample")
    for name, sample in SAMPLES.items():
        find_in_sample(name, sample)

st.divider()
library()
store = state.store()
st.caption(f"Disk in use: {words.size(store.artifacts.used_bytes(store.space))} in {store.settings.home}")
