"""The queue as a table, a page of it at a time, with what was said of each row."""

from __future__ import annotations

import streamlit as st

from core.triage.judged import Judged
from dashboard.blocks.flagged_rows import ROWS, flagged_table, source_name, table_columns
from dashboard.blocks.pages import page_of
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.triage.queue import Queue
from dashboard.charts.text import shortened, visible


def queue_table(chosen: Chosen, queue: Queue, judged: Judged) -> None:
    """The rows to be shown, in their order."""
    rows = queue.rows[queue.wanted]
    if len(rows) == 0:
        st.caption("None.")
        return
    rows = rows[page_of(len(rows), ROWS, key=f"triage_page_{chosen.run.id}")]
    table = flagged_table(chosen, rows)
    newest = [judged.newest.get(int(row)) for row in rows]
    for name, values in (
        ("note", [visible(shortened(each.note)) if each else "" for each in newest]),
        ("by", [visible(each.author) if each and each.verdict else "" for each in newest]),
    ):
        table.insert(0, source_name(name, table.columns), values)
    st.dataframe(table, key=f"triage_table_{chosen.run.id}", column_config=table_columns())
