"""What stands beside one stretch of a series: the healthy windows most like it, what simpler methods think, its place on the map."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.results import Event
from core.triage.alike import nearest
from core.triage.evidence import NEAR
from core.triage.judged import CONFIRMED
from core.triage.sentence import CAUTION, stretch_sentence
from dashboard import load, state
from dashboard.blocks.evidence_card import nearest_points, place, row_name, views
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.score_shown import flagged_from
from dashboard.blocks.series.events import course_of, moment
from dashboard.charts.markdown import plain
from dashboard.charts.series import windows_beside
from dashboard.charts.text import visible
from dashboard.charts.theme import PLOTLY_CONFIG

NAMED = 5  # columns that hold what was never seen
NUMERIC = ("number", "boolean", "ordered")


def stretch_words(chosen: Chosen, row: int, event: Event | None, errors: NDArray[np.float64]) -> None:
    """The sentence that can stand in a ticket, and what it does not prove. errors: of each column, times what is usual, (C,)."""
    scores, course = chosen.scores, course_of(chosen)
    score = float(scores.values[row])
    name = row_name(chosen, row)
    if event is not None:
        name = f"{name}, in the event from {moment(course, event.start)} to {moment(course, event.end)},"
    order = np.argsort(-errors, kind="stable")
    columns = [(scores.columns[i], float(errors[i])) for i in order]
    less, cut = scores.less_strange(score), chosen.threshold.value
    said = stretch_sentence(name, len(scores.ordered), score, less, cut, columns, flagged_from(chosen))
    st.code(visible(said), language=None, wrap_lines=True)
    st.caption(f"{CAUTION} Of a series it is not looked for which change would make it healthy.")
    if beyond := _never_seen(chosen, row):
        st.caption(f":material/new_releases: {beyond}")


def _never_seen(chosen: Chosen, row: int) -> str:
    """Of a run that only scored: in how much of the window around a row each column holds what was never learned from, or text that
    can't be read."""
    store, run, said = state.store(), chosen.run, []
    if "never_seen" in run.artifacts:
        what = "what no row held that was learned from, a number out of range or a category"
        said.append(_in_window(chosen, row, load.never_seen(store, run), what))
    if "unreadable" in run.artifacts:
        what = "text that can't be read as what was learned, so taken as empty"
        said.append(_in_window(chosen, row, load.unreadable(store, run), what))
    return " ".join(each for each in said if each)


def _in_window(chosen: Chosen, row: int, cells: NDArray[np.bool_], what: str) -> str:
    """In how much of the window around a row each column has such cells, of all (N, C)."""
    course = course_of(chosen)
    place = course.place(row)
    if place is None:
        return ""
    mine = np.flatnonzero(course.stretch == course.stretch[place])
    first = max(int(mine[0]), min(place - course.length // 2, int(mine[-1]) + 1 - course.length))
    rows = course.rows[first : min(first + course.length, int(mine[-1]) + 1)]
    share = cells[rows].mean(axis=0)  # (C,)
    order = [int(i) for i in np.argsort(-share, kind="stable")[:NAMED] if share[i] > 0]
    named = ", ".join(f"{plain(chosen.scores.columns[i], 60)} in {share[i]:.0%}" for i in order)
    return f"Of the {len(rows):,} rows of the window around it these hold {what}: {named}." if named else ""


def beside_stretch(chosen: Chosen, row: int, errors: NDArray[np.float64]) -> None:
    """Healthy windows, and the views of others."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _near(chosen, row, errors)
    with right:
        views(chosen, row)
        place(chosen, row)


def _near(chosen: Chosen, row: int, errors: NDArray[np.float64]) -> None:
    store, course = state.store(), course_of(chosen)
    st.markdown("**The healthy windows most like it**")
    at = load.map_rows(store, chosen.run)
    (point,) = nearest_points(chosen, np.asarray([row]), at)
    steps = _steps(chosen)  # (K,) of each place
    first = np.full(len(chosen.scores.values), -1, np.int64)
    first[course.rows] = steps
    begins = first[at] - course.length // 2  # (P,) the step at which each window begins
    strange = chosen.scores.values[course.rows] >= chosen.threshold.value
    strange |= np.isin(course.rows, load.judged(store, chosen.dataset).rows(CONFIRMED))
    bad = np.concatenate([[0], np.cumsum(np.bincount(steps[strange], minlength=int(steps[-1]) + 1))])
    ends = np.clip(begins + course.length, 0, len(bad) - 1)
    healthy = np.flatnonzero(bad[ends] == bad[np.clip(begins, 0, len(bad) - 1)])
    found = nearest(load.codes(store, chosen.run), int(point), healthy, NEAR, begins, course.length)
    if len(found) == 0:
        st.caption("There are no healthy windows to compare with.")
        return
    column = chosen.dataset.column(chosen.scores.columns[int(errors.argmax())])
    windows = [(f"from {moment(course, _time(chosen, steps, begins[each]))}", begins[each]) for each in found]
    if column.kind in NUMERIC:
        lines = {
            name: _values(chosen, steps, int(begin), column.name)
            for name, begin in [("this window", int(begins[point])), *windows]
        }
        st.plotly_chart(windows_beside(column.name, lines), config=PLOTLY_CONFIG, key=f"near_{chosen.run.id}_{row}")
    else:
        st.markdown("\n".join(f"- {name}" for name, _ in windows))
    st.caption(
        f"Nearest by their codes, among windows of {course.length:,} in which no row is flagged or was confirmed; none overlaps "
        "another. The column that is off most."
    )


def _steps(chosen: Chosen) -> NDArray[np.int64]:
    """Which step each place of the course belongs to, (K,): rows that were resampled share one."""
    course = course_of(chosen)
    if not (chosen.run.spec.get("windows") or {}).get("every"):
        return np.arange(len(course.rows))
    new = (np.diff(course.times, prepend=np.nan) != 0) | (np.diff(course.stretch, prepend=-1) != 0)
    return np.cumsum(new) - 1


def _time(chosen: Chosen, steps: NDArray[np.int64], step: int) -> float:
    return float(course_of(chosen).times[np.searchsorted(steps, step)])


def _values(chosen: Chosen, steps: NDArray[np.int64], begin: int, name: str) -> NDArray[np.float64]:
    """A column's numbers in a window, (length,): of rows that share a step their mean."""
    course = course_of(chosen)
    places = slice(*np.searchsorted(steps, [begin, begin + course.length]))
    column = chosen.dataset.column(name)
    cells = load.typed_rows(state.store(), chosen.dataset, course.rows[places], (column,))[name].astype(np.float64)
    there = np.isfinite(cells)
    mine = (steps[places] - begin)[there]
    sums = np.bincount(mine, cells[there], course.length)
    counts = np.bincount(mine, minlength=course.length)
    return np.divide(sums, counts, out=np.full(course.length, np.nan), where=counts > 0)
