"""What the reader did with the file: its dialect, its notices, the lines that are no rows, and how to read it otherwise."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.datasets.ingest import read_again
from core.datasets.preview import is_text, source_lines
from core.errors import HourglassError
from core.jobs.launch import ensure_supervisor
from core.results import Dataset
from core.specs import ReadOptions
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place, show_error
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings, visible
from dashboard.navigation import go, link

SHOWN = 200
LINES = 50
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


def reading(dataset: Dataset) -> None:
    """Notices at once; the rest behind a line each."""
    newer = state.store().datasets.read_differently(dataset)
    if newer is not None:
        st.warning("This file was read differently since.", icon=":material/history:")
        link("data", "Open the newer reading", dataset=newer.id)
    record = dataset.reading
    for notice in record.notices:
        st.info(plain(notice), icon=":material/info:")
    with st.expander("How the file was read", icon=":material/description:"):
        dialect = record.dialect
        st.markdown(
            f"- Delimiter: {NAMES.get(dialect.delimiter, plain(dialect.delimiter))}\n"
            f"- Quote: {plain(dialect.quote) or 'none'}, before a quote inside: {plain(dialect.escape) or 'the same again'}\n"
            f"- Encoding: {plain(dialect.encoding)}\n"
            f"- Header rows: {dialect.header_rows}, rows before the table: {dialect.preamble_rows}"
            + (f"\n- Sheet: {plain(dialect.sheet)}" if dialect.sheet else "")
            + (f"\n- A sample of {words.count(record.sampled_from, 'row')}" if record.sampled_from else "")
            + ("\n- Said by hand: " + plain(", ".join(record.chosen)) if record.chosen else "")
        )
        if st.toggle("Read it differently", key=f"differently_{dataset.id}"):
            _read_differently(dataset)
        if st.toggle("Show the file's own lines", key=f"lines_{dataset.id}"):
            _lines(dataset)
        if st.toggle("Sums to compare with a spreadsheet", key=f"sums_{dataset.id}"):
            _sums(dataset)
    _rejects(dataset)


def _rejects(dataset: Dataset) -> None:
    record = dataset.reading
    if not record.rejects:
        return
    said = []
    if record.rejected:
        said.append(f"{words.count(record.rejected, 'line')} could not be read as rows")
    if record.mended:
        said.append(f"{words.count(record.mended, 'row')} mended")
    with st.expander(", ".join(said) or "Lines set aside", icon=":material/warning:"):
        frame = pd.DataFrame(
            [(reject.line, visible(reject.text), visible(reject.reason)) for reject in record.rejects[:SHOWN]],
            columns=["line", "text", "reason"],
        )
        st.dataframe(frame, hide_index=True)
        if len(record.rejects) > SHOWN:
            st.caption(f"The first {SHOWN}.")


def _read_differently(dataset: Dataset) -> None:
    """The options with a preview; a new version of the data where they are taken."""
    store = state.store()
    options = _options(dataset)
    if options is None:
        return
    try:
        seen = load.preview(store, dataset, options)
    except HourglassError as error:
        show_error(error)
        return
    st.caption(
        f"{words.count(len(seen.columns), 'column')}; "
        + (
            f"all {words.count(len(seen.rows), 'row')}"
            if seen.whole
            else f"the first {words.count(len(seen.rows), 'row')}"
        )
    )
    names = seen.columns[:60]
    shown = {
        heading: [row[name] and visible(row[name]) for row in seen.rows]
        for name, heading in zip(names, headings(names), strict=True)
    }
    st.dataframe(pd.DataFrame(shown, dtype=object), height=260)
    for notice in seen.notices[:3]:
        st.caption(plain(notice))
    changed = options != ReadOptions.read(dataset.reading.chosen)
    if st.button("Read the file like this", type="primary", disabled=not changed, key=f"reread_{dataset.id}"):
        with failure_in_place():
            job = read_again(store, dataset, options)
            ensure_supervisor(store.settings)
        go("home", job=job.id)


def _options(dataset: Dataset) -> ReadOptions | None:
    """What the widgets say; None where it can't be."""
    chosen = ReadOptions.read(dataset.reading.chosen)
    values: dict[str, object] = {"sample_seed": chosen.sample_seed}
    first, second, third = st.columns(3)
    key = f"read_{dataset.id}"
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
    if dataset.reading.sheets:
        sheets = [FOUND, *dataset.reading.sheets]
        picked = st.selectbox(
            "Sheet",
            range(len(sheets)),
            sheets.index(chosen.sheet) if chosen.sheet in sheets else 0,
            format_func=lambda i: visible(sheets[i]),
            key=f"{key}_sheet",
        )
        values["sheet"] = sheets[picked] if picked else None
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


def _lines(dataset: Dataset) -> None:
    store = state.store()
    with failure_in_place():
        source = store.artifacts.local_path(store.space, dataset.source_address)
    if not is_text(source):
        st.caption("The file is packed, or no text: it has no lines to look at.")
        return
    first = int(st.number_input("From line", 1, key=f"line_{dataset.id}", step=LINES, width=200))
    found = source_lines(source, dataset.reading.dialect.encoding, first, LINES)
    st.code(
        "\n".join(f"{number:>7}  {visible(text)}" for number, text in found) or "The file ends before.", language=None
    )


def _sums(dataset: Dataset) -> None:
    """Count, sum, minimum and maximum of each number column, as a spreadsheet would say them."""
    columns = [column for column in dataset.columns if column.kind == "number"]
    if not columns:
        st.caption("No column holds numbers.")
        return
    figures = load.sums(state.store(), dataset)
    st.dataframe(
        pd.DataFrame(
            [(visible(name), *values) for name, values in figures.items()],
            columns=["column", "count", "sum", "minimum", "maximum"],
        ),
        hide_index=True,
    )
