"""The distribution of all scores, and the worst rows against the source columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from core.specs import RECOMMENDED
from core.thresholds import Given, decide
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.meant import meant, still_meant
from dashboard.blocks.one_column import one_column
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.score_shown import as_percentiles, cut_at, said_cut
from dashboard.charts.errors import (
    by_pattern,
    column_table,
    error_heatmap,
    error_heatmap_table,
    score_histogram,
    score_histogram_by,
    score_histogram_by_table,
    score_histogram_table,
)
from dashboard.charts.guide.scores import percentiles
from dashboard.charts.text import headings
from dashboard.charts.theme import PLOTLY_CONFIG

WORST = 30
MOST_HEALTHY = 5_000  # rows that others are compared with
MOST_GROUPS = 6
ALL, SPLIT, LABEL = "all", "by split", "by label"
SPLITS = ("learned from", "held back", "not trained on")  # as Scores.splits numbers them
BY_SCORE, BY_PATTERN = "strangest first", "alike together"


def distribution(chosen: Chosen) -> None:
    """The histogram of scores, of all or of groups, with a threshold that follows a number box."""
    store, item, saved = state.store(), chosen.dataset.item, float(chosen.threshold.value)
    scored = chosen.scores.scored
    values = chosen.scores.values[scored]
    ways = {ALL: None, SPLIT: _splits(chosen), **_labels(chosen)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        cut = _cut(chosen)
        how = st.segmented_control("Show", list(ways), default=ALL, required=True, key=f"errors_by_{chosen.run.id}")
        logarithmic = not as_percentiles() and st.toggle("Logarithmic scores", value=True, key="errors_log")
    over = int((values >= cut).sum())
    line = f"**{words.count(over, item)}** with a {said_cut(chosen, cut)}"
    pressed = False
    if cut != saved and 0 < over < len(values) and chosen.scores.course is None:
        said, keep = st.columns([3, 1], vertical_alignment="center")
        said.markdown(f"{line}; saved is {cut_at(chosen, saved)}.")
        pressed = keep.button(f"Flag these {over:,}", key="errors_keep_cut", **meant(chosen, threshold=True))
    else:
        st.markdown(f"{line}.")
    if still_meant(chosen) and pressed:
        rows = {"rows": over}
        with failure_in_place():
            value, flagged = decide(Given(values), "count", rows)
            store.thresholds.new(chosen.run.id, "count", rows, value, flagged, chosen.threshold.scorer)
        st.rerun()
    groups = ways[str(how)]
    if as_percentiles():
        made, table = _by_percentile(chosen, cut, groups)
    elif groups is None:
        made = score_histogram(values, cut, log=logarithmic, item=item)
        table = score_histogram_table(values, cut, log=logarithmic)
    else:
        groups = {name: rows[scored] for name, rows in groups.items()}
        made = score_histogram_by(values, groups, cut, log=logarithmic, item=item)
        table = score_histogram_by_table(values, groups, log=logarithmic)
    st.plotly_chart(made, config=PLOTLY_CONFIG, key="score_histogram")
    if how == SPLIT and chosen.scorer == RECOMMENDED:
        st.caption(
            "What gives this score learned from all rows; held back were these from the network that explains it."
        )
    with st.expander("The same as a table"):
        st.dataframe(table, hide_index=True)


def _cut(chosen: Chosen) -> float:
    """The score to cut at, typed as a score or as the percentile from which rows are counted."""
    saved, key = float(chosen.threshold.value), f"errors_cut_{chosen.threshold.id}"
    if not as_percentiles():
        return float(st.number_input("Threshold", value=saved, format="%.6g", key=key, width=200))
    share = 100 * chosen.scores.less_strange(saved)
    typed = float(
        st.number_input(
            "Threshold (percentile)", 0.0, 100.0, share, 0.1, format="%.3f", key=f"{key}_percentile", width=200
        )
    )
    return saved if typed == share else chosen.scores.score_at(typed / 100)


def _by_percentile(
    chosen: Chosen, cut: float, groups: dict[str, NDArray[np.bool_]] | None
) -> tuple[go.Figure, pd.DataFrame]:
    """The score at each percentile of all; or of groups, which share of each stands where among all."""
    scores, item = chosen.scores, chosen.dataset.item
    if groups is None:
        drawn = percentiles(scores.ordered, cut, item)
        return drawn.figure, drawn.table
    mine, at = scores.percentiles[scores.scored], 100 * scores.less_strange(cut)
    groups = {name: rows[scores.scored] for name, rows in groups.items()}
    made = score_histogram_by(mine, groups, at, item=item)
    made.update_xaxes(title="percentile of the anomaly score")
    return made, score_histogram_by_table(mine, groups)


def _splits(chosen: Chosen) -> dict[str, NDArray[np.bool_]]:
    splits = chosen.scores.splits
    return {name: splits == number for number, name in enumerate(SPLITS) if (splits == number).any()}


def _labels(chosen: Chosen) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """The rows by the label's values, the most frequent ones; nothing without a label."""
    label = chosen.dataset.label
    if label is None:
        return {}
    cells = load.column_cells(state.store(), chosen.dataset, label.name)
    texts = np.asarray([cell or "" for cell in cells], object)
    names, counts = np.unique(texts.astype(str), return_counts=True)
    usual = names[np.argsort(-counts, kind="stable")[:MOST_GROUPS]]
    return {LABEL: {name or "(empty)": texts == name for name in usual.tolist()}}


def worst(chosen: Chosen, most: int | None = WORST) -> NDArray[np.int64]:
    """The selected rows where there are any, else the strangest; strangest first, so many of them."""
    order = np.argsort(-chosen.scores.values, kind="stable")
    if len(picked := state.selected(chosen.dataset.id, chosen.scores.row_keys)):
        order = order[np.isin(order, picked)]
    return order[:most]


def worst_rows(chosen: Chosen) -> None:
    """The heatmap of rows × source columns, beside what is usual of healthy rows."""
    rows = worst(chosen)
    if len(state.selection(chosen.dataset.id)):
        st.caption("Rows selected on the map.")
        if st.button("Show the strangest of all rows instead", key="clear_selection"):
            state.select(chosen.dataset.id, np.empty(0, str))
            st.rerun()
    healthy = healthy_errors(chosen)
    order = st.segmented_control(
        "Order of rows", [BY_SCORE, BY_PATTERN], default=BY_SCORE, required=True, key=f"heatmap_order_{chosen.run.id}"
    )
    if order == BY_PATTERN:
        rows = rows[by_pattern(np.asarray(chosen.scores.column_errors[rows]), healthy)]
    errors = np.asarray(chosen.scores.column_errors[rows])
    labels = [f"row {row + 1}" for row in rows]
    st.plotly_chart(
        error_heatmap(errors, healthy, chosen.scores.columns, labels), config=PLOTLY_CONFIG, key="error_heatmap"
    )
    with st.expander("The same as a table"):
        st.dataframe(error_heatmap_table(errors, healthy, chosen.scores.columns, labels))


def healthy_errors(chosen: Chosen) -> NDArray[np.float32]:
    """The column errors of rows below the threshold, (H, C): of many of them some thousand, always the same."""
    below = np.flatnonzero(chosen.scores.values < chosen.threshold.value)
    if len(below) > MOST_HEALTHY:
        below = np.sort(np.random.default_rng(0).choice(below, MOST_HEALTHY, replace=False))
    return np.asarray(chosen.scores.column_errors[below])


def columns_of(chosen: Chosen) -> None:
    """Which columns are rebuilt badly, everywhere or only in flagged rows; and one of them cell by cell."""
    scores = chosen.scores
    some = np.arange(len(scores.values))
    if len(some) > MOST_HEALTHY:
        some = np.union1d(
            np.random.default_rng(0).choice(some, MOST_HEALTHY, replace=False),
            np.flatnonzero(scores.values >= chosen.threshold.value)[:MOST_HEALTHY],
        )
    flagged = scores.values[some] >= chosen.threshold.value
    weak = chosen.run.summary.get("weak_columns", ())
    table = column_table(np.asarray(scores.column_errors[some]), flagged, scores.columns, weak)
    st.dataframe(
        table,
        hide_index=True,
        key=f"columns_{chosen.run.id}",
        column_config={
            "share of flagged rows' score": st.column_config.ProgressColumn(
                "share of flagged rows' score", format="%.0f %%", min_value=0, max_value=100
            ),
            "error, healthy rows": st.column_config.NumberColumn(
                format="%.3g", help="The middle one of the rows below the threshold."
            ),
            "error, flagged rows": st.column_config.NumberColumn(
                format="%.3g", help="The middle one of the flagged rows."
            ),
        },
    )
    said = headings(scores.columns)
    place = st.selectbox(
        "Actual against expected, of", range(len(said)), format_func=said.__getitem__, key=f"beside_{chosen.run.id}"
    )
    one_column(chosen, scores.columns[place])
