"""One row in full: what stood there, what the network expected, and each column's share of its score."""

from __future__ import annotations

import re

import numpy as np
import streamlit as st

from core.errors import NotFound, ServingUnavailable
from core.serving import ask
from core.specs import OWN_ERROR, RECOMMENDED, score_card, score_splits
from dashboard import load, state
from dashboard.blocks.failure import show_error
from dashboard.blocks.run_header import Chosen
from dashboard.charts.errors import row_shares, row_table
from dashboard.charts.markdown import plain
from dashboard.charts.theme import PLOTLY_CONFIG

MOST_NAMED = 5


def row_choice(chosen: Chosen) -> int:
    """The position of the row to look at: the URL's, the shared view's, else the strangest. Raises NotFound."""
    shared = state.view()
    key = state.param("row") or (shared.state.get("row") if shared is not None else None)
    if key is None:
        return int(np.argmax(chosen.scores.values))
    found = load.positions(chosen.scores.row_keys, (str(key),))
    if len(found):
        return int(found[0])
    total = len(chosen.scores.values)
    if re.fullmatch(r"[1-9]\d{0,11}", str(key)) and int(key) <= total:  # typed by somebody who read it on the page
        return int(key) - 1
    raise NotFound(
        f"there is no row “{str(key)[:60]}”",
        where="row",
        fix=f"take a number from 1 to {total:,}, or pick a row on Anomalies",
    )


def one_row(chosen: Chosen, row: int) -> None:
    """A number box for the row, its shares as bars, actual beside expected as a table."""
    total = len(chosen.scores.values)
    picked = int(st.number_input("Row", 1, total, row + 1, key=f"one_row_{chosen.run.id}_{row}", width=200)) - 1
    if picked != row:
        state.set_param("row", str(chosen.scores.row_keys[picked]))
        st.rerun()
    dataset = chosen.dataset
    for name, cell in load.rows_frame(state.store(), dataset, np.asarray([row]), dataset.identifiers).iloc[0].items():
        st.markdown(f"{plain(str(name))}: **{plain(str(cell))}**")
    rank = int(load.ranks(state.store(), chosen.run, chosen.threshold.scorer).by_detector["Autoencoder"][row])
    side = "flagged" if chosen.scores.values[row] >= chosen.threshold.value else "not flagged"
    st.markdown(f"Score **{chosen.scores.values[row]:.4g}**, rank {rank:,} of {total:,}: {side} at the threshold.")
    shares = np.asarray(chosen.scores.column_errors[row], dtype=float)
    chart, table = st.columns(2, gap="large")
    with chart:
        st.plotly_chart(row_shares(chosen.scores.columns, shares), config=PLOTLY_CONFIG, key="row_shares")
    with table:
        try:
            answer = ask(state.store(), "explain", run_id=chosen.run.id, rows=[row])
        except ServingUnavailable as error:
            show_error(error)
            return
        weak = set(chosen.run.summary.get("weak_columns", ()))
        expected = [
            "" if name in weak else value for name, value in zip(answer["columns"], answer["expected"][0], strict=True)
        ]
        st.dataframe(
            row_table(answer["columns"], answer["actual"][0], expected, shares),
            hide_index=True,
            column_config={
                "actual": st.column_config.TextColumn("actual", help="What stands in the file."),
                "expected": st.column_config.TextColumn(
                    "expected", help="What the network rebuilt (its reconstruction)."
                ),
            },
        )
        st.caption(_sources(chosen))
        if weak:
            names = ", ".join(plain(name, 40) for name in list(dict.fromkeys(weak))[:MOST_NAMED])
            more = f" and {len(weak) - MOST_NAMED} more" if len(weak) > MOST_NAMED else ""
            st.caption(
                f"No expected value of {names}{more}: on rows held back the network was no nearer than the column's middle."
            )


def _sources(chosen: Chosen) -> str:
    """Where the numbers beside a row come from."""
    scorer = chosen.scorer
    if scorer == OWN_ERROR:
        return "*Expected* is this run's reconstruction; where the column's share is small, it says little."
    spec = chosen.run.spec
    apart = spec.get("scorer") == RECOMMENDED and not spec.get("assume_clean")
    learned = ", which learned from all but the strangest rows" if apart else ""
    what = "the score's" if score_splits(scorer) else "the reconstruction error's: this score has no parts by column"
    return (
        f"The score is *{score_card(scorer)[0]}*; the shares are {what}. *Expected* comes from this run's network{learned}; "
        "where the column's share is small, it says little."
    )
