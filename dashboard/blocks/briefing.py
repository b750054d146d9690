"""What stands above the results of a file that was scored only: does the model still fit, what of the file is new, and what to look at."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.datasets.since import CHANGED, NEW, SAME
from core.drift import ColumnDrift
from core.scoring.files import model_of
from core.thresholds import THRESHOLDS
from core.triage.lone import READ_AS
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.flagged_rows import reasons, strangest_first
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.threshold_editor import begin_anew
from dashboard.charts.differences import column_beside, effects_table
from dashboard.charts.markdown import plain
from dashboard.charts.text import shortened
from dashboard.charts.theme import PLOTLY_CONFIG
from dashboard.navigation import go, link

TOP, CHARTS, NAMED = 10, 3, 5
STANDS = {NEW: "new", SAME: "", CHANGED: "changed"}


def scored_banner(chosen: Chosen) -> None:
    """On every page of it: by which run, and whether its rows are like what that learned."""
    if "scored_with" not in chosen.run.summary:
        return
    too_many = chosen.run.summary.get("too_many")
    if too_many:
        st.error(plain(too_many, 900), icon=":material/error:")
    drift = chosen.run.summary["drift"]
    text = plain(drift["sentence"], 900)
    if drift["verdict"] == "the model no longer fits" and drift.get("sure", True):  # which earlier runs did not say
        st.error(text, icon=":material/trending_down:")
    elif drift["verdict"] == "no sign of drift" and not too_many:
        st.info(text, icon=":material/check:")
    elif drift["verdict"] in ("no sign of drift", "too few rows to tell"):  # which is no all-clear
        st.info(text, icon=":material/info:")
    else:
        st.warning(text, icon=":material/trending_up:")
    model = model_of(state.store(), chosen.run)
    if model is None:
        st.caption("The run that it was scored with was deleted; what is shown here stays.")
        return
    link("anomalies", "The run that it was scored with", icon=":material/undo:", run=model.id)


def briefing(chosen: Chosen) -> None:
    """What is new in a scored file, how much of it is flagged, and its strangest rows; nothing for a run that was trained."""
    if "since" not in chosen.run.summary:
        return
    _moved(chosen)
    with st.container(border=True):
        st.markdown("#### What is new in this file")
        _since(chosen)
        _flags(chosen)
        _known(chosen)
        _never_seen(chosen)
        _unreadable(chosen)
        _strangest(chosen)


def _moved(chosen: Chosen) -> None:
    """The columns that moved, beside what was learned."""
    report, charts = load.drift(state.store(), chosen.run)
    moved = [each for each in report.columns if each.moved]
    if not moved:
        return
    with st.expander(f"{words.count(len(report.moved), 'column')} moved", expanded=True, icon=":material/bar_chart:"):
        for start in range(0, len(charts), CHARTS):
            for place, found in zip(st.columns(CHARTS), charts[start : start + CHARTS], strict=False):
                with place:
                    made = column_beside(found, ("this file", "what was learned"))
                    st.plotly_chart(made, config=PLOTLY_CONFIG, key=f"moved_{chosen.run.id}_{found.column}")
                    st.caption(plain(_in_words(found.column, moved)))
        if len(charts) < len(report.moved):
            st.caption(f"The {len(charts)} that moved most, of {len(report.moved):,}.")
        told = [each.difference for each in moved if each.difference is not None]
        if told and st.toggle("The same as a table", key=f"moved_table_{chosen.run.id}"):
            st.dataframe(effects_table(told), hide_index=True)


def _in_words(column: str, moved: list[ColumnDrift]) -> str:
    return "; ".join(each.in_words() for each in moved if each.column == column)


def _since(chosen: Chosen) -> None:
    """New, repeated, changed and gone rows, each a way to see them."""
    found, item = chosen.run.summary["since"], chosen.dataset.item
    total = words.count(found["rows"], item)
    if found["new"] == chosen.dataset.rows:
        st.markdown(
            f"The file before is **{plain(found['name'])}** ({total}). None of its {item}s came again: all are new."
        )
    else:
        st.markdown(
            f"Beside **{plain(found['name'])}**, the file before ({total}): **{found['same']:,}** came again as they were, "
            f"**{found['changed']:,}** changed, **{found['new']:,}** are new, **{found['gone']:,}** are gone."
        )
        if found["missing"] or found["more"]:
            st.caption("Whether a row changed is told from the columns that both files have.")
    standing = load.standing(state.store(), chosen.run)
    with st.container(horizontal=True):
        for which, name in ((NEW, "new"), (CHANGED, "changed"), (SAME, "same")):
            label = "came again" if which == SAME else name
            _look_at(chosen, f"{found[name]:,} {label}", np.flatnonzero(standing == which), name)
        _gone(chosen, found["dataset_id"], found["gone"])


def _look_at(chosen: Chosen, label: str, rows: NDArray[np.int64], key: str) -> None:
    """A button that shows some of the rows, (K,), where the whole file is shown."""
    if len(rows) and st.button(
        label, key=f"briefing_{key}_{chosen.run.id}", help="Shows them on Data", icon=":material/table_rows:"
    ):
        state.select(chosen.dataset.id, chosen.scores.row_keys[rows])
        go("data", run=chosen.run.id, dataset=chosen.dataset.id, only="1")


def _gone(chosen: Chosen, before_id: str, gone: int) -> None:
    """The rows of the file before that are not in this one: shown there."""
    if gone == 0 or not st.button(
        f"{gone:,} gone",
        key=f"briefing_gone_{chosen.run.id}",
        help="Shows them in the file before",
        icon=":material/table_rows:",
    ):
        return
    with failure_in_place():
        before = state.store().datasets.get(before_id)
        keys = load.row_keys(state.store(), before)
        same = before.lineage_id == chosen.dataset.lineage_id
        left = keys[~np.isin(keys, chosen.scores.row_keys)] if same else keys
        state.select(before.id, left)
    go("data", run=chosen.run.id, dataset=before_id, only="1")


def _flags(chosen: Chosen) -> None:
    """How many are flagged at the run's threshold and by a fresh budget, with the way from the one to the other."""
    found = chosen.run.summary["flags"]
    fresh, item = found["fresh"], words.counted_in(chosen.run, chosen.dataset)
    budget = _budget(fresh["method"], fresh["parameters"], item)
    st.markdown(
        f"**{words.count(found['flagged'], item)}** flagged at the run's threshold (score from {found['value']:.4g}), "
        f"**{fresh['flagged']:,}** by a fresh budget of {budget} (score from {fresh['value']:.4g})."
    )
    now = chosen.threshold
    if not chosen.run.is_own(now.scorer):
        return
    if (now.method, now.parameters) != (fresh["method"], fresh["parameters"]):
        if st.button(f"Flag {fresh['flagged']:,} by the fresh budget", key=f"briefing_fresh_{chosen.run.id}"):
            _flag(chosen, fresh["method"], fresh["parameters"], fresh["value"], fresh["flagged"])
    elif st.button(f"Flag {found['flagged']:,} at the run's threshold", key=f"briefing_line_{chosen.run.id}"):
        _flag(chosen, "score", {"score": found["value"]}, found["value"], found["flagged"])


def _budget(method: str, parameters: dict[str, float], item: str) -> str:
    if method == "count":
        return words.count(int(parameters["rows"]), item)
    return f"{parameters['share']:.1%} of all" if method == "quantile" else THRESHOLDS.get(method).title


def _flag(chosen: Chosen, method: str, parameters: dict[str, float], value: float, flagged: int) -> None:
    with failure_in_place():
        state.store().thresholds.new(chosen.run.id, method, parameters, value, flagged, chosen.threshold.scorer)
        begin_anew(chosen.run.id)
    go("anomalies", run=chosen.run.id)


def _known(chosen: Chosen) -> None:
    """What was said before of rows that came again."""
    judged = load.judged(state.store(), chosen.dataset, chosen.run)
    rows = np.flatnonzero(judged.codes != 0)
    if len(rows) == 0:
        return
    flagged = int((chosen.scores.values[rows] >= chosen.threshold.value).sum())
    parts = ", ".join(f"{number:,} {name}" for name, number in judged.counts.items())
    changed = int(judged.changed[rows].sum())
    since = f" {changed:,} of them changed since." if changed else ""
    verb = "was" if len(rows) == 1 else "were"
    st.markdown(
        f"**{words.count(len(rows), chosen.dataset.item)}** {verb} judged already ({parts}), {flagged:,} of them flagged: they keep "
        f"their verdict and stay out of the queue unless you ask for them.{since}"
    )
    _look_at(chosen, f"{len(rows):,} judged", rows, "judged")


def _never_seen(chosen: Chosen) -> None:
    """Cells that lie beyond what was learned, by column."""
    counts = chosen.run.summary["never_seen"]
    if not counts:
        return
    order = sorted(counts, key=lambda name: -counts[name])
    named = ", ".join(f"“{plain(shortened(name, 60))}” {counts[name]:,}" for name in order[:NAMED])
    more = f" and {words.count(len(order) - NAMED, 'more column')}" if len(order) > NAMED else ""
    rows = np.flatnonzero(load.never_seen(state.store(), chosen.run).any(axis=1))
    st.markdown(
        f"In **{words.count(len(rows), chosen.dataset.item)}** stands what no row held that was learned from, a category or a number out "
        f"of range: {named}{more}."
    )
    _look_at(chosen, f"{len(rows):,} with something never seen", rows, "never_seen")


def _unreadable(chosen: Chosen) -> None:
    """Cells whose text can't be read as what was learned, by kind and column; nothing of runs of before they were counted."""
    counts = chosen.run.summary.get("unreadable")
    if not counts:
        return
    parts = []
    for kind, cells in counts.items():
        order = sorted(cells, key=lambda name: -cells[name])
        named = ", ".join(f"{cells[name]:,} in “{plain(shortened(name, 60))}”" for name in order[:NAMED])
        more = f" and {words.count(len(order) - NAMED, 'more column')}" if len(order) > NAMED else ""
        parts.append(f"can't be read as {READ_AS[kind]}: {named}{more}")
    rows = np.flatnonzero(load.unreadable(state.store(), chosen.run).any(axis=1))
    st.markdown(
        f"In **{words.count(len(rows), chosen.dataset.item)}** stands text that is taken as empty: {'; '.join(parts)}."
    )
    _look_at(chosen, f"{len(rows):,} with text that can't be read", rows, "unreadable")


def _strangest(chosen: Chosen) -> None:
    """The ten strangest rows with their reasons, of a series the worst row of each of ten events, each a way to what speaks for it."""
    store, dataset = state.store(), chosen.dataset
    found = load.events(store, chosen.run, chosen.threshold)[:TOP]
    worst = np.asarray([event.peak for event in found], np.int64)
    rows = worst if found else strangest_first(chosen, np.arange(dataset.rows))[:TOP]
    names = load.rows_frame(store, dataset, rows, dataset.identifiers)
    standing, judged = load.standing(store, chosen.run), load.judged(store, dataset)
    of_what = " events" if found else ""
    st.markdown(f"**The strangest{of_what}{', and why' if dataset.pictures is None else ''}**")
    for row, cells in zip(rows.tolist(), names.itertuples(index=False), strict=True):
        named = ", ".join(str(cell) for cell in cells if cell)
        said = judged.newest.get(row)
        name = f"{dataset.item} {row + 1:,}{f' ({named})' if named else ''}"
        why = [
            reasons(chosen.scores, row) if dataset.pictures is None else "",  # of an image all of it
            STANDS[int(standing[row])],
            said.verdict if said else "",
            "" if chosen.scores.values[row] >= chosen.threshold.value else "not flagged",
        ]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            link(
                "errors",
                plain(f"{shortened(name, 60)} · score {chosen.scores.values[row]:.4g}"),
                icon=":material/search:",
                run=chosen.run.id,
                row=str(chosen.scores.row_keys[row]),
            )
            st.caption(plain(" · ".join(part for part in why if part)), width="content")
