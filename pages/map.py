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
from dashboard.latent_map import latent_map
from dashboard.uploader import base_path

st.title("Map")
st.caption(
    "Each point is a row, placed by its latent code: neighbours look alike to the network. Lasso some to see them."
)

chosen = chosen_run("map")
projection = map_choice(chosen)
colour = colour_choice(chosen)
points = load.points(state.store(), projection)
remembered = load.positions(chosen.scores.row_keys, state.selection(chosen.run.id))
picked = latent_map(
    points,
    colour.colour,
    hover=colour.hover,
    selected=remembered,
    key=f"map_{chosen.run.id}_{projection.id}",
    thumbs=f"{base_path()}/thumbs/{chosen.dataset.id}" if chosen.dataset.pictures is not None else "",
)
if picked is not None:
    rows = picked.rows(points)
    state.select(chosen.run.id, tuple(chosen.scores.row_keys[rows].tolist()))
else:
    rows = remembered
share(
    "map",
    chosen,
    {"projection": projection.method, "colour": colour.name},
    lambda: map_snapshot(chosen, static_map(points, colour, rows, PROJECTIONS.get(projection.method).title), rows),
)
pending_maps(chosen)
selected_rows(chosen, rows)
