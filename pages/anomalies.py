"""Anomalies: where to cut, which rows are over it, why, and whether simpler methods agree."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import load, state
from dashboard.blocks.briefing import briefing, scored_banner
from dashboard.blocks.contested import contested_rows
from dashboard.blocks.doubtful_rows import doubtful_rows
from dashboard.blocks.evaluation import evaluation
from dashboard.blocks.flagged_rows import download_flagged, flagged_rows
from dashboard.blocks.run_header import chosen_run
from dashboard.blocks.score_choice import scored_by
from dashboard.blocks.score_shown import score_switch
from dashboard.blocks.selection_menu import only_these
from dashboard.blocks.series.by_rows import by_rows
from dashboard.blocks.series.events import download_events, flagged_events
from dashboard.blocks.share import share
from dashboard.blocks.snapshots import anomalies_snapshot
from dashboard.blocks.stability import stability_of, stable_flags
from dashboard.blocks.threshold_editor import threshold_editor
from dashboard.blocks.truth import truth_choice
from dashboard.blocks.workbench import workbench
from dashboard.help import what_is_this
from dashboard.navigation import link

st.title("Anomalies")
st.caption("What is unlike the rest, strangest first. A flag is a claim to check, not a verdict.")

chosen = chosen_run("anomalies")
scored_banner(chosen)
briefing(chosen)
score_switch()
source = truth_choice(chosen)
saved = chosen.threshold
chosen = replace(chosen, threshold=threshold_editor(chosen, source))
scored_by(chosen)
what_is_this("threshold", "What is a threshold?")
workbench(chosen, saved, source)
flags = load.flagged(state.store(), chosen.run, chosen.threshold)
shown = only_these(chosen, flags)
stable = stability_of(chosen, shown.rows)

with st.container(horizontal=True):
    link("triage", "Decide on them one by one", **{**state.carried(), "run": chosen.run.id})
    # Before the downloads, of which there come and go some: what is open would close where its place changes.
    share("anomalies", chosen, {}, lambda: anomalies_snapshot(chosen, shown))
    if chosen.scores.course is not None:
        download_events(chosen)
    download_flagged(chosen, shown, stable)
if chosen.scores.course is not None:
    st.markdown("#### Flagged events")
    flagged_events(chosen)
    by_rows(chosen.run)
else:
    st.markdown("#### Flagged images" if chosen.dataset.pictures is not None else "#### Flagged rows")
    stable_flags(chosen, shown, stable)
    flagged_rows(chosen, shown, stable)
    doubtful_rows(chosen, flags)
st.markdown("#### Is the autoencoder worth it here?")
evaluation(chosen)
if chosen.scores.course is None:
    contested_rows(chosen, flags)
