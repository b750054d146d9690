"""Whether the network looks at each row by itself or at many in the order of time, and what windows that makes."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.datasets.series import shortcomings
from core.datasets.series.steps import Steps, axes
from core.datasets.series.windows import window_starts
from core.results import NUMERIC, Dataset
from core.specs import Windows
from dashboard import load, state, words
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings
from dashboard.forms import out_of_bounds, settings_form

GROUPS = ("category", "coded", "ordered", "text")  # kinds of columns that may say whose a row is
SINGLE, SERIES = "each row by itself", "windows over time"


@dataclass(frozen=True)
class Looked:
    """What the form says: the windows, over which steps, and how many of them there will be."""

    windows: Windows
    steps: Steps
    count: int


def windows_choice(dataset: Dataset, start: Windows | None, key: str) -> Looked | None:
    """The choice with its settings and what they make of the rows; None for rows by themselves.

    Raises DatasetRefused where these rows make no such windows, SettingsRefused.
    """
    if dataset.pictures is not None:
        return None
    st.markdown("##### What the network looks at")
    picked = st.radio(
        "What the network looks at",
        [SINGLE, SERIES],
        index=int(start is not None),
        horizontal=True,
        label_visibility="collapsed",
        key=f"{key}_rows",
        help="Windows where the rows are a series in time and what is strange may lie in how they follow one another.",
    )
    if picked == SINGLE:
        return None
    given = start.model_dump() if start is not None else {}
    columns = _columns(dataset, start or Windows(), key)
    numbers = settings_form(Windows, given, key=f"{key}_windows", leave=tuple(columns))
    if refused := out_of_bounds(Windows.model_fields, numbers):
        raise refused
    windows = Windows.read({**numbers, **columns})
    steps = load.steps(state.store(), dataset, windows)
    st.caption(
        _order(dataset, windows) + "".join(f" {plain(notice[0].upper() + notice[1:])}." for notice in steps.notices)
    )
    count = len(window_starts(steps, windows.length, windows.step))
    spans = f", {words.duration(windows.length * steps.usual)} each where steps are as usual" if steps.by_time else ""
    st.caption(
        f"{words.count(len(steps), 'step')} become {words.count(count, 'window')} of {windows.length:,}{spans}. "
        "The last part of every stretch is kept out of training to validate on."
    )
    for said in shortcomings(steps, windows):
        st.caption(f":material/warning: {said[0].upper()}{said[1:]}.")
    return Looked(windows, steps, count)


def _columns(dataset: Dataset, start: Windows, key: str) -> dict[str, str]:
    """The columns of time and group, those with the role first."""
    said = {}
    for side, (role, chosen, kinds, nothing) in zip(
        st.columns(2),
        (
            ("time", start.time, NUMERIC, "the rows' own order"),
            ("group", start.group, GROUPS, "all rows are one series"),
        ),
        strict=True,
    ):
        by_role = next((column.name for column in dataset.columns if column.role == role), "")
        names = ["", *(column.name for column in dataset.columns if column.kind in kinds and column.name != by_role)]
        shown_as = dict(zip(names, headings([by_role or nothing, *names[1:]]), strict=True))
        label = Windows.model_fields[role].title
        with side:
            said[role] = st.selectbox(
                str(label),
                names,
                names.index(chosen) if chosen in names else 0,
                format_func=shown_as.__getitem__,
                key=f"{key}_windows_{role}",
                help=Windows.model_fields[role].description,
            )
    return said


def _order(dataset: Dataset, windows: Windows) -> str:
    """By which columns the rows are put in order."""
    time, group = axes(dataset, windows)
    by = f"In the order of *{plain(time.name)}*" if time else "In the order of the rows"
    return by + (f", each *{plain(group.name)}* by itself." if group else ".")
