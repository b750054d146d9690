"""Where to cut the scores: tried at once, saved with author and date, never trained again."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.results import Threshold
from core.scoring.events import events, unit_of
from core.thresholds import THRESHOLDS, decide
from dashboard import state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.run_header import Chosen
from dashboard.charts.markdown import plain
from dashboard.forms import settings_form
from dashboard.navigation import go


def threshold_editor(chosen: Chosen) -> Threshold:
    """The threshold as it now stands in the editor; one that is not saved has no id."""
    saved, run = chosen.threshold, chosen.run
    names = list(THRESHOLDS)
    # Not the saved threshold's id: what was typed here must outlive what another tab saves.
    key = f"threshold_{run.id}_{state.param('threshold') or state.param('view') or ''}"
    how, value, result, keep = st.columns([3, 3, 3, 2], vertical_alignment="bottom")
    with how:
        method = st.selectbox(
            "Flag by",
            names,
            index=names.index(saved.method) if saved.method in names else 0,
            format_func=lambda name: THRESHOLDS.get(name).title,
            key=f"{key}_method",
        )
    with value:
        given = dict(saved.parameters) if method == saved.method else {}
        parameters = settings_form(THRESHOLDS.get(method).parameters, given, key=f"{key}_{method}")
    with failure_in_place():
        unit = unit_of(chosen.scores.course)
        cut, flagged = decide(chosen.scores.values, method, parameters, unit)
    changed = method != saved.method or parameters != saved.parameters
    kept = bool(saved.id) and not changed
    by = f"Saved by {plain(saved.author)}, {words.date(saved.created_at)}" if saved.author else "Set by the run itself"
    with result:
        st.markdown(
            f"**{_counted(chosen, cut, flagged)}** flagged of {len(chosen.scores.values):,}, score from {cut:.4g}"
            f"  \n{by if kept else 'Not saved'}"
        )
    with keep:
        if st.button("Save threshold", type="primary", disabled=kept, key="save_threshold"):
            with failure_in_place():
                state.store().thresholds.new(run.id, method, parameters, cut, flagged)
            go("anomalies", run=run.id)
    if not changed:
        return saved
    return replace(saved, id="", method=method, parameters=parameters, value=cut, flagged=flagged)


def _counted(chosen: Chosen, cut: float, flagged: int) -> str:
    """How many are flagged; of a series events, with the rows in them: a few between others may be below the threshold."""
    if chosen.scores.course is None:
        return words.count(flagged, chosen.dataset.item)
    over = int((chosen.scores.values >= cut).sum())
    rows = sum(event.rows for event in events(chosen.scores, cut))
    return f"{words.count(flagged, 'event')} ({words.count(rows, 'row')}, {over:,} over the threshold)"
