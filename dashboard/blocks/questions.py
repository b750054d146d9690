"""What the cells could not tell, asked in one place; the answers make a new version of the data."""

from __future__ import annotations

import streamlit as st

from core.datasets.ingest import change_columns
from core.datasets.questions import answers
from core.results import Dataset
from dashboard import state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.schema_changes import open_version
from dashboard.charts.markdown import plain


def questions(dataset: Dataset) -> None:
    """A question a column, with what was assumed chosen; nothing where all is clear."""
    asked = [column for column in dataset.columns if column.question]
    if not asked:
        return
    with st.container(border=True):
        st.markdown(f"**{words.count(len(asked), 'question')} that only you can answer**")
        changes = {}
        for column in asked:
            choices = answers(column)
            picked = st.radio(
                f"{plain(column.name)}: {plain(column.question)}",
                range(len(choices)),
                format_func=lambda i, choices=choices: choices[i].words,
                horizontal=True,
                key=f"question_{dataset.id}_{dataset.columns.index(column)}",
            )
            changes[column.name] = choices[picked].change
        if st.button("Save the answers as a new version", key=f"answer_{dataset.id}"):
            with failure_in_place():
                version = change_columns(state.store(), dataset, changes)
            open_version(dataset, version)
