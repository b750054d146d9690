"""Map: all rows as the network arranges them; rows side by side look alike to it."""

from __future__ import annotations

import streamlit as st

from core.projections import PROJECTIONS
from dashboard import load, state
from dashboard.blocks.map_choices import colour_choice, map_choice, pending_maps, static_map
from dashboard.blocks.run_header import chosen_run
from dashboard.blocks.selected_rows import selected_rows
from dashboard.blocks.share import share
from dashboard.blocks.snapshots import map_snapshot
from dashboard.help import what_is_this
from dashboard.latent_map import latent_map
from dashboard.uploader import base_path

st.title("Map")
st.caption(
    "Each point is a row, or of a series a window, placed by its latent code: neighbours look alike to the network. Lasso "
    "some to look at them."
)

chosen = chosen_run("map")
projection = map_choice(chosen)
points = load.points(state.store(), projection)
at = load.map_rows(state.store(), chosen.run, len(points))
colour = colour_choice(chosen, at)
remembered = load.positions(chosen.scores.row_keys[at], state.selection(chosen.run.id))
picked = latent_map(
    points,
    colour.colour,
    hover=colour.hover,
    selected=remembered,
    key=f"map_{chosen.run.id}_{projection.id}",
    points_are="windows" if chosen.scores.course is not None else f"{chosen.dataset.item}s",
    thumbs=f"{base_path()}/thumbs/{chosen.dataset.id}" if chosen.dataset.pictures is not None else "",
)
if picked is not None:
    lit = picked.rows(points)
    state.select(chosen.run.id, tuple(chosen.scores.row_keys[at[lit]].tolist()))
else:
    lit = remembered
share(
    "map",
    chosen,
    {"projection": projection.method, "colour": colour.name},
    lambda: map_snapshot(chosen, static_map(points, colour, lit, PROJECTIONS.get(projection.method).title), at[lit]),
)
what_is_this("dimensionality_reduction", "What is this map?")
pending_maps(chosen)
selected_rows(chosen, at[lit])
