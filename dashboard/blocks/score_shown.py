"""Whether scores are said raw or as a percentile: one switch for all pages, and the words that follow it."""

from __future__ import annotations

import streamlit as st

from core.triage.sentence import percent
from dashboard import state
from dashboard.blocks.run_header import Chosen


def score_switch() -> None:
    """The choice; links and shared views keep it."""

    def chosen() -> None:
        state.set_scores_as(st.session_state["scores_as"])

    st.segmented_control(
        "Scores",
        state.SCORES_AS,
        default=state.scores_as(),
        required=True,
        key="scores_as",
        on_change=chosen,
        help="Raw: as the score gives them. Percentile: the share of the rows of this file that were looked at whose score is "
        "lower. Tables and files have both.",
    )
    state.set_scores_as(state.scores_as())  # into the address, also of a page that was come to by a link without it


def as_percentiles() -> bool:
    """Whether scores are said as percentiles now."""
    return state.scores_as() == state.PERCENTILE


def said_score(chosen: Chosen, value: float) -> str:
    """A row's score in words: *score 3.21*, or *stranger than 99.8 %*."""
    if as_percentiles():
        return f"stranger than {percent(chosen.scores.less_strange(value))}"
    return f"score {value:.4g}"


def said_cut(chosen: Chosen, value: float) -> str:
    """Where rows are cut: a row has at least this score exactly where it has at least this percentile."""
    return f"{'percentile' if as_percentiles() else 'score'} from {cut_at(chosen, value)}"


def flagged_from(chosen: Chosen) -> float | None:
    """Of the rows that were looked at the share below the threshold, where scores are said as percentiles."""
    return chosen.scores.less_strange(chosen.threshold.value) if as_percentiles() else None


def cut_at(chosen: Chosen, value: float) -> str:
    """The cut alone: *3.21*, or *99.8 %*."""
    return percent(chosen.scores.less_strange(value)) if as_percentiles() else f"{value:.4g}"
