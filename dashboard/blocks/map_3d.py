"""One map in three dimensions, to turn by hand: a second look, not linked to the others but for what is selected."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.projections import PROJECTIONS
from dashboard import load, state
from dashboard.blocks.map_choices import Choice, pending_maps
from dashboard.blocks.run_header import Chosen
from dashboard.charts.maps import MOST_3D, static_map
from dashboard.charts.theme import PLOTLY_CONFIG
from dashboard.latent_map import Colour


def map_3d(chosen: Chosen, colour: Colour, lit: NDArray[np.int64]) -> None:
    """Behind a switch: the method, and its map with these points, (K,), ringed."""
    codes = load.codes(state.store(), chosen.run)
    if not st.toggle("Also in 3-D", key=f"map_3d_{chosen.run.id}") or codes.shape[1] < 2:
        return
    method = st.segmented_control(
        "Method in 3-D",
        list(PROJECTIONS),
        default="pca",
        required=True,
        format_func=lambda name: PROJECTIONS.get(name).title,
        key=f"map_3d_method_{chosen.run.id}",
    )
    choice = _choice(chosen, str(method))
    if choice.projection is None and choice.method != "pca":
        pending_maps(chosen, [choice], dimensions=3)
        return
    points = (
        load.points(state.store(), choice.projection)
        if choice.projection is not None
        else load.pca_3d(state.store(), chosen.run)
    )
    under = load.under(state.store(), chosen.run, choice.method, 3)
    made = static_map(points, colour, lit, PROJECTIONS.get(choice.method).title, under)
    st.plotly_chart(made, config=PLOTLY_CONFIG, key=f"map_3d_chart_{chosen.run.id}_{method}")
    if len(points) > MOST_3D:
        st.caption(f"{MOST_3D:,} of {len(points):,} points, drawn by lot, and the selected ones.")


def _choice(chosen: Chosen, method: str) -> Choice:
    stored = state.store().projections.of_run(chosen.run.id)
    found = next((each for each in stored if (each.method, each.dimensions, each.level) == (method, 3, None)), None)
    return Choice(method, PROJECTIONS.get(method).title, chosen.run, method, None, found)
