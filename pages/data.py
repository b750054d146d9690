"""Data: what is in the table, how each column is understood, and what of it the network will see."""

from __future__ import annotations

import streamlit as st

from dashboard import state, words
from dashboard.blocks.dataset_picker import dataset_picker
from dashboard.blocks.files import files_over_time
from dashboard.blocks.first_rows import first_rows
from dashboard.blocks.images.grid import image_grid
from dashboard.blocks.images.offer import offered_as_images
from dashboard.blocks.images.sharpness import ignored_regions, sharpness
from dashboard.blocks.leave_out import leave_out
from dashboard.blocks.profile import profile
from dashboard.blocks.questions import questions
from dashboard.blocks.reading import reading
from dashboard.blocks.schema_editor import schema_editor
from dashboard.blocks.schema_templates import offered_schema
from dashboard.blocks.score_with import score_with
from dashboard.blocks.versions import relatives
from dashboard.charts.markdown import plain
from dashboard.navigation import link

st.title("Data")
st.caption("Look at what was read, and say what each column is.")

dataset = state.dataset()
if dataset is None:
    dataset_picker("data")
    st.stop()

st.subheader(plain(dataset.name), anchor=False)
st.markdown(
    f"{words.count(dataset.rows, dataset.item)} × {words.count(len(dataset.columns), 'column')} · "
    f"{len(dataset.features)} of them features · from {plain(dataset.source_name)} · {words.size(dataset.bytes)}"
)
relatives(dataset)
to_training = st.container()
offered_as_images(dataset)
reading(dataset)
questions(dataset)
offered_schema(dataset)
if dataset.pictures is not None:
    st.markdown("#### Images")
    image_grid(dataset)
    sharpness(dataset)
    ignored_regions(dataset)
st.markdown("#### Columns" if dataset.pictures is None else "#### What is known about them")
schema_editor(dataset)
profile(dataset)
st.markdown("#### Rows")
leave_out(dataset, state.leave_out(dataset.id), f"data_{dataset.id}")
first_rows(dataset)
with to_training:
    score_with(dataset)
    link("train", "Train on this", icon=":material/play_arrow:", dataset=dataset.id, leave=state.param("leave"))
    files_over_time(dataset)
