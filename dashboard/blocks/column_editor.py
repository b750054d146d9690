"""One column closely: its kind with what belongs to it, and which of its cells say that a value is missing."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.datasets.encoding.encoder import describe_encoding
from core.datasets.numbers import FORMS
from core.datasets.summary import WITHOUT_PLACE
from core.errors import InputRefused
from core.results import KINDS, ROLES, Column, Dataset
from dashboard import load, state
from dashboard.blocks.schema_changes import preview_and_save
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings, visible

MARKS = {
    "point": "1,234.5 (decimal point)",
    "comma": "1.234,5 (decimal comma)",
    "duration": "27:35:05 (hours:minutes:seconds)",
}
WITHOUT_PLACE_SHOWN = 4
LABEL = 80  # characters of a name that a column remembers
FORM_OF_DATES = (
    "%d day, %m month, %Y year, %y year in two digits, %H hour, %M minute, %S second, %b month's name; “epoch s” or "
    "“epoch ms” for seconds or milliseconds since 1970. Empty: found from the cells."
)


def column_editor(dataset: Dataset) -> None:
    """Choose a column, change it, see what it becomes, save."""
    names = headings(column.name for column in dataset.columns)
    picked = st.selectbox(
        "Column", range(len(names)), format_func=names.__getitem__, key=f"column_{dataset.id}", width=320
    )
    column = dataset.columns[picked]
    key = f"column_{dataset.id}_{picked}"
    st.caption(f"{column.kind}: {plain(column.reason)}. For the network: {plain(describe_encoding(column))}.")
    left, right = st.columns(2)
    # What was changed of other columns stays until it is saved: Streamlit forgets a widget that is not drawn.
    pending: dict[str, dict[str, Any]] = st.session_state.setdefault(f"pending_{dataset.id}", {})
    before = _under(dataset, column, pending.get(column.name, {}))
    with left:
        kind = st.selectbox("Kind", KINDS, KINDS.index(before.kind), key=f"{key}_kind")
        role = st.selectbox("Role", ROLES, ROLES.index(before.role), key=f"{key}_role")
    change: dict[str, Any] = {"kind": kind} if kind != column.kind else {}
    found = _under(dataset, column, change)
    shown = before if before.kind == kind else found
    with right:
        wanted = {
            "role": role,
            **_belonging(shown, f"{key}_{kind}"),
            "missing_words": _missing_words(dataset, shown, key),
        }
    change |= {what: value for what, value in wanted.items() if value != getattr(found, what)}
    pending.pop(column.name, None)
    if change:
        pending[column.name] = change
    if others := [name for name in pending if name != column.name]:
        st.caption(f"Also changed, and not saved yet: {plain(', '.join(others))}.")
    preview_and_save(dataset, dict(pending), key=key)


def _under(dataset: Dataset, column: Column, change: dict[str, Any]) -> Column:
    """The column with what its cells give under the kind that was chosen; as it is where they give nothing."""
    if not change:
        return column
    try:
        described, _ = load.changed_columns(state.store(), dataset, {column.name: change})
    except InputRefused:  # said where the change is previewed
        return column
    return described[column.name]


def _belonging(column: Column, key: str) -> dict[str, Any]:
    """What only a column of its kind has."""
    if column.kind == "number":
        known = FORMS.index(column.form) if column.form in FORMS else None
        form = st.selectbox("Written as", FORMS, known, format_func=MARKS.__getitem__, key=f"{key}_mark")
        unit = st.text_input("Unit", column.unit, max_chars=16, key=f"{key}_unit")
        return {"form": form or column.form, "unit": unit.strip()}
    if column.kind == "datetime":
        form = st.text_input("Written as", column.form, max_chars=60, help=FORM_OF_DATES, key=f"{key}_format")
        return {"form": form.strip()}
    if column.kind == "multiple":
        return {"form": st.text_input("Between two choices", column.form, max_chars=4, key=f"{key}_between")}
    if column.kind == "ordered":
        shown = "\n".join(column.levels)
        typed = st.text_area("From lowest to highest, a line each", shown, height=140, key=f"{key}_levels")
        levels = tuple(line.strip() for line in typed.splitlines() if line.strip())
        if without := [label for label in column.histogram.labels if label not in levels]:
            listed = ", ".join(f"“{label}”" for label in without[:WITHOUT_PLACE_SHOWN])
            st.caption(plain(f"No place in the order for {listed}: {WITHOUT_PLACE}."))
        return {"levels": levels}
    return {}


def _missing_words(dataset: Dataset, column: Column, key: str) -> tuple[str, ...]:
    found = dict(load.missing_words(state.store(), dataset, column.name))
    if column.histogram.labels:  # any of its names may be one
        shown = zip(column.histogram.labels, column.histogram.counts, strict=True)
        found |= {label: count for label, count in shown if len(label) < LABEL}
    every = list(dict.fromkeys([*found, *column.missing_words]))
    entries = headings(f"{word} ({found[word]:,})" if word in found else word for word in every)
    shown_as = dict(zip(every, entries, strict=True))
    picked = st.multiselect(
        "Cells that count as missing",
        list(found),
        list(column.missing_words),
        format_func=lambda word: shown_as.get(word, visible(word)),
        accept_new_options=True,
        placeholder="only empty cells" if not found else "proposed: choose or type",
        key=f"{key}_missing",
    )
    return tuple(picked)
