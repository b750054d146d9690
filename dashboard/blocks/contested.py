"""Rows on which the detectors disagree: what only the autoencoder flags, and what it passes over though others find it strange."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.results import Flags
from dashboard import load, state, words
from dashboard.blocks.flagged_rows import flagged_table, ticked_row
from dashboard.blocks.images.wall import wall
from dashboard.blocks.run_header import Chosen

MOST = 50  # rows that are shown
AGREED = 2  # other detectors that must find a row strange before it counts as passed over
Rows = NDArray[np.int64]


def contested_rows(chosen: Chosen, flags: Flags) -> None:
    """Both kinds as a table, strangest first by those who find them strange."""
    if len(flags.rows) == 0:
        return
    ranks = load.ranks(state.store(), chosen.run, chosen.threshold.scorer).by_detector
    alone, passed_over = contested(ranks, "Autoencoder", flags.rows)
    others = [name for name in ranks if name != "Autoencoder"]
    titles = {
        f"Only the autoencoder ({len(alone):,})": alone,
        f"Only others ({len(passed_over):,})": passed_over,
    }
    with st.expander(f"Contested: {words.count(len(alone) + len(passed_over), chosen.dataset.item)}"):
        st.caption(
            f"Beside the {len(flags.rows):,} flags as many strangest of {', '.join(others)}: what only the autoencoder flags, and "
            f"what at least {AGREED} of the others find strange and it does not. One of them is wrong there; look at these first."
        )
        picked = st.segmented_control(
            "Whose",
            list(titles),
            default=next(iter(titles)),
            required=True,
            label_visibility="collapsed",
            key="contested",
        )
        rows = titles[picked][:MOST]
        if len(rows) == 0:
            st.caption("None.")
            return
        if chosen.dataset.pictures is not None:
            wall(chosen, rows, key=f"contested_{list(titles).index(picked)}")
            return
        key = f"contested_{flags.threshold.id}_{list(titles).index(picked)}"
        ticked_row(chosen, flagged_table(chosen, rows), rows, key, "why_contested")


def contested(ranks: dict[str, Rows], own: str, flagged: Rows) -> tuple[Rows, Rows]:
    """Rows that `own` alone flags, and those that it does not though several others have them among as many strangest."""
    count = len(flagged)
    is_flagged = np.zeros(len(ranks[own]), bool)
    is_flagged[flagged] = True
    others = np.asarray([rank <= count for name, rank in ranks.items() if name != own])  # (K, N)
    found = others.sum(axis=0)
    alone = flagged[found[flagged] == 0]
    passed_over = np.flatnonzero(~is_flagged & (found >= AGREED))
    mean_rank = np.mean([rank for name, rank in ranks.items() if name != own], axis=0)
    return alone, passed_over[np.argsort(mean_rank[passed_over], kind="stable")]
