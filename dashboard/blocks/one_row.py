"""One row in full: which one, and all that speaks for it."""

from __future__ import annotations

import re

import numpy as np
import streamlit as st

from core.errors import NotFound
from dashboard import load, state
from dashboard.blocks.evidence_card import evidence_card, row_name
from dashboard.blocks.row_shown import may_be_shown_again, show_row
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.score_shown import said_score
from dashboard.blocks.triage.verdict import history
from dashboard.charts.markdown import plain
from dashboard.navigation import link


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
    """A number box for the row, what was said of it, and its evidence."""
    total = len(chosen.scores.values)
    picked = int(st.number_input("Row", 1, total, row + 1, key=f"one_row_{chosen.run.id}_{row}", width=200)) - 1
    if picked != row:
        show_row(chosen.run.id, str(chosen.scores.row_keys[picked]))
        st.rerun()
    rank = int(load.ranks(state.store(), chosen.run, chosen.threshold.scorer).by_detector["Autoencoder"][row])
    side = "flagged" if chosen.scores.values[row] >= chosen.threshold.value else "not flagged"
    st.markdown(
        f"**{plain(row_name(chosen, row))}** · **{said_score(chosen, float(chosen.scores.values[row]))}**, rank {rank:,} of {total:,}: {side} at "
        "the threshold."
    )
    verdicts_of(chosen, row)
    evidence_card(chosen, row)


def verdicts_of(chosen: Chosen, row: int) -> None:
    """What was said of a row, and the way to say more."""
    key = str(chosen.scores.row_keys[row])
    may_be_shown_again()
    link("triage", "Say what it is", **{**state.carried(), "run": chosen.run.id, "row": key})
    history(chosen, row, load.judged(state.store(), chosen.dataset, chosen.run))
