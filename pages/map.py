"""Map: all rows as the network arranges them; rows side by side look alike to it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard import load, state
from dashboard.blocks.briefing import scored_banner
from dashboard.blocks.map_3d import map_3d
from dashboard.blocks.map_choices import UNDER_ARE, map_choice, panels, pending_maps
from dashboard.blocks.map_colours import colour_choice, size_choice
from dashboard.blocks.map_groups import map_groups
from dashboard.blocks.map_trust import map_trust
from dashboard.blocks.run_header import chosen_run
from dashboard.blocks.selected_rows import selected_rows
from dashboard.blocks.share import share
from dashboard.blocks.snapshots import map_snapshot
from dashboard.blocks.why_here import why_here
from dashboard.charts.maps import static_map
from dashboard.help import what_is_this
from dashboard.latent_map import linked_maps
from dashboard.uploader import base_path

st.title("Map")
st.caption(
    "Each point is a row, or of a series a window, placed by its latent code: neighbours look alike to the network. Lasso "
    "some to look at them."
)

chosen = chosen_run("map")
scored_banner(chosen)
at = load.map_rows(state.store(), chosen.run)
choices = map_choice(chosen)
coloured, sized = st.columns([3, 1], vertical_alignment="bottom")
with coloured:
    colour = colour_choice(chosen, choices, at)
with sized:
    sizes = size_choice(chosen, at)
maps = panels(chosen, choices, at)
if maps:
    linked_maps(
        maps,
        colour.colour,
        sizes=sizes,
        selected=load.points_of(state.selected(chosen.dataset.id, chosen.scores.row_keys), at),
        changed=lambda points: state.select_rows(chosen.dataset.id, chosen.scores.row_keys, at[points]),
        key=f"map_{chosen.run.id}",
        height=540 if len(maps) == 1 else 380,
        points_are="windows" if chosen.scores.course is not None else f"{chosen.dataset.item}s",
        thumbs=f"{base_path()}/thumbs/{chosen.dataset.id}" if chosen.dataset.pictures is not None else "",
        about=f"{base_path()}/about/{chosen.run.id}?scorer={chosen.threshold.scorer}",
        under_are=UNDER_ARE,
    )
picked = state.selected(chosen.dataset.id, chosen.scores.row_keys)
share(
    "map",
    chosen,
    {"maps": [choice.id for choice in choices], "colour": colour.name},
    lambda: map_snapshot(
        chosen,
        [
            static_map(panel.points, colour.colour, load.points_of(picked, at), panel.title, panel.under)
            for panel in maps
        ],
        picked,
    ),
)
pending_maps(chosen, choices)
what_is_this("dimensionality_reduction", "What is this map?")
lit = load.points_of(picked, at)
why_here(chosen, at[lit], at)
selected_rows(chosen, at[lit], maps[0].points[lit] if maps else np.zeros((len(lit), 2), np.float32))
map_groups(chosen, at)
map_trust(chosen, choices)
map_3d(chosen, colour.colour, lit)
