"""How a file shall be read: the options, and its first rows under them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from core.datasets.preview import can_preview
from core.errors import HourglassError
from core.specs import ReadOptions
from dashboard import load, state, words
from dashboard.blocks.failure import show_error
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings, shortened, visible

COLUMNS = 60
NAMES = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    " ": "blank",
    r"\s+": "any number of blanks",
    "": "none",
}
FOUND = "as found"


def another_reading(
    source: Path, name: str, chosen: ReadOptions, sheets: tuple[str, ...], *, key: str
) -> ReadOptions | None:
    """The options with a preview and a button; them, once it is pressed."""
    options = read_options(chosen, sheets, key=f"read_{key}")
    if options is None or not previewed(source, name, options):
        return None
    pressed = st.button("Read the file like this", type="primary", disabled=options == chosen, key=f"reread_{key}")
    return options if pressed else None


def previewed(source: Path, name: str, options: ReadOptions) -> bool:
    """Show the first rows of a file under these options, or why there are none; whether it can be read like that."""
    if not can_preview(source):
        st.caption("The file is packed or large: its rows are seen when it is read.")
        return True
    try:
        seen = load.preview(state.store(), source, name, options)
    except HourglassError as error:
        show_error(error)
        return False
    rows = words.count(len(seen.rows), "row")
    st.caption(f"{words.count(len(seen.columns), 'column')}; {'all' if seen.whole else 'the first'} {rows}")
    names = seen.columns[:COLUMNS]
    shown = {
        heading: [(cell := row[name]) and visible(shortened(cell, 200)) for row in seen.rows]
        for name, heading in zip(names, headings(names), strict=True)
    }
    numbers = pd.RangeIndex(1, len(seen.rows) + 1, name="row")
    st.dataframe(pd.DataFrame(shown, index=numbers, dtype=object), height=260)
    for notice in seen.notices[:3]:
        st.caption(plain(notice))
    return True


def read_options(chosen: ReadOptions, sheets: tuple[str, ...], *, key: str) -> ReadOptions | None:
    """What the widgets say, starting from what was chosen; None where it can't be."""
    values: dict[str, object] = {"sample_seed": chosen.sample_seed}
    first, second, third = st.columns(3)
    with first:
        values["delimiter"] = _mark("Delimiter", chosen.delimiter, f"{key}_delimiter", (",", ";", "\t", "|", " ", ""))
        values["header_rows"] = _number("Header rows", chosen.header_rows, f"{key}_header", 20)
    with second:
        values["quote"] = _mark("Quote", chosen.quote, f"{key}_quote", ('"', "'", ""))
        values["preamble_rows"] = _number("Rows before the table", chosen.preamble_rows, f"{key}_preamble", 10_000)
    with third:
        encoding = st.text_input("Encoding", chosen.encoding or "", key=f"{key}_encoding", placeholder=FOUND)
        values["encoding"] = encoding.strip() or None
        values["sample_rows"] = _number("Sample: so many rows", chosen.sample_rows, f"{key}_sample", 10**9, least=10)
    if sheets:
        named = [FOUND, *sheets]
        picked = st.selectbox(
            "Sheet",
            range(len(named)),
            named.index(chosen.sheet) if chosen.sheet in named else 0,
            format_func=headings(named).__getitem__,
            key=f"{key}_sheet",
        )
        values["sheet"] = named[picked] if picked else None
    try:
        return ReadOptions.read(values)
    except HourglassError as error:
        show_error(error)
        return None


def _mark(label: str, value: str | None, key: str, usual: tuple[str, ...]) -> str | None:
    """A mark: found, a usual one, or typed."""
    marks: list[str | None] = [None, *usual, *([value] if value is not None and value not in usual else [])]
    names = [FOUND if mark is None else NAMES.get(mark, visible(mark)) for mark in marks]
    typed = st.selectbox(label, names, marks.index(value), key=key, accept_new_options=True)
    return marks[names.index(typed)] if typed in names else str(typed).replace("\\t", "\t")[:8]


def _number(label: str, value: int | None, key: str, most: int, least: int = 0) -> int | None:
    typed = st.number_input(label, least, most, value, key=key, step=1, placeholder=FOUND)
    return None if typed is None else int(typed)
