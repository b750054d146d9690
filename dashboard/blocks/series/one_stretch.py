"""One stretch of a series: the row that was asked for, its event, and what was expected around it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from core.datasets.typed import numeric
from core.errors import HourglassError
from core.results import Event
from core.scoring.events import GUILTY
from core.serving import ask
from dashboard import load, state, words
from dashboard.blocks.failure import show_error
from dashboard.blocks.row_shown import show_row
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.score_shown import said_score
from dashboard.blocks.series.events import axis, because, course_of, moment, whose
from dashboard.blocks.series.healthy import beside_stretch, stretch_words
from dashboard.charts.markdown import plain
from dashboard.charts.series import (
    Channel,
    column_bars,
    event_heatmap,
    event_heatmap_table,
    stretch_chart,
)
from dashboard.charts.text import headings, visible
from dashboard.charts.theme import PLOTLY_CONFIG

MOST = 2_000  # rows in one picture
SHOWN = 3  # columns, where it is not said which
CONTEXT = {"near": 0.5, "a window around it": 1.0, "wide": 4.0}  # windows before and behind
EVENTS, COLUMNS = 40, 40  # of the heatmap


def one_stretch(chosen: Chosen, row: int) -> None:
    """A number box for the row, the event around it, its columns actual beside expected."""
    course, total = course_of(chosen), len(chosen.scores.values)
    found = load.events(state.store(), chosen.run, chosen.threshold)
    place = course.place(row)
    number, earlier, later = st.columns([2, 1, 1], vertical_alignment="bottom")
    with number:
        picked = int(st.number_input("Row", 1, total, row + 1, key=f"one_row_{chosen.run.id}_{row}", width=200)) - 1
    if picked != row:
        _go(chosen, picked)
    if place is None:
        st.info(f"This row was {why_unseen(chosen, row)}.", icon=":material/info:")
        return
    mine = _event_at(found, place)
    group, *groups = whose(chosen, [row, *(event.peak for event in found)])
    same = tuple(event for event, its in zip(found, groups, strict=True) if its == group)
    _neighbours(chosen, same, place, earlier, later)
    rank = int(load.ranks(state.store(), chosen.run).by_detector["Autoencoder"][row])
    named = [column.name for column in chosen.dataset.columns if column.name == course.group or column.role == "label"]
    names = tuple(named)
    cells = load.rows_frame(state.store(), chosen.dataset, np.asarray([row]), names).iloc[0]
    st.markdown(
        f"**{plain(moment(course, float(course.times[place])))}**: **{said_score(chosen, float(chosen.scores.values[row]))}**, "
        f"rank {rank:,} of {total:,} rows"
        + "".join(f" · {plain(str(name))}: **{plain(str(cell))}**" for name, cell in cells.items())
    )
    if mine is not None:
        at = found.index(mine) + 1
        st.markdown(
            f"In **event {at}** of {len(found):,}: {plain(moment(course, mine.start))} to {plain(moment(course, mine.end))}, "
            f"{words.count(mine.rows, 'row')}; {plain(because(mine))}."
        )
    else:
        st.caption("Not flagged at the threshold.")
    errors = _errors(chosen, mine, row)
    stretch_words(chosen, row, mine, errors)
    context, which = st.columns([2, 3], vertical_alignment="bottom")
    with context:
        wide = st.segmented_control(
            "Around it",
            list(CONTEXT),
            default="a window around it",
            required=True,
            key=f"stretch_context_{chosen.run.id}",
        )
    with which:
        columns = _columns(chosen, errors, row)
    first, last = _around(chosen, mine, place, CONTEXT[str(wide)])
    if last - first + 1 == MOST:
        st.caption(f"A picture has at most {MOST:,} rows.")
    if columns:
        _chart(chosen, first, last, place, columns)
    st.plotly_chart(column_bars(chosen.scores.columns, errors), config=PLOTLY_CONFIG, key="column_bars")
    beside_stretch(chosen, row, errors)


def why_unseen(chosen: Chosen, row: int) -> str:
    """Why a row has no score, in words."""
    course, dataset = course_of(chosen), chosen.dataset
    if course.group and load.column_cells(state.store(), dataset, course.group)[row] is None:
        return f"not looked at: it has nothing in “{plain(course.group)}”"
    if course.time:
        cells = load.column_cells(state.store(), dataset, course.time)[row : row + 1]
        if np.isnan(numeric(dataset.column(course.time), cells)).all():
            return f"not looked at: it has no time in “{plain(course.time)}”"
    return "not looked at: its stretch of time is shorter than a window"


def _go(chosen: Chosen, row: int) -> None:
    show_row(chosen.run.id, str(chosen.scores.row_keys[row]))
    st.rerun()


def _event_at(found: tuple[Event, ...], place: int) -> Event | None:
    """The event that a place of the course lies in."""
    return next((event for event in found if event.first_place <= place <= event.last_place), None)


def _neighbours(chosen: Chosen, found: tuple[Event, ...], place: int, earlier: object, later: object) -> None:
    """Buttons to the event before and behind, in time and of the same group."""
    before = max(
        (event for event in found if event.last_place < place), key=lambda event: event.last_place, default=None
    )
    behind = min(
        (event for event in found if event.first_place > place), key=lambda event: event.first_place, default=None
    )
    for column, name, event, icon in (
        (earlier, "Earlier event", before, ":material/arrow_back:"),
        (later, "Later event", behind, ":material/arrow_forward:"),
    ):
        with column:  # type: ignore[attr-defined]
            pressed = st.button(name, disabled=event is None, icon=icon, key=f"{name}_{chosen.run.id}", width="stretch")
            if pressed and event is not None:
                _go(chosen, event.peak)


def _errors(chosen: Chosen, event: Event | None, row: int) -> NDArray[np.float64]:
    """The highest error of each column in an event, or that of a row outside of one, (C,)."""
    rows = np.asarray([row]) if event is None else course_of(chosen).rows[event.places]
    return np.asarray(chosen.scores.column_errors[rows]).max(axis=0).astype(float)


def _around(chosen: Chosen, event: Event | None, place: int, windows: float) -> tuple[int, int]:
    """The places to show: the event, or the row, with some windows around it, within its stretch of time and the chart's
    size."""
    course = course_of(chosen)
    begin, end = (place, place) if event is None else (event.first_place, event.last_place)
    mine = np.flatnonzero(course.stretch == course.stretch[place])
    margin = int(windows * course.length)
    first, last = max(begin - margin, int(mine[0])), min(end + margin, int(mine[-1]))
    if last - first >= MOST:
        first = max(first, min(place - MOST // 2, last - MOST + 1))
        last = min(last, first + MOST - 1)
    return first, last


def _worst_first(chosen: Chosen, errors: NDArray[np.float64]) -> tuple[list[str], int]:
    """All columns, and how many of them are shown where it is not said which: those that make the event."""
    order = np.argsort(-errors, kind="stable")
    guilty = errors[order[:SHOWN]] > max(1.0, GUILTY * float(errors.max()))
    return [chosen.scores.columns[i] for i in order], max(1, int(guilty.sum()))


def _columns(chosen: Chosen, errors: NDArray[np.float64], row: int) -> list[str]:
    names, shown = _worst_first(chosen, errors)
    places = list(range(len(names)))
    picked = st.multiselect(
        "Columns, the worst first",
        places,
        places[:shown],
        format_func=headings(names).__getitem__,
        max_selections=8,
        key=f"stretch_columns_{chosen.run.id}_{row}",
    )
    return [names[i] for i in picked]


def _chart(chosen: Chosen, first: int, last: int, place: int, columns: list[str]) -> None:
    try:
        chart = _figure(chosen, first, last, place, columns)
    except HourglassError as error:
        show_error(error)
        return
    st.plotly_chart(chart, config=PLOTLY_CONFIG, key="stretch_chart")
    st.caption(
        "The band around an expected number is what is usual: nearly all healthy rows lie in it. Shaded: flagged rows to "
        "which this column contributed; of names, how sure the network was counts, not only which one it expected."
    )


def stretch_figure(chosen: Chosen, row: int) -> tuple[str, go.Figure] | None:
    """A row's event with a window around it and its worst columns, and where that is in words; None for a row that was not
    looked at. Raises ServingUnavailable.
    """
    course = course_of(chosen)
    place = course.place(row)
    if place is None:
        return None
    event = _event_at(load.events(state.store(), chosen.run, chosen.threshold), place)
    names, shown = _worst_first(chosen, _errors(chosen, event, row))
    (group,) = whose(chosen, [row])
    of = f", of {group}" if group else ""
    where = f"around row {row + 1:,}, {moment(course, float(course.times[place]))}{of}"
    return where, _figure(chosen, *_around(chosen, event, place, 1.0), place, names[:shown])


def _figure(chosen: Chosen, first: int, last: int, place: int, columns: list[str]) -> go.Figure:
    """Places first … last of the series. Raises InputRefused, ServingUnavailable."""
    course = course_of(chosen)
    answer = ask(state.store(), "stretch", run_id=chosen.run.id, first=first, last=last, columns=columns)
    at = axis(course, course.times[first : last + 1])
    rows = course.rows[first : last + 1]
    flagged = chosen.scores.values[rows] >= chosen.threshold.value
    channels = []
    for name in columns:
        off = chosen.scores.column_errors[rows, chosen.scores.columns.index(name)]
        said = answer["columns"][name]
        guilty = [(at[a], at[b]) for a, b in _runs(flagged & (off > chosen.threshold.value / 2) & (off > 1))]
        channels.append(
            Channel(name, said["actual"], said["expected"], said["low"], said["high"], guilty, said["infinite"])
        )
    return stretch_chart(at, channels, at[place - first], bool(course.time))


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last place of each unbroken run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def worst_events(chosen: Chosen) -> None:
    """Events × columns."""
    found = load.events(state.store(), chosen.run, chosen.threshold)[:EVENTS]
    if not found:
        st.info("No event is over the threshold.", icon=":material/flag:")
        return
    chart, table = event_figures(chosen, found)
    st.plotly_chart(chart, config=PLOTLY_CONFIG, key="event_heatmap")
    with st.expander("The same as a table"):
        st.dataframe(table)


def event_figures(chosen: Chosen, found: tuple[Event, ...]) -> tuple[go.Figure, pd.DataFrame]:
    """The heatmap and its table."""
    course = course_of(chosen)
    errors = np.stack([_errors(chosen, event, event.peak) for event in found]).astype(np.float32)
    keep = np.argsort(-errors.max(axis=0), kind="stable")[:COLUMNS]
    names = [chosen.scores.columns[i] for i in keep]
    groups = whose(chosen, [event.peak for event in found])
    labels = [
        f"{i}: {f'{visible(group)}, ' if group else ''}{moment(course, event.start)}"
        for i, (event, group) in enumerate(zip(found, groups, strict=True), start=1)
    ]
    return event_heatmap(errors[:, keep], names, labels), event_heatmap_table(errors[:, keep], names, labels)
