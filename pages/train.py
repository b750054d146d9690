"""Train: choose an autoencoder, see its shape, start it, and watch it learn."""

from __future__ import annotations

import streamlit as st

from dashboard import state
from dashboard.blocks.comparison import comparison
from dashboard.blocks.dataset_picker import dataset_picker
from dashboard.blocks.live_run import live_run, open_job
from dashboard.blocks.questions import questions
from dashboard.blocks.run_form import run_form
from dashboard.blocks.run_list import run_list
from dashboard.blocks.search import search_view
from dashboard.blocks.versions import version
from dashboard.charts.markdown import plain
from dashboard.help import what_is_this

st.title("Train")
st.caption("Teach a network to rebuild your rows. What it can't rebuild afterwards is unusual.")

if (run := state.run()) is not None and state.param("copy") is None:
    live_run(run)
    st.stop()

if job := state.param("job"):
    open_job(job)

if searched := state.param("search"):
    search_view(searched)
    st.stop()

compared, gone = state.compared()
if compared:
    comparison(compared, gone)
    st.stop()

dataset = state.dataset() or state.copied_dataset()
if dataset is None:
    dataset_picker("train")
    st.stop()

st.markdown(f"On **{plain(dataset.name)}**{version(dataset)}")
questions(dataset, "train")
run_form(dataset)
what_is_this("autoencoder", "What does the drawing of the network show?")
run_list(dataset)
