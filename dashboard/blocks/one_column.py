"""One column of many rows: what stands there against what the network expected."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.errors import ServingUnavailable
from core.serving import ask
from dashboard import state, words
from dashboard.blocks.failure import show_error
from dashboard.blocks.run_header import Chosen
from dashboard.charts.errors import actual_and_expected
from dashboard.charts.text import shortened, visible
from dashboard.charts.theme import PLOTLY_CONFIG

ROWS = 1_000  # that are asked for: the flagged ones first, the others at random
PAIRS = 30  # of words


def one_column(chosen: Chosen, name: str) -> None:
    """As a chart of numbers, or as a table of words that stand for each other."""
    flagged = np.flatnonzero(chosen.scores.values >= chosen.threshold.value)
    others = np.flatnonzero(chosen.scores.values < chosen.threshold.value)
    taken = flagged[: ROWS // 2]
    more = np.random.default_rng(0).permutation(others)[: ROWS - len(taken)]
    rows = np.sort(np.concatenate([taken, more]))
    try:
        found = ask(state.store(), "column", run_id=chosen.run.id, column=name, rows=rows.tolist())
    except ServingUnavailable as error:
        show_error(error)
        return
    over = chosen.scores.values[rows] >= chosen.threshold.value
    if found["numbers"]:
        actual, expected = (
            [np.nan if each is None else each for each in found[side]] for side in ("actual", "expected")
        )
        made = actual_and_expected(name, actual, expected, over, rows)
        st.plotly_chart(made, config=PLOTLY_CONFIG, key=f"column_{chosen.run.id}")
    else:
        pairs = pd.DataFrame(
            {
                "actual": [visible(shortened(cell or "")) or "(empty)" for cell in found["actual"]],
                "expected": [visible(shortened(cell or "")) for cell in found["expected"]],
                "flagged": over,
            }
        )
        table = pairs.groupby(["actual", "expected"], sort=False)["flagged"].agg(rows="size", flagged="sum")
        st.dataframe(table.sort_values("rows", ascending=False).head(PAIRS).reset_index(), hide_index=True)
    if len(rows) < len(chosen.scores.values):
        st.caption(f"{words.count(len(rows), 'row')} of {len(chosen.scores.values):,}, {len(taken):,} of them flagged.")
