"""Flagged rows of one kind as one case: many copies of a fault are one decision."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.scoring.events import numbers_of
from core.triage.judged import OPEN, Judged
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.flagged_rows import flagged_table, table_columns
from dashboard.blocks.images.wall import wall
from dashboard.blocks.pages import page_of
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.series import events
from dashboard.blocks.triage.kinds import MOST, cases_of
from dashboard.blocks.triage.queue import Queue
from dashboard.blocks.triage.verdict import verdict_buttons
from dashboard.charts.markdown import plain
from dashboard.charts.text import visible

SHOWN, PAGE = 50, 50
ALIKE = {
    "row": "strange in the same columns, on the same side and about as far",
    "image": "off from what was expected at the same place, on the same side and by about as much",
    "event": "rebuilt badly in the same columns, on the same side of what was expected and by about as much",
}


def queue_cases(chosen: Chosen, queue: Queue, judged: Judged) -> None:
    """A table of cases; the rows of the one that is ticked, and a verdict on those of them that nobody decided on."""
    rows, item = queue.rows[queue.wanted], words.counted_in(chosen.run, chosen.dataset)
    if len(rows) == 0:
        st.caption("None.")
        return
    with failure_in_place():
        found = cases_of(chosen, rows)
    several = sum(len(case["rows"]) > 1 for case in found)
    more = f" The {MOST:,} strangest." if len(rows) > MOST else ""
    st.caption(
        f"{words.count(min(len(rows), MOST), item)} in {words.count(len(found), 'case')}, {several:,} of them with more than one {item}: "
        f"{ALIKE[item]}.{more}"
    )
    page = page_of(len(found), PAGE, key=f"cases_page_{chosen.run.id}")
    shown = found[page]
    table = pd.DataFrame(
        {
            "case": [visible(case["name"]) for case in shown],
            f"{item}s": [len(case["rows"]) for case in shown],
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
        st.caption(f"Tick a case to see its {item}s and to decide on them at once.")
        return
    case = shown[ticked[0]]
    mine = np.asarray(case["rows"], np.int64)
    undecided = mine[judged.codes[mine] == OPEN].tolist()
    st.markdown(f"**{plain(case['name'])}**")
    verdict_buttons(chosen, undecided, f"one of {len(undecided):,} in a case: {case['name']}", "case")
    if item == "image":
        wall(chosen, mine, key=f"case_images_{chosen.run.id}_{mine[0]}")
        return
    if item == "event":
        _events(chosen, mine[:SHOWN])
    else:
        key = f"case_rows_{chosen.run.id}_{mine[0]}"
        st.dataframe(flagged_table(chosen, mine[:SHOWN]), key=key, column_config=table_columns())
    if len(mine) > SHOWN:
        st.caption(f"The {SHOWN} strangest of {len(mine):,}.")


def _events(chosen: Chosen, rows: NDArray[np.int64]) -> None:
    """The events that these rows stand for, by their numbers among all."""
    course, found = events.course_of(chosen), load.events(state.store(), chosen.run, chosen.threshold)
    mine = numbers_of(found, course, len(chosen.scores.values))[rows]
    table = events.events_table(chosen, tuple(found[number - 1] for number in mine.tolist()))
    table["event"] = mine
    st.dataframe(
        table, hide_index=True, key=f"case_events_{chosen.run.id}_{rows[0]}", column_config=events.table_columns()
    )
