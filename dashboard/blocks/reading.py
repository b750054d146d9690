"""What the reader did with the file: its dialect, its notices, the lines that are no rows, and how to read it otherwise."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.datasets.ingest import read_again
from core.datasets.preview import is_text, source_lines
from core.export.csv import table_csv
from core.jobs.launch import ensure_supervisor
from core.results import Dataset
from core.specs import ReadOptions
from dashboard import load, state, words
from dashboard.blocks.download import download
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.pages import page_of
from dashboard.blocks.read_options import NAMES, another_reading
from dashboard.charts.markdown import plain
from dashboard.charts.text import visible
from dashboard.navigation import go, link

SHOWN = 100
LONGEST = 300
NOTICES = 6
MOST_NOTICES = 200
LINES = 50


def reading(dataset: Dataset) -> None:
    """Notices at once; the rest behind a line each."""
    newer = state.store().datasets.read_differently(dataset)
    if newer is not None:
        st.warning("This file was read differently since.", icon=":material/history:")
        link("data", "Open the newer reading", dataset=newer.id)
    record = dataset.reading
    _notices(record.notices)
    with st.expander("How the file was read", icon=":material/description:"):
        dialect = record.dialect
        said = [f"Header rows: {dialect.header_rows}, rows before the table: {dialect.preamble_rows}"]
        if dialect.encoding:  # of text
            said = [
                f"Delimiter: {NAMES.get(dialect.delimiter, plain(dialect.delimiter))}",
                f"Quote: {plain(dialect.quote) or 'none'}, before a quote inside: {plain(dialect.escape) or 'the same again'}",
                f"Encoding: {plain(dialect.encoding)}",
                *said,
            ]
        if dialect.sheet:
            said.append(f"Sheet: {plain(dialect.sheet)}")
        if record.sampled_from:
            said.append(f"A sample of {words.count(record.sampled_from, 'row')}")
        if record.chosen:
            said.append("Said by hand: " + plain(", ".join(record.chosen)))
        st.markdown("\n".join(f"- {each}" for each in said))
        if st.toggle("Read it differently", key=f"differently_{dataset.id}"):
            _read_differently(dataset)
        if dialect.encoding and st.toggle("Show the file's own lines", key=f"lines_{dataset.id}"):
            _lines(dataset)
        if st.toggle("Sums to compare with a spreadsheet", key=f"sums_{dataset.id}"):
            _sums(dataset)
    _rejects(dataset)


def _notices(notices: tuple[str, ...]) -> None:
    """What the reader said, in one box; a long list is cut."""
    if notices:
        st.info("\n".join(f"- {plain(notice)}" for notice in notices[:NOTICES]), icon=":material/info:")
    if len(more := notices[NOTICES:]) > 0:
        with st.expander(f"{words.count(len(more), 'more notice')}", icon=":material/info:"):
            st.markdown("\n".join(f"- {plain(notice)}" for notice in more[:MOST_NOTICES]))
            if len(more) > MOST_NOTICES:
                st.caption(f"and {words.count(len(more) - MOST_NOTICES, 'other')}")


def _rejects(dataset: Dataset) -> None:
    """The lines that are no rows and the rows that were mended: a page of them, and all as a file."""
    record = dataset.reading
    if not dataset.rejects_address:
        return
    said = []
    if record.rejected:
        said.append(f"{words.count(record.rejected, 'line')} set aside")
    if record.mended:
        said.append(f"{words.count(record.mended, 'row')} mended")
    with st.expander(", ".join(said), icon=":material/warning:"):
        table = load.rejects(state.store(), dataset)
        shown = table[page_of(len(table), SHOWN, key=f"rejects_{dataset.id}")]
        frame = {name: [visible(text[:LONGEST]) for text in shown[name].to_pylist()] for name in ("text", "reason")}
        st.dataframe(pd.DataFrame({"line": shown["line"].to_pylist(), **frame}), hide_index=True)
        download(
            f"rejects_{dataset.id}", f"{words.count(len(table), 'line')} as CSV", "set-aside", lambda: table_csv(table)
        )


def _read_differently(dataset: Dataset) -> None:
    """The options with a preview; a new version of the data where they are taken."""
    store = state.store()
    with failure_in_place():
        source = store.artifacts.local_path(store.space, dataset.source_address)
    chosen = ReadOptions.read(dataset.reading.chosen)
    options = another_reading(source, dataset.source_name, chosen, dataset.reading.sheets, key=dataset.id)
    if options is not None:
        with failure_in_place():
            job = read_again(store, dataset, options)
            ensure_supervisor(store.settings)
        go("home", job=job.id)


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
    dataset = state.store().datasets.get(dataset.id)
    if not dataset.profile_address:
        st.caption("They are being counted, with the profile below.")
        return
    figures = [
        (visible(column.name), spread.count + spread.infinite, spread.total, spread.minimum, spread.maximum)
        for column in load.profile(state.store(), dataset).columns
        if column.kind == "number" and (spread := column.spread) is not None
    ]
    st.dataframe(pd.DataFrame(figures, columns=["column", "count", "sum", "minimum", "maximum"]), hide_index=True)
