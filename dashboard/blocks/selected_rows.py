"""The rows selected on the maps: as a table or a wall of images, in a chosen order, and as a file."""

from __future__ import annotations

import hashlib

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard import state, words
from dashboard.blocks.flagged_rows import ROWS, download_rows, flagged_table, strangest_first, ticked_row
from dashboard.blocks.images.wall import wall
from dashboard.blocks.pages import page_of
from dashboard.blocks.run_header import Chosen
from dashboard.latent_map import on_grid
from dashboard.navigation import link

SCORE, PLACE, FILE = "strangest first", "as they lie on the map", "as in the data"
BITS = 10  # of each direction, for the order on the map


def selected_rows(chosen: Chosen, rows: NDArray[np.int64], places: NDArray[np.float32]) -> None:
    """A page of these rows, (K,), with the way to their errors. places: where each lies on the first map, (K, 2)."""
    item = chosen.dataset.item
    if len(rows) == 0:
        st.caption(
            "Nothing is selected. Draw a lasso around points, click one, or press N and Space on a map, to look at them here."
        )
        return
    st.markdown(f"#### {words.count(len(rows), f'selected {item}')}")
    these = hashlib.sha256(rows.tobytes()).hexdigest()[:12]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        how = st.segmented_control(
            "Order", [SCORE, PLACE, FILE], default=SCORE, required=True, key=f"selected_order_{chosen.run.id}"
        )
        download_rows(chosen, strangest_first(chosen, rows), "selected", chosen.threshold)
    order = strangest_first(chosen, rows) if how == SCORE else rows if how == FILE else rows[along_the_map(places)]
    if chosen.dataset.pictures is not None:
        wall(chosen, order, key=f"selected_{chosen.run.id}_{how}_{len(order)}")
        return
    page = page_of(len(order), ROWS, key="selected_page")
    shown = order[page]
    ticked_row(chosen, flagged_table(chosen, shown), shown, f"selected_{these}_{how}_{page.start}", "why_selected")
    link("errors", "See their errors", **{**state.carried(), "run": chosen.run.id})


def along_the_map(places: NDArray[np.float32]) -> NDArray[np.int64]:
    """An order in which rows that lie together on the map come together, (K,): along a Z-curve (Morton 1966). Rows without a
    place come last."""
    grid = on_grid(places) / 65_536.0
    there = np.isfinite(grid).all(axis=1)
    steps = np.clip(np.where(there[:, None], grid, 0) * 2**BITS, 0, 2**BITS - 1).astype(np.int64)  # (K, 2)
    curve = np.zeros(len(places), np.int64)
    for bit in range(BITS):
        for axis in (0, 1):
            curve |= ((steps[:, axis] >> bit) & 1) << (2 * bit + axis)
    return np.lexsort((curve, ~there))
