"""Rows that are not flagged though a look at the columns finds a value in them that is very likely wrong."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.errors import HourglassError
from core.profiles import VERY_LIKELY, Suspicion
from core.results import Flags, Job
from dashboard import load, state, words
from dashboard.blocks.failure import show_error
from dashboard.blocks.flagged_rows import flagged_table, strangest_first, ticked_row
from dashboard.blocks.profile.waiting import newest_job
from dashboard.blocks.run_header import Chosen
from dashboard.charts.text import visible
from dashboard.navigation import link
from dashboard.tick import ticking


def doubtful_rows(chosen: Chosen, flags: Flags) -> None:
    """They as a table, the strangest first, each with what is doubted, as soon as the table's columns are counted."""
    dataset = chosen.dataset
    if dataset.pictures is not None:
        return
    try:
        if not dataset.profile_address:
            job = newest_job(dataset)
            dataset = state.store().datasets.get(dataset.id)  # it may have ended since the page read the dataset
            if not dataset.profile_address:
                if not job.ended:
                    _counting(job)
                return
        doubted = doubts_by_row(load.profile(state.store(), dataset).suspicions)
    except HourglassError as error:  # what is flagged can still be looked at
        show_error(error)
        return
    passed_over = not_flagged(doubted, flags.rows)
    if len(passed_over) == 0:
        return
    rows = strangest_first(chosen, passed_over)
    with st.expander(f"Values that are very likely wrong, not flagged: {words.count(len(rows), 'row')}"):
        st.caption(
            f"A look at the columns finds a value that is very likely wrong in {words.count(len(doubted), 'row')} (flagged: "
            f"{len(doubted) - len(rows):,}). The score asks how unusual a row is as a whole: one cell may count for little."
        )
        table = flagged_table(chosen, rows)
        table.insert(0, "very likely wrong", [visible("; ".join(doubted[int(row)])) for row in rows])
        ticked_row(chosen, table, rows, f"doubtful_{flags.threshold.id}", "why_doubtful")
        link("data", "All that looks wrong in this table", dataset=dataset.id, profile="check")


def _counting(job: Job) -> None:
    """That the columns are being counted, until they are."""

    def _now() -> None:
        if state.store().jobs.get(job.id).ended:
            st.rerun()
        st.caption("Each column is being looked at for values that are very likely wrong.")

    ticking(_now, 2.0, key=f"doubtful_{job.id}")


def doubts_by_row(suspicions: tuple[Suspicion, ...]) -> dict[int, list[str]]:
    """What is very likely wrong in each row; rows from 0. Of few cells: what is wrong in many is a column's, not a row's."""
    doubted: dict[int, list[str]] = {}
    for suspicion in suspicions:
        if suspicion.doubt >= VERY_LIKELY and suspicion.cells == len(suspicion.rows):
            for row in suspicion.rows:
                doubted.setdefault(row - 1, []).append(f"{suspicion.column}: {suspicion.what}")
    return doubted


def not_flagged(doubted: dict[int, list[str]], flagged: NDArray[np.int64]) -> NDArray[np.int64]:
    """The doubted rows without the flagged ones, (R,), in their order."""
    return np.setdiff1d(np.fromiter(doubted, np.int64, len(doubted)), flagged)
