"""The images of a dataset as a wall to look through: sorted and filtered by what is known about them."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.datasets.parsing import parse_numbers
from core.results import Dataset
from dashboard import load, state, words
from dashboard.blocks.images.wall import caption
from dashboard.blocks.pages import page_of
from dashboard.charts.text import headings
from dashboard.gallery import gallery

ROWS = 60
ORDERS = ("as they came", "name", "largest first", "smallest first", "most bytes first")
ALL = "all"


def image_grid(dataset: Dataset) -> None:
    """Controls, the wall, and how the images were brought to one size."""
    pictures = dataset.pictures
    if pictures is None:
        return
    tiles = f"; {words.count(pictures.pieces, 'tile')}" if pictures.rule == "tiles" else ""
    st.caption(
        f"The network sees {pictures.height} × {pictures.width} pixels "
        f"{'in colour' if pictures.channels == 3 else 'in grey'} of each ({pictures.rule}{tiles})."
    )
    order, label, split, near = st.columns([2, 2, 2, 3], vertical_alignment="bottom")
    with order:
        by = st.selectbox("Sort", ORDERS, key=f"grid_order_{dataset.id}")
    keep = np.ones(dataset.rows, bool)
    for place, name in ((label, "label"), (split, "split")):
        usual = next((column.histogram.labels for column in dataset.columns if column.name == name), ())
        if usual:
            shown_as = dict(zip(usual, headings([ALL, *usual])[1:], strict=True))
            with place:
                wanted = st.selectbox(
                    name.capitalize(),
                    [ALL, *usual],
                    format_func=lambda cell, shown_as=shown_as: shown_as.get(cell, ALL),
                    key=f"grid_{name}_{dataset.id}",
                )
            if wanted != ALL:
                keep &= _cells(dataset, name) == wanted
    with near:
        if st.checkbox("Only what looks like an earlier one", key=f"grid_near_{dataset.id}"):
            keep &= np.asarray([cell is not None for cell in _cells(dataset, "looks_like")])
    rows = _order(dataset, by)
    rows = rows[keep[rows]]
    if len(rows) == 0:
        st.info("No image is like that.", icon=":material/filter_alt_off:")
        return
    page = page_of(len(rows), ROWS, key=f"grid_page_{dataset.id}")
    shown = rows[page]
    names = [str(name) for name in _cells(dataset, "file")[shown]]
    sizes = [
        f"{w} × {h}" for w, h in zip(_cells(dataset, "width")[shown], _cells(dataset, "height")[shown], strict=True)
    ]
    captions = [caption(name, size) for name, size in zip(names, sizes, strict=True)]
    gallery(
        load.thumbs(state.store(), dataset, shown), captions, key=f"grid_{dataset.id}_{by}_{page.start}_{len(rows)}"
    )
    st.caption(f"{words.count(len(rows), 'image')} of {dataset.rows:,}.")


def _cells(dataset: Dataset, name: str) -> NDArray[np.object_]:
    return load.column_cells(state.store(), dataset, name)


def _order(dataset: Dataset, by: str) -> NDArray[np.int64]:
    if by == "name":
        return np.argsort(_cells(dataset, "file").astype(str), kind="stable")
    if by in ("largest first", "smallest first"):
        area = parse_numbers(_cells(dataset, "width")) * parse_numbers(_cells(dataset, "height"))
        return np.argsort(-area if by == "largest first" else area, kind="stable")
    if by == "most bytes first":
        return np.argsort(-parse_numbers(_cells(dataset, "bytes")), kind="stable")
    return np.arange(dataset.rows)
