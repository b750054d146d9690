"""What a careful reader would check: a line a suspicion, the rows of the chosen one, and missing words at one press."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.datasets.ingest import change_columns
from core.profiles import VERY_LIKELY, Profile, Suspicion
from core.results import Dataset
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.charts.markdown import plain
from dashboard.charts.profile.distributions import small_multiple
from dashboard.charts.text import visible
from dashboard.charts.theme import PLOTLY_CONFIG
from dashboard.navigation import go

COLUMNS = 40
EXAMPLES = 3
LONGEST = 40
ROOM = 250  # pixels of the rows: as tall as the chart beside them
FARTHER_OUT = (
    "“Farther out” counts what the chart leaves out so that its bars can be read; in the list stands only what a gap "
    "parts from all other values."
)
GRADES = ((VERY_LIKELY, "very likely wrong"), (0.5, "likely wrong"), (0.0, "worth a look"))


def to_check(dataset: Dataset, found: Profile) -> None:
    """The list, the most doubtful first, and what stands behind the chosen line (the first, until one is chosen)."""
    suspicions = sorted(found.suspicions, key=lambda suspicion: -suspicion.doubt)
    if not suspicions:
        st.markdown("No value looks wrong. What only you can know is not checked: whether the values are true.")
        return
    picked = st.dataframe(
        _table(suspicions),
        key=f"to_check_{dataset.id}",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [0], "columns": [], "cells": []}},
        column_config={
            "column": st.column_config.TextColumn("column", width=120),
            "what": st.column_config.TextColumn("what", width=360),
            "cells": st.column_config.NumberColumn("cells", width=60, format="localized"),
            "examples": st.column_config.TextColumn("examples", width=130, help="As they stand in the file."),
            "doubt": st.column_config.TextColumn("doubt", width=120),
        },
    )
    rows = picked["selection"]["rows"]
    if rows and rows[0] < len(suspicions):
        _one(dataset, found, suspicions[rows[0]], rows[0])
    else:
        st.caption("Tick a line to see its rows.")


def _table(suspicions: list[Suspicion]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": [visible(suspicion.column) for suspicion in suspicions],
            "what": [visible(suspicion.what) for suspicion in suspicions],
            "cells": [suspicion.cells for suspicion in suspicions],
            "examples": [_examples(suspicion) for suspicion in suspicions],
            "doubt": [next(word for least, word in GRADES if suspicion.doubt >= least) for suspicion in suspicions],
        }
    )


def _examples(suspicion: Suspicion) -> str:
    shown = [_quoted(example) for example in suspicion.examples[:EXAMPLES]]
    return ", ".join(shown)


def _quoted(text: str) -> str:
    """A cell in quotation marks, so that blanks at its ends are seen."""
    return f"“{visible(text if len(text) <= LONGEST else text[: LONGEST - 1] + '…')}”"


def _one(dataset: Dataset, found: Profile, suspicion: Suspicion, place: int) -> None:
    """Its rows beside the column's distribution; a button where its words may stand for a missing value."""
    with st.container(border=True):
        st.markdown(f"**{plain(suspicion.column, 60)}**: {plain(suspicion.what)}")
        if suspicion.words:
            _missing_words(dataset, suspicion, place)
        rows, chart = st.columns([2, 1])
        with rows:
            _rows(dataset, suspicion)
        counted = next(column for column in found.columns if column.name == suspicion.column)
        with chart:
            made = small_multiple(counted, dataset.column(suspicion.column).unit)
            st.plotly_chart(made, config=PLOTLY_CONFIG, key=f"to_check_chart_{dataset.id}")
            if counted.spread and counted.spread.below + counted.spread.above:
                st.caption(FARTHER_OUT)


def _rows(dataset: Dataset, suspicion: Suspicion) -> None:
    """The rows that have such cells, the doubtful column first."""
    if not suspicion.rows:
        st.caption("It is said of the whole column, not of single rows.")
        return
    names = [column.name for column in dataset.columns]
    shown = tuple(dict.fromkeys([suspicion.column, *dataset.identifiers, *names]))[:COLUMNS]
    st.dataframe(load.rows_frame(state.store(), dataset, np.asarray(suspicion.rows, np.int64) - 1, shown), height=ROOM)
    if suspicion.cells > len(suspicion.rows):
        st.caption(f"The first {len(suspicion.rows):,} of {words.count(suspicion.cells, 'row')}.")


def _missing_words(dataset: Dataset, suspicion: Suspicion, place: int) -> None:
    column = dataset.column(suspicion.column)
    listed = plain(", ".join(_quoted(word) for word in suspicion.words[:EXAMPLES]))
    more = f" and {len(suspicion.words) - EXAMPLES:,} more" if len(suspicion.words) > EXAMPLES else ""
    pressed = st.button(
        f"Count {listed}{more} as missing",
        key=f"missing_words_{dataset.id}_{place}",
        help="Makes a new version of the data. Runs on the present version stay as they are.",
    )
    if pressed:
        with failure_in_place():
            change = {"missing_words": tuple(dict.fromkeys((*column.missing_words, *suspicion.words)))}
            version = change_columns(state.store(), dataset, {column.name: change})
        state.set_leave_out(version.id, state.leave_out(dataset.id))
        go("data", dataset=version.id, profile="check", leave=state.param("leave"))
