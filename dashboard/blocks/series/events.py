"""The flagged events of a series: over time, as a table, as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from core.export.csv import events_csv
from core.results import Course, Event, Threshold
from dashboard import load, state, words
from dashboard.blocks.download import download
from dashboard.blocks.flagged_rows import source_name
from dashboard.blocks.pages import page_of
from dashboard.blocks.run_header import Chosen
from dashboard.charts.markdown import plain
from dashboard.charts.series import Line, Moments, moments, score_line
from dashboard.charts.text import headings, visible
from dashboard.charts.theme import PLOTLY_CONFIG
from dashboard.navigation import go as go_to

EVENTS = 50
LABELS = 3  # of an event, the commonest
ENDLESS = 1_000_000  # times usual, from which the number says nothing
GROUPS = 6  # in a file, each with its chart


def course_of(chosen: Chosen) -> Course:
    """The order of time of a run on a series."""
    if chosen.scores.course is None:
        raise ValueError("this run looks at rows by themselves")
    return chosen.scores.course


def axis(course: Course, times: NDArray[np.float64]) -> Moments:
    """Times of the series as a chart's axis takes them."""
    return times if course.time and not course.by_time else moments(times, course.by_time)


def moment(course: Course, time: float) -> str:
    """A time of the series as it is read; a row's number where there are no times."""
    if course.by_time:
        return words.moment(time)
    return f"{course.time} {time:g}" if course.time else f"row {int(time) + 1:,}"


def whose(chosen: Chosen, rows: Sequence[int] | NDArray[np.int64]) -> list[str]:
    """Whose some rows of the dataset are; "" where all are one series."""
    group = course_of(chosen).group
    if not group:
        return [""] * len(rows)
    return [str(cell) for cell in load.column_cells(state.store(), chosen.dataset, group)[np.asarray(rows, np.int64)]]


def flagged_events(chosen: Chosen) -> None:
    """The score over time, and a page of events; choosing one leads to its stretch."""
    found = load.events(state.store(), chosen.run, chosen.threshold)
    st.plotly_chart(
        events_chart(chosen, chosen.threshold, *_group_choice(chosen, found)), config=PLOTLY_CONFIG, key="score_line"
    )
    if not found:
        st.info("No event is over this threshold. Lower it, or ask for a number of events.", icon=":material/flag:")
        return
    page = page_of(len(found), EVENTS, key=f"events_page_{chosen.run.id}")
    key = f"events_{chosen.run.id}_{chosen.threshold.value}_{page.start}"
    picked = st.dataframe(
        events_table(chosen, found[page], page.start),
        hide_index=True,
        key=key,
        on_select=lambda: show_its_group(chosen, found[page], key),
        selection_mode="single-row",
        column_config=table_columns(),
    )
    ticked = picked["selection"]["rows"]
    if ticked:
        at = page.start + ticked[0]
        row = str(chosen.scores.row_keys[found[at].peak])
        name = whose(chosen, [found[at].peak])[0]
        of = f" of {plain(name[:40])}" if name else ""
        if st.button(f"Look at event {at + 1}{of}", type="primary", key="look_at_event"):
            go_to("errors", run=chosen.run.id, row=row, view=state.param("view"))
    else:
        st.caption("Tick an event to look at it.")


def show_its_group(chosen: Chosen, found: tuple[Event, ...], key: str) -> None:
    """The score over time is that of the group whose event was ticked."""
    ticked = st.session_state[key]["selection"]["rows"]
    if ticked and course_of(chosen).group:
        st.session_state[_group_key(chosen)] = whose(chosen, [found[ticked[0]].peak])[0]


def table_columns() -> dict[str, Any]:
    """How the columns of `events_table` are shown."""
    return {
        "score": st.column_config.NumberColumn(
            "score", format="%.4g", help="At its peak: times what is usual, of the worst column."
        ),
        "because of": st.column_config.TextColumn(
            "because of", width=240, help="The columns that were rebuilt badly, with how many times worse than usual."
        ),
    }


def events_table(chosen: Chosen, found: tuple[Event, ...], start: int = 0) -> pd.DataFrame:
    """When, how long, how strange, because of what, and how the simple methods rank the peak."""
    course, store = course_of(chosen), state.store()
    peaks = np.asarray([event.peak for event in found], np.int64)
    frame = pd.DataFrame({"event": np.arange(start + 1, start + len(found) + 1)})
    frame["from"] = [visible(moment(course, event.start)) for event in found]
    frame["to"] = [visible(moment(course, event.end)) for event in found]
    if course.by_time:
        one = chosen.run.summary["windows"]["every"] or 1.0  # seconds that one row stands for
        frame["lasts"] = [words.duration(event.end - event.start + one) for event in found]
    frame["rows"] = [event.rows for event in found]
    frame["score"] = [event.score for event in found]
    frame["because of"] = [because(event) for event in found]
    after = len(frame.columns)
    for name, ranks in load.ranks(store, chosen.run).by_detector.items():
        if name != "Autoencoder":
            frame[f"{name} rank"] = ranks[peaks]
    for column in chosen.dataset.columns:
        if column.role == "label":
            frame.insert(
                after, source_name(visible(column.name), list(frame.columns)), _labels(chosen, found, column.name)
            )
    if course.group:  # times mean nothing without it: it stands before them
        names = [visible(name) for name in whose(chosen, peaks)]
        frame.insert(1, source_name(visible(course.group), list(frame.columns)), names)
    return frame


def _labels(chosen: Chosen, found: tuple[Event, ...], name: str) -> list[str]:
    """What the label says in each event, the commonest first, with the number of rows."""
    course, cells = course_of(chosen), load.column_cells(state.store(), chosen.dataset, name)
    said = []
    for event in found:
        counts = Counter(str(cell) for cell in cells[course.rows[event.places]] if cell is not None).most_common(LABELS)
        said.append(", ".join(f"{visible(label)} ({count:,})" for label, count in counts))
    return said


def because(event: Event) -> str:
    """Its columns with how many times worse than usual they were rebuilt."""
    return ", ".join(f"{visible(name)} {times(error)}" for name, error in event.columns)


def times(error: float) -> str:
    """12.3 → 12×; below 10 with one digit more. An infinite cell is any number of times off."""
    if error >= ENDLESS:
        return f"over {ENDLESS:,}×"
    return f"{error:,.0f}×" if error >= 10 else f"{error:.1f}×"


def events_chart(
    chosen: Chosen, threshold: Threshold, stretches: NDArray[np.int64] | None = None, group: str = ""
) -> go.Figure:
    """The score over time with the flagged stretches. stretches: those to show, of a group; all by default."""
    course, values = course_of(chosen), chosen.scores.values
    shown = np.arange(len(course.rows)) if stretches is None else np.flatnonzero(np.isin(course.stretch, stretches))
    at = axis(course, course.times)
    line = Line(at[shown], values[course.rows[shown]], course.stretch[shown])
    flagged = [
        (at[event.first_place], at[event.last_place])
        for event in load.events(state.store(), chosen.run, threshold)
        if stretches is None or course.stretch[event.first_place] in stretches
    ]
    return score_line(line, threshold.value, flagged, bool(course.time), group)


def events_charts(chosen: Chosen, threshold: Threshold, found: tuple[Event, ...]) -> list[go.Figure]:
    """A chart for each of the strangest groups; one where there are no groups."""
    by_group = _stretches_by_group(chosen, found)
    if not by_group:
        return [events_chart(chosen, threshold)]
    return [events_chart(chosen, threshold, *shown[::-1]) for shown in list(by_group.items())[:GROUPS]]


def _stretches_by_group(chosen: Chosen, found: tuple[Event, ...]) -> dict[str, NDArray[np.int64]]:
    """The stretches of each group, the group of the strangest event first; empty where there are no groups."""
    course = course_of(chosen)
    if not course.group:
        return {}
    begins = np.flatnonzero(np.diff(course.stretch, prepend=-1))
    names = np.asarray(whose(chosen, course.rows[begins]), str)
    order = dict.fromkeys([*whose(chosen, [event.peak for event in found]), *names.tolist()])
    return {name: course.stretch[begins[names == name]] for name in order}


def _group_key(chosen: Chosen) -> str:
    return f"series_group_{chosen.run.id}"


def _group_choice(chosen: Chosen, found: tuple[Event, ...]) -> tuple[NDArray[np.int64] | None, str]:
    """The stretches of the group to look at, and its name; None and "" where there are no groups."""
    by_group = _stretches_by_group(chosen, found)
    if not by_group:
        return None, ""
    counts = Counter(whose(chosen, [event.peak for event in found]))
    entries = headings(
        f"{name} ({words.count(counts[name], 'event')})" if name in counts else name for name in by_group
    )
    shown_as = dict(zip(by_group, entries, strict=True))
    picked = st.selectbox(
        visible(course_of(chosen).group),
        list(by_group),
        format_func=lambda name: shown_as.get(name, visible(name)),
        key=_group_key(chosen),
    )
    return by_group[picked], picked


def download_events(chosen: Chosen) -> None:
    """All flagged events as CSV."""
    found = load.events(state.store(), chosen.run, chosen.threshold)
    if found:
        download(
            f"events_{chosen.run.id}_{chosen.threshold.value}_{len(found)}",
            f"{words.count(len(found), 'event')} as CSV",
            "events",
            lambda: events_csv(state.store(), chosen.dataset, chosen.scores, found),
            prepare="Prepare the events as CSV",
        )
