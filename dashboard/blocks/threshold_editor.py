"""Where to cut the scores: tried at once, saved with author and date, never trained again."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.errors import InputRefused
from core.results import Threshold
from core.thresholds import THRESHOLDS, Given, decide, not_as_asked
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place, show_error
from dashboard.blocks.meant import meant, still_meant
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.score_shown import said_cut
from dashboard.blocks.truth import given, known_by
from dashboard.charts.markdown import plain
from dashboard.forms import out_of_bounds, settings_form
from dashboard.navigation import go


def threshold_editor(chosen: Chosen, source: str) -> Threshold:
    """The threshold as it now stands in the editor; one that is not saved has no id. source: what is known of anomalies."""
    saved, run = chosen.threshold, chosen.run
    # Not the saved threshold's id: what was typed here must outlive what another tab saves.
    begun = st.session_state.get(_begun(run.id), 0)
    key = f"threshold_{run.id}_{state.param('threshold') or state.param('view') or ''}_{begun}"
    expert = st.session_state.get(f"{key}_expert", THRESHOLDS.get(saved.method).expert)
    names = [name for name in THRESHOLDS if expert or name == saved.method or not THRESHOLDS.get(name).expert]
    all_rows = given(chosen, source)
    how, value, result, keep = st.columns([3, 3, 3, 2], vertical_alignment="bottom")
    with how:
        method = st.selectbox(
            "Flag by",
            names,
            index=names.index(saved.method),
            format_func=lambda name: THRESHOLDS.get(name).title + _lacks(all_rows, name),
            key=f"{key}_method",
            help="\n\n".join(f"**{each.title}**: {each.summary}" for each in map(THRESHOLDS.get, names)),
        )
    with value:
        given_then = dict(saved.parameters) if method == saved.method else {"score": float(saved.value)}
        parameters = settings_form(THRESHOLDS.get(method).parameters, given_then, key=f"{key}_{method}")
    try:
        if refused := out_of_bounds(THRESHOLDS.get(method).parameters.model_fields, parameters):
            raise refused
        cut, flagged = decide(all_rows, method, parameters)
    except InputRefused as error:  # the page goes on with what holds
        show_error(error)
        st.caption("Until then the saved threshold holds.")
        method, parameters, cut, flagged = saved.method, saved.parameters, saved.value, saved.flagged
    changed = method != saved.method or parameters != saved.parameters
    now = replace(saved, id="", method=method, parameters=parameters, value=cut, flagged=flagged) if changed else saved
    kept = bool(saved.id) and not changed
    made = decided(chosen)
    by = f"Saved by {plain(made.author)}, {words.date(made.created_at)}" if made.author else _by_itself(chosen)
    with result:
        count, of = in_words(chosen, now)
        st.markdown(f"**{count}** {of}  \n{by if kept else 'Not saved'}")
    with keep:
        pressed = st.button("Save threshold", type="primary", disabled=kept, key="save_threshold", **meant(chosen))
        st.toggle("Expert", expert, key=f"{key}_expert", help="Offers ways to flag that need some statistics.")
    if still_meant(chosen) and pressed:
        with failure_in_place():
            state.store().thresholds.new(run.id, method, parameters, cut, flagged, saved.scorer)
        go("anomalies", run=run.id)
    if why := _why(chosen, all_rows, now):
        st.caption(f":material/info: {plain(why)}.")
    return now


def _by_itself(chosen: Chosen) -> str:
    as_then = "scored_with" in chosen.run.summary and chosen.threshold.method == "score"
    return "Taken over from the run that it was scored with" if as_then else "Set by the run itself"


def begin_anew(run_id: str) -> None:
    """The editor shows the saved threshold when it is drawn next, whatever was typed there: another part of its page saved one."""
    st.session_state[_begun(run_id)] = st.session_state.get(_begun(run_id), 0) + 1


def _begun(run_id: str) -> str:
    return f"threshold_begun_{run_id}"


def _lacks(rows: Given, name: str) -> str:
    """What a method would need that is not there, behind its name."""
    needs = THRESHOLDS.get(name).needs
    if needs == "truth" and rows.truth is None:
        return " (needs a label or verdicts)"
    return " (needs rows held back from the score)" if needs == "calibration" and rows.calibration is None else ""


def decided(chosen: Chosen) -> Threshold:
    """The decision behind the saved threshold: one that only went along to another score keeps who made it, and when."""
    made = chosen.threshold
    history = state.store().thresholds.of_run(chosen.run.id)
    at = next((i for i, each in enumerate(history) if each.id == made.id), len(history))
    for before in history[at + 1 :]:
        if (before.method, before.parameters) != (made.method, made.parameters):
            break
        made = before
    return made


def why_not_as_asked(chosen: Chosen, now: Threshold) -> str:
    """That more, or fewer, are flagged than were asked for, and why, or what else is to be known; empty where nothing is."""
    sources = known_by(chosen)
    return _why(chosen, given(chosen, sources[0] if sources else ""), now)


def _why(chosen: Chosen, rows: Given, now: Threshold) -> str:
    try:
        return not_as_asked(rows, now.method, now.parameters, now.value, chosen.dataset.item)
    except InputRefused as error:  # what it was chosen by is gone since; the cut stands
        return f"it could not be chosen again: {error.what}"


def in_words(chosen: Chosen, now: Threshold) -> tuple[str, str]:
    """How much is flagged, and of what, from which score. Of a series events are, with all the rows in them, of which some
    may be below the threshold."""
    scores = chosen.scores
    looked_at, score = f"flagged of {int(scores.scored.sum()):,}", said_cut(chosen, now.value)
    if scores.course is None:
        return words.count(now.flagged, chosen.dataset.item), f"{looked_at}, {score}"
    rows = sum(event.rows for event in load.events(state.store(), chosen.run, now))
    over = int((scores.values >= now.value).sum())
    flagged = f"{words.count(now.flagged, 'event')} ({words.count(rows, 'row')})"
    return flagged, f"{looked_at}; {words.count(over, 'row')} with a {score}"
