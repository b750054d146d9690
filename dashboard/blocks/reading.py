"""What the reader did with the file: its dialect, its notices, and the lines it could not read."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.results import Dataset
from dashboard import words
from dashboard.charts.markdown import plain

SHOWN = 200


def reading(dataset: Dataset) -> None:
    """Notices at once; dialect and rejects behind a line each."""
    record = dataset.reading
    for notice in record.notices:
        st.info(plain(notice), icon=":material/info:")
    with st.expander("How the file was read", icon=":material/description:"):
        dialect = record.dialect
        names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
        st.markdown(
            f"- Delimiter: {names.get(dialect.delimiter, plain(dialect.delimiter) or 'none')}\n"
            f"- Quote: {plain(dialect.quote) or 'none'}\n- Encoding: {plain(dialect.encoding)}\n"
            f"- Header rows: {dialect.header_rows}, rows before the table: {dialect.preamble_rows}"
        )
    if record.rejects:
        with st.expander(
            f"{words.count(len(record.rejects), 'line')} could not be read as rows", icon=":material/warning:"
        ):
            frame = pd.DataFrame(
                [(reject.line, reject.text[:300], reject.reason) for reject in record.rejects[:SHOWN]],
                columns=["line", "text", "reason"],
            )
            st.dataframe(frame, hide_index=True)
