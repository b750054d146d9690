"""The files of a dataset over time: those with the same rows, and those that the same run was asked about."""

from __future__ import annotations

import streamlit as st

from core.results import Dataset, Run
from core.scoring.files import File, files
from dashboard import load, state, words
from dashboard.charts.markdown import plain
from dashboard.navigation import link

MOST = 12
WIDTHS = (7, 5, 6, 6)


def files_over_time(dataset: Dataset) -> None:
    """A line a file, the newest first: what it is, what is flagged in it, what was said of it, and whether it still looks like what
    was learned. Nothing where there is one file only."""
    found = files(state.store(), dataset)
    if len(found) < 2:
        return
    st.markdown("#### Files over time")
    st.caption("Those with the same rows, and those that one run was asked about, the newest first.")
    for place, head in zip(st.columns(WIDTHS), ("File", "Flags", "Verdicts", "Drift"), strict=True):
        place.caption(head)
    for each in found[:MOST]:
        _line(each, dataset)
    if len(found) > MOST:
        st.caption(f"and {words.count(len(found) - MOST, 'older file')}: Home finds them by their name")


def _line(file: File, shown: Dataset) -> None:
    name, flags, said, drift = st.columns(WIDTHS, vertical_alignment="center")
    with name:
        label = f"{plain(file.dataset.name)} · {words.count(file.dataset.rows, file.dataset.item)} · {words.day(file.dataset.created_at)}"
        if file.dataset.source_address == shown.source_address:
            st.markdown(f":material/table: **{label}** (this one)")
        else:
            link("data", label, dataset=file.dataset.id)
    if not file.runs:
        flags.caption("not scored")
        return
    run = file.runs[0]
    with flags:
        threshold = state.store().thresholds.current(run.id)
        flagged, item = threshold.flagged if threshold is not None else 0, words.counted_in(run, file.dataset)
        share = f" ({flagged / file.dataset.rows:.0%})" if item == file.dataset.item else f" {item}s"
        link("anomalies", f"{flagged:,} flagged{share}", run=run.id)
    with said:
        link("triage", _verdicts(file.dataset), run=run.id)
    with drift:
        link("anomalies", _drift(run), icon=":material/trending_up:", run=run.id)


def _verdicts(dataset: Dataset) -> str:
    """How many of the file's rows are judged, in few words."""
    counts = load.judged(state.store(), dataset).counts
    return f"{counts.get('confirmed', 0):,} of {sum(counts.values()):,} confirmed" if counts else "none yet"


def _drift(run: Run) -> str:
    """Whether the file looks like what was learned, in a few words."""
    if "drift" not in run.summary:
        return "learned from it"
    found = run.summary["drift"]
    likely = "" if found.get("sure", True) else "likely: "
    if found["verdict"] == "some columns moved":
        return f"{likely}{words.count(len(found['moved']), 'column')} moved"
    if found["verdict"] == "no sign of drift" and run.summary.get("too_many"):
        return "far more flagged"
    return f"{likely}{found['verdict']}"
