"""Rows like the one that is looked at: near it in the codes and strange in the same columns; one verdict for those that are ticked."""

from __future__ import annotations

import base64

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.triage.alike import alike
from core.triage.judged import OPEN, Judged
from dashboard import load, state
from dashboard.blocks.evidence_card import nearest_points
from dashboard.blocks.flagged_rows import flagged_table, table_columns
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.triage.verdict import verdict_buttons
from dashboard.charts.pixels import png

MOST = 50


def look_alikes(chosen: Chosen, row: int, judged: Judged, flagged: NDArray[np.int64]) -> None:
    """The likest of the flagged rows that nobody decided on, looked for when asked for."""
    images, series = chosen.dataset.pictures is not None, chosen.scores.course is not None
    with st.expander(
        f"Flagged {'events' if series else 'images' if images else 'rows'} like this one",
        key=f"alike_{chosen.run.id}",
        on_change="rerun",
    ) as box:
        if not box.open:
            return
        among = flagged[judged.codes[flagged] == OPEN]
        rows, likeness = _of_events(chosen, row, among) if series else _of_rows(chosen, row, among)
        if len(rows) == 0:
            st.caption("There is no other flagged one that nobody decided on.")
            return
        table = flagged_table(chosen, rows)
        if images:
            table.insert(0, "image", [_address(image) for image in load.thumbs(state.store(), chosen.dataset, rows)])
        table.insert(0, "likeness", 100 * likeness)
        picked = st.dataframe(
            table,
            key=f"alike_rows_{chosen.run.id}_{row}_{len(among)}",
            on_select="rerun",
            selection_mode="multi-row",
            column_config={
                **table_columns(),
                **({"image": st.column_config.ImageColumn("image")} if images else {}),
                "likeness": st.column_config.ProgressColumn(
                    "likeness",
                    format="%.0f %%",
                    min_value=0,
                    max_value=100,
                    help="100: a copy. How near its code is, "
                    + (
                        "and whether its score is as high."
                        if images
                        else "and how far the same columns make it strange by as much."
                    ),
                ),
            },
        )
        ticked = [int(rows[place]) for place in picked["selection"]["rows"]]
        st.caption("Tick those that you have looked at; what you say then is said of all of them.")
        verdict_buttons(
            chosen, ticked, f"said with {chosen.dataset.item} {row + 1} of {len(ticked):,} like it", f"alike_{row}"
        )


def _of_rows(chosen: Chosen, row: int, among: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows or images, (K,), and how like this one each is, (K,)."""
    scores = chosen.scores
    return alike(row, load.codes(state.store(), chosen.run), scores.column_errors, scores.values, among, MOST)


def _of_events(chosen: Chosen, row: int, among: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The same of a series: of each event its strangest row, by the code of the window around it."""
    store, scores = state.store(), chosen.scores
    at = load.map_rows(store, chosen.run)
    if scores.course is None or scores.course.place(row) is None:
        return among[:0], np.empty(0)
    others = among[among != row]
    if len(others) == 0:
        return others, np.empty(0)
    windows = nearest_points(chosen, np.append(row, others), at)
    # The windows of the events first, each with the errors of its strangest row; behind them all others, as what is usual.
    rows = np.concatenate([[row], others, at])
    codes = load.codes(store, chosen.run)
    codes = np.concatenate([codes[windows], codes])
    first = np.arange(1, len(others) + 1)
    found, likeness = alike(0, codes, scores.column_errors[rows], scores.values[rows], first, MOST)
    return rows[found], likeness


def _address(image: NDArray[np.uint8]) -> str:
    """A small image as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png(image)).decode()}"
