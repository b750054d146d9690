"""What is left of an image at the size that the network sees, what it should ignore, and how to read it otherwise."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.datasets.images.original import original
from core.datasets.ingest import ignore_regions, read_again
from core.datasets.parsing import parse_numbers
from core.errors import FileRefused, NotFound
from core.jobs.launch import ensure_supervisor
from core.results import Dataset, Pictures
from core.specs import ReadOptions
from dashboard import load, state
from dashboard.blocks.failure import failure_in_place, show_error
from dashboard.blocks.images.frames import from_thumb, in_thumbs
from dashboard.brush import Box, brush
from dashboard.charts.pixels import enlarged
from dashboard.navigation import go

SIDE = 512  # pixels that an image is shown at, about
SEEN = 2.0  # pixels a side that a mark needs to survive
RULES = {
    "fit": "the whole image, with a border",
    "fill": "its middle, cut",
    "tiles": "overlapping tiles at full sharpness",
}


def sharpness(dataset: Dataset) -> None:
    """One image at its own size and as the network sees it, the smallest mark that survives, and other sizes."""
    pictures = dataset.pictures
    if pictures is None:
        return
    with st.expander("How sharp the network sees them", icon=":material/center_focus_strong:"):
        row = int(st.number_input("Image", 1, dataset.rows, 1, key=f"sharp_{dataset.id}", width=160)) - 1
        width, height = (
            float(parse_numbers(load.column_cells(state.store(), dataset, name)[row : row + 1])[0])
            for name in ("width", "height")
        )
        own, seen = st.columns(2)
        with own:
            _own(dataset, row, int(max(width, height)))
        with seen:
            st.image(enlarged(_seen(dataset, row), SIDE), caption="as the network sees it", width="stretch")
        scale = _scale(pictures, width, height)
        st.markdown(
            f"It has {width:,.0f} × {height:,.0f} pixels; one pixel of what the network sees is {scale:.1f} of its own a "
            f"side. The smallest mark that survives is about **{max(1.0, SEEN * scale):.0f} × "
            f"{max(1.0, SEEN * scale):.0f} pixels** of the photo."
        )
        mark = st.number_input(
            "The smallest mark that matters (pixels of the photo)", 1, 10_000, None, key=f"mark_{dataset.id}", width=320
        )
        if mark is not None and mark < SEEN * scale:
            st.warning(
                f"A mark of {mark} × {mark} pixels becomes {mark / scale:.1f} pixels a side and is lost. Tiles keep it.",
                icon=":material/blur_on:",
            )
            if pictures.rule != "tiles" and st.button("Read again in tiles", type="primary", key=f"tiles_{dataset.id}"):
                _again(dataset, image_rule="tiles")
        _otherwise(dataset, pictures)


def ignored_regions(dataset: Dataset) -> None:
    """Rectangles that are ignored in every image: a date stamp, a holder."""
    pictures = dataset.pictures
    if pictures is None:
        return
    with st.expander("Regions to ignore in every image", icon=":material/ink_eraser:"):
        st.caption("For images of one layout. Drag over what changes without meaning, such as a date stamp.")
        image = np.asarray(load.thumbs(state.store(), dataset, np.asarray([0]))[0])
        before = [_box(box) for box in in_thumbs(dataset, np.asarray([0]), np.asarray(pictures.ignored).reshape(-1, 4))]
        drawn = brush(image, before, key=f"brush_{dataset.id}")
        boxes = tuple(_box(box) for box in from_thumb(dataset, 0, np.asarray(drawn).reshape(-1, 4)))
        changed = list(drawn) != before
        if st.button("Ignore these regions", disabled=not changed, key=f"ignore_{dataset.id}"):
            with failure_in_place():
                version = ignore_regions(state.store(), dataset, boxes)
            go("data", dataset=version.id)


def _box(edges: Iterable[float]) -> Box:
    left, top, right, bottom = (round(float(edge), 4) for edge in edges)
    return left, top, right, bottom


def _own(dataset: Dataset, row: int, side: int) -> None:
    store = state.store()
    name = str(load.column_cells(store, dataset, "file")[row])
    try:
        source = store.artifacts.local_path(store.space, dataset.source_address)
        st.image(
            original(source, dataset.source_name, name, side, store.settings), caption="its own size", width="stretch"
        )
    except NotFound:  # pixels of a table, or images in its cells
        st.caption("The images came as pixels: what the network sees is what there is.")
    except FileRefused as error:
        show_error(error)


def _seen(dataset: Dataset, row: int) -> NDArray[np.uint8]:
    """The first piece of an image, (H, W, C)."""
    store = state.store()
    piece = int(np.flatnonzero(store.datasets.places(dataset)[:, 0] == row)[0])
    return np.asarray(store.datasets.pieces(dataset)[piece])


def _scale(pictures: Pictures, width: float, height: float) -> float:
    """How many of its own pixels become one, a side."""
    if pictures.rule == "tiles":
        return max(1.0, max(width, height) / 2_048)
    side = max(width, height) if pictures.rule == "fit" else min(width, height)
    return max(side / pictures.height, 1e-9)


def _otherwise(dataset: Dataset, pictures: Pictures) -> None:
    rule, size, colour = st.columns(3)
    with rule:
        wanted = st.selectbox(
            "To one size by",
            list(RULES),
            list(RULES).index(pictures.rule),
            format_func=RULES.get,
            key=f"rule_{dataset.id}",
        )
    with size:
        side = int(st.number_input("Pixels a side", 8, 512, pictures.height, step=4, key=f"side_{dataset.id}"))
    with colour:
        names = ["grey", "colour"]
        seen = st.selectbox("Seen in", names, int(pictures.channels == 3), key=f"colour_{dataset.id}")
    same = (wanted, side, seen) == (pictures.rule, pictures.height, names[int(pictures.channels == 3)])
    if st.button("Read the images again like this", disabled=same, key=f"images_again_{dataset.id}"):
        _again(dataset, image_rule=wanted, image_size=side, image_colour=seen)


def _again(dataset: Dataset, **changes: object) -> None:
    with failure_in_place():
        chosen = ReadOptions.read({**dataset.reading.chosen, **changes})
        job = read_again(state.store(), dataset, chosen)
        ensure_supervisor(state.store().settings)
    go("home", job=job.id)
