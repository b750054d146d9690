"""Flagged rows of one kind as one case: many copies of a fault are one decision."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.errors import ServingUnavailable
from core.serving import ask
from core.triage.judged import OPEN, Judged
from dashboard import state, words
from dashboard.blocks.failure import show_error
from dashboard.blocks.flagged_rows import flagged_table, table_columns
from dashboard.blocks.pages import page_of
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.triage.queue import Queue
from dashboard.blocks.triage.verdict import verdict_buttons
from dashboard.charts.markdown import plain
from dashboard.charts.text import visible

MOST, SHOWN, PAGE = 5_000, 50, 50


def queue_cases(chosen: Chosen, queue: Queue, judged: Judged) -> None:
    """A table of cases; the rows of the one that is ticked, and a verdict on those of them that nobody decided on."""
    if chosen.dataset.pictures is not None or chosen.scores.course is not None:
        st.caption(
            "Cases group rows of a table that are strange in the same columns, on the same side. Images have no columns, and "
            "events are no rows: below one of them those like it can be ticked and decided on together."
        )
        return
    rows = queue.rows[queue.wanted]
    if len(rows) == 0:
        st.caption("None.")
        return
    strangest = rows[np.argsort(-chosen.scores.values[rows], kind="stable")][:MOST]
    try:
        with st.spinner("Grouping what is flagged"):
            found = ask(
                state.store(),
                "cases",
                run_id=chosen.run.id,
                rows=np.sort(strangest).tolist(),
                scorer=chosen.threshold.scorer,
            )["cases"]
    except ServingUnavailable as error:
        show_error(error)
        return
    several = sum(len(case["rows"]) > 1 for case in found)
    more = f" The {MOST:,} strangest." if len(rows) > MOST else ""
    st.caption(
        f"{words.count(len(strangest), 'row')} in {words.count(len(found), 'case')}, {several:,} of them with more than one row: "
        f"strange in the same columns, on the same side and about as far.{more}"
    )
    page = page_of(len(found), PAGE, key=f"cases_page_{chosen.run.id}")
    shown = found[page]
    table = pd.DataFrame(
        {
            "case": [visible(case["name"]) for case in shown],
            "rows": [len(case["rows"]) for case in shown],
            "not decided": [int((judged.codes[case["rows"]] == OPEN).sum()) for case in shown],
            "highest score": [float(chosen.scores.values[case["rows"][0]]) for case in shown],
            "percentile": [float(chosen.scores.percentiles[case["rows"][0]]) for case in shown],
        }
    )
    picked = st.dataframe(
        table,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"cases_{chosen.run.id}_{page.start}_{len(found)}",
        column_config={
            "highest score": st.column_config.NumberColumn(format="%.4g"),
            "percentile": st.column_config.NumberColumn(format="%.3f", help="Of the highest score."),
        },
    )
    ticked = picked["selection"]["rows"]
    if not ticked:
        st.caption("Tick a case to see its rows and to decide on them at once.")
        return
    case = shown[ticked[0]]
    mine = np.asarray(case["rows"], np.int64)
    undecided = mine[judged.codes[mine] == OPEN].tolist()
    st.markdown(f"**{plain(case['name'])}**")
    verdict_buttons(chosen, undecided, f"one of {len(undecided):,} in a case: {case['name']}", "case")
    st.dataframe(
        flagged_table(chosen, mine[:SHOWN]), key=f"case_rows_{chosen.run.id}_{mine[0]}", column_config=table_columns()
    )
    if len(mine) > SHOWN:
        st.caption(f"The {SHOWN} strangest of {len(mine):,}.")
