"""Errors: how badly rows are rebuilt, in which columns, and one row in full."""

from __future__ import annotations

import streamlit as st

from dashboard import state
from dashboard.blocks.briefing import scored_banner
from dashboard.blocks.images.one_image import one_image
from dashboard.blocks.images.wall import worst_images
from dashboard.blocks.one_row import one_row, row_choice, verdicts_of
from dashboard.blocks.run_header import chosen_run
from dashboard.blocks.score_choice import score_choice
from dashboard.blocks.score_shown import score_switch
from dashboard.blocks.series.one_stretch import one_stretch, worst_events
from dashboard.blocks.share import share
from dashboard.blocks.snapshots import errors_snapshot
from dashboard.blocks.worst_rows import columns_of, distribution, worst, worst_rows
from dashboard.help import what_is_this

st.title("Errors")
st.caption("How strange each row is and what of it makes it so: over all, the worst, and one in full.")

chosen = chosen_run("errors")
scored_banner(chosen)
score_switch()
row = row_choice(chosen)
share("errors", chosen, {"row": str(chosen.scores.row_keys[row])}, lambda: errors_snapshot(chosen, row))
# Who asks for one row sees it first.
first, second = st.container(), st.container()
asked, images, series = (
    state.param("row") is not None,
    chosen.dataset.pictures is not None,
    chosen.scores.course is not None,
)
with first if asked else second:
    st.markdown("#### One image" if images else "#### One stretch" if series else "#### One row")
    if images or series:
        verdicts_of(chosen, row)
    (one_image if images else one_stretch if series else one_row)(chosen, row)
with second if asked else first:
    st.markdown("#### All images" if images else "#### All rows")
    score_choice(chosen)
    distribution(chosen)
    what_is_this("anomaly_score")
    worst_are = "images" if images else "events, column by column" if series else "rows, column by column"
    st.markdown(f"#### The worst {worst_are}")
    if images:
        worst_images(chosen, worst(chosen, None))
    elif series:
        worst_events(chosen)
    else:
        worst_rows(chosen)
        st.markdown("#### Columns")
        columns_of(chosen)
