"""Rows like the one that is looked at: near it in the codes and strange in the same columns; one verdict for those that are ticked."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.triage.alike import alike
from core.triage.judged import OPEN, Judged
from dashboard import load, state
from dashboard.blocks.flagged_rows import flagged_table, table_columns
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.triage.verdict import verdict_buttons

MOST = 50


def look_alikes(chosen: Chosen, row: int, judged: Judged, flagged: NDArray[np.int64]) -> None:
    """The likest of the flagged rows that nobody decided on, looked for when asked for."""
    if chosen.dataset.pictures is not None or chosen.scores.course is not None:
        return
    with st.expander("Flagged rows like this one", key=f"alike_{chosen.run.id}", on_change="rerun") as box:
        if not box.open:
            return
        among = flagged[judged.codes[flagged] == OPEN]
        codes = load.codes(state.store(), chosen.run)
        scores = chosen.scores
        rows, likeness = alike(row, codes, scores.column_errors, scores.values, among, MOST)
        if len(rows) == 0:
            st.caption("There is no other flagged row that nobody decided on.")
            return
        table = flagged_table(chosen, rows)
        table.insert(0, "likeness", 100 * likeness)
        picked = st.dataframe(
            table,
            key=f"alike_rows_{chosen.run.id}_{row}_{len(among)}",
            on_select="rerun",
            selection_mode="multi-row",
            column_config={
                **table_columns(),
                "likeness": st.column_config.ProgressColumn(
                    "likeness",
                    format="%.0f %%",
                    min_value=0,
                    max_value=100,
                    help="100: a copy. How near its code is, and how far the same columns make it strange by as much.",
                ),
            },
        )
        ticked = [int(rows[place]) for place in picked["selection"]["rows"]]
        st.caption("Tick those that you have looked at; what you say then is said of all of them.")
        verdict_buttons(chosen, ticked, f"said with row {row + 1} of {len(ticked):,} rows like it", f"alike_{row}")
