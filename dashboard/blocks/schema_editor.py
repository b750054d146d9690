"""What each column is, and what it becomes for the network; a change makes a new version of the data."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.datasets.encoding.encoder import describe_encoding
from core.results import KINDS, ROLES, Column, Dataset
from dashboard import words
from dashboard.blocks.column_editor import column_editor
from dashboard.blocks.schema_changes import Changes, preview_and_save
from dashboard.blocks.schema_templates import schema_templates
from dashboard.charts.text import visible

HELP = {
    "kind": "What the values are. number: a quantity. category: one of a few names. coded: digits that are a name.",
    "role": "feature: the network sees it. label: kept out of training, used for colour and evaluation. "
    "identifier: names the row. ignored: not used.",
    "unit": "What its numbers are in. It stands at charts' axes and is read off cells such as “12 kg”.",
    "words": "Cells that count as missing, beside empty ones: type a word and press Enter.",
    "network": "What the column becomes for the network with its present kind and role.",
}
ROW, TALLEST = 35, 20  # pixels of a row; rows that are seen without scrolling
EDITABLE = ("kind", "role", "unit", "missing words")


def schema_editor(dataset: Dataset) -> None:
    """The table of all columns, one column closely, and schemas that were kept."""
    preview_and_save(dataset, _edited(dataset), key=f"schema_{dataset.id}")
    with st.expander("Change one column closely", icon=":material/tune:"):
        column_editor(dataset)
    with st.expander("Keep this schema, or use one that was kept", icon=":material/bookmark:"):
        schema_templates(dataset)


def _edited(dataset: Dataset) -> Changes:
    """The table; what was changed in it."""
    before = _frame(dataset.columns)
    after = st.data_editor(
        before,
        key=f"schema_{dataset.id}",
        hide_index=True,
        height=ROW * (min(len(before), TALLEST) + 1) + 3,
        disabled=[name for name in before.columns if name not in EDITABLE],
        column_config={
            "column": st.column_config.TextColumn("column", width=110),
            "kind": st.column_config.SelectboxColumn(
                "kind", width=75, options=list(KINDS), required=True, help=HELP["kind"]
            ),
            "role": st.column_config.SelectboxColumn(
                "role", width=75, options=list(ROLES), required=True, help=HELP["role"]
            ),
            "why": st.column_config.TextColumn("why this kind", width=205),
            "for the network": st.column_config.TextColumn("for the network", width=205, help=HELP["network"]),
            "unit": st.column_config.TextColumn("unit", width=60, max_chars=16, help=HELP["unit"]),
            "missing words": st.column_config.ListColumn("missing words", width=110, help=HELP["words"]),
            "missing": st.column_config.NumberColumn(
                "missing", width=_fits(before["missing"]), format="localized", help="Cells without a value."
            ),
            "distinct": st.column_config.NumberColumn(
                "distinct", width=_fits(before["distinct"]), format="localized", help="Different values."
            ),
            "range": st.column_config.TextColumn("range", width=160),
            "distribution": st.column_config.BarChartColumn(
                "distribution", help="Rows per range, or per value, the most frequent first.", y_min=0, width=90
            ),
        },
    )
    changes: Changes = {}
    for i, column in enumerate(dataset.columns):
        changed = _changed(column, before.iloc[i], after.iloc[i])
        if changed:
            changes[column.name] = changed
    return changes


def _changed(column: Column, before: pd.Series, after: pd.Series) -> dict[str, object]:
    """What differs from what was shown: a text may be shown otherwise than it is."""
    out: dict[str, object] = {what: str(after[what]) for what in ("kind", "role") if after[what] != before[what]}
    if (after["unit"] or "") != before["unit"]:
        out["unit"] = (after["unit"] or "").strip()
    shown, typed = (
        list(before["missing words"]),
        list(after["missing words"] if after["missing words"] is not None else []),
    )
    if typed != shown:
        as_read = dict(zip(shown, column.missing_words, strict=True))
        out["missing_words"] = tuple(dict.fromkeys(as_read.get(word, word.strip()) for word in typed if word.strip()))
    return out


def _fits(counts: pd.Series) -> int:
    """How wide a column of the table is in which the largest of the counts can be read whole, in pixels."""
    return max(60, 24 + 7 * len(f"{counts.max():,}"))


def _frame(columns: tuple[Column, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": [visible(column.name) for column in columns],
            "kind": [column.kind for column in columns],
            "role": [column.role for column in columns],
            "why": [visible(column.reason) for column in columns],
            "for the network": [visible(describe_encoding(column)) for column in columns],
            "missing": [column.missing for column in columns],
            "distinct": [column.distinct for column in columns],
            "distribution": [list(column.histogram.counts) for column in columns],
            "range": [_range(column) for column in columns],
            "unit": [visible(column.unit) for column in columns],
            "missing words": [[visible(word) for word in column.missing_words] for column in columns],
        }
    )


def _range(column: Column) -> str:
    if column.minimum is not None and column.maximum is not None:
        if column.kind == "datetime":
            return f"{words.day(column.minimum)} … {words.day(column.maximum)}"
        return f"{figure(column.minimum)} … {figure(column.maximum)}"
    return ", ".join(visible(label[:20]) for label in column.histogram.labels[:3])


def figure(value: float) -> str:
    """An end of a range: 806.35, 2024, 12,000,000, 1e+15."""
    size = abs(value)
    return f"{value:,.0f}" if 1e5 <= size < 1e15 else f"{value:,.6g}" if size >= 1e4 else f"{value:.6g}"
