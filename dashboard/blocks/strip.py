"""Some rows held back beside what the network makes of them, while it learns and after."""

from __future__ import annotations

import base64

import numpy as np
import pandas as pd
import streamlit as st

from core.results import Strip
from dashboard import words
from dashboard.blocks.small_charts import small_charts
from dashboard.charts.markdown import plain
from dashboard.charts.pixels import enlarged
from dashboard.charts.text import headings, shortened, visible
from dashboard.charts.training import windows_beside

SIDE = 96  # pixels of an image on the page


def show_strip(strip: Strip, item: str) -> None:
    """One picture a sort of data. Nothing in it reacts, so that it can be drawn anew every second."""
    st.caption(
        f"The same {words.count(len(strip.actual), item)}, held back from training, and what the network made of them after epoch "
        f"{strip.epoch}{_which(strip)}:"
    )
    if strip.sort == "images":
        _images(strip)
    elif strip.sort == "series":
        st.caption(f"Windows of {plain(strip.columns[0], 60)}: as they are in grey, as rebuilt in blue")
        small_charts(windows_beside(strip), key="strip")
    else:
        _rows(strip)


def _which(strip: Strip) -> str:
    """Which columns are shown, where there are more."""
    if not strip.more:
        return ""
    names = ", ".join(plain(name, 60) for name in strip.columns)
    stand = "1 stands" if len(strip.columns) == 1 else f"{len(strip.columns)} stand"
    return f". Of {len(strip.columns) + strip.more:,} columns {stand} here, {names}"


def _images(strip: Strip) -> None:
    rows = []
    for texts in (strip.actual, strip.expected):
        images = [np.frombuffer(base64.b64decode(text), np.uint8).reshape(strip.shape) for text in texts]
        rows.append(np.concatenate([_padded(image) for image in images], axis=1))
    both = np.concatenate(rows, axis=0)
    st.image(enlarged(both, SIDE * len(strip.actual)), caption="above as they are, below as rebuilt")


def _padded(image: np.ndarray) -> np.ndarray:
    return np.pad(image, ((1, 1), (1, 1), (0, 0)), constant_values=255)


def _rows(strip: Strip) -> None:
    table: dict[str, list[object]] = {}
    for number, name in enumerate(strip.columns):
        table[f"{name}"] = [_shown(row[number]) for row in strip.actual]
        table[f"{name}, rebuilt"] = [_shown(row[number]) for row in strip.expected]
    frame = pd.DataFrame(table)
    frame.columns = pd.Index(headings(frame.columns))
    st.dataframe(frame, hide_index=True, key="strip")


def _shown(cell: object) -> str:
    return "" if cell is None else f"{cell:,.4g}" if isinstance(cell, float) else shortened(visible(str(cell)), 60)
