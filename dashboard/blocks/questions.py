"""What the cells could not tell, asked in one place; the answers make a new version of the data."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.datasets.ingest import BY_HAND, change_columns
from core.datasets.perhaps_label import question_of_run
from core.datasets.questions import answers
from core.results import Column, Dataset
from dashboard import state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.schema_changes import open_version
from dashboard.charts.markdown import plain
from dashboard.navigation import link

RUNS = 20  # of a dataset, that are looked through


def open_questions(dataset: Dataset) -> list[Column]:
    """The columns with a question: of their cells, or of a run that found that one of them tells what is strangest."""
    telling: dict[str, tuple[int, int]] = {}
    if dataset.label is None and any(column.distinct == 2 for column in dataset.features):  # of others no run asks
        for run in state.store().runs.find(dataset_id=dataset.id, limit=RUNS):
            telling = {**run.summary.get("perhaps_labels", {}), **telling}
    return [column for column in (_with_question(each, telling) for each in dataset.columns) if column.question]


def _with_question(column: Column, telling: dict[str, tuple[int, int]]) -> Column:
    """The column as it is asked about. telling: what runs found, by name; it is not asked where the user has said it."""
    if column.question or column.name not in telling or column.reason.endswith(BY_HAND):
        return column
    return replace(column, question=question_of_run(*telling[column.name]))


def questions(dataset: Dataset, page: str = "data") -> None:
    """A question a column, with what was assumed chosen; nothing where all is clear. page: where it goes on."""
    asked = open_questions(dataset)
    if not asked:
        return
    names = [column.name for column in dataset.columns]
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
                key=f"question_{dataset.id}_{names.index(column.name)}",
            )
            changes[column.name] = choices[picked].change
        if st.button("Save the answers as a new version", key=f"answer_{dataset.id}"):
            with failure_in_place():
                version = change_columns(state.store(), dataset, changes)
            open_version(dataset, version, page)


def questions_link(dataset: Dataset) -> None:
    """The way to the questions; nothing where all is clear, or a newer version answers them."""
    asked = open_questions(dataset)
    if asked and not state.store().datasets.versions(dataset):
        link(
            "data",
            f"{words.count(len(asked), 'question')} that only you can answer",
            icon=":material/help:",
            dataset=dataset.id,
        )
