"""Some images of a run as a wall, a page at a time: score below, the worst spot marked, a click leads to its errors."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.results import IMAGE_SCORES
from core.specs import score_card
from dashboard import load, state
from dashboard.blocks.images.frames import in_thumbs
from dashboard.blocks.pages import page_of
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.score_shown import said_score
from dashboard.charts.text import visible
from dashboard.gallery import gallery
from dashboard.navigation import go

ROWS = 40
LONGEST = 40


def wall(
    chosen: Chosen,
    rows: NDArray[np.int64],
    *,
    key: str,
    marked: bool = True,
    scores: NDArray[np.float64] | None = None,
) -> None:
    """The images of these rows in this order. marked: with a frame around each one's worst spot. scores: what is said below
    each, (N,); the run's own by default."""
    store = state.store()
    page = page_of(len(rows), ROWS, key=f"{key}_page")
    shown = rows[page]
    names = load.rows_frame(store, chosen.dataset, shown, chosen.dataset.identifiers[:1]).to_numpy()
    said = (chosen.scores.values if scores is None else scores)[shown]
    picked = gallery(
        load.thumbs(store, chosen.dataset, shown),
        [caption(str(name[0]), _said(chosen, score, scores)) for name, score in zip(names, said, strict=True)],
        boxes=in_thumbs(chosen.dataset, shown, load.worst_spots(store, chosen.run, shown)) if marked else None,
        flagged=chosen.scores.values[shown] >= chosen.threshold.value,
        key=f"{key}_{page.start}",
    )
    if picked is not None:
        row = int(shown[picked])
        if st.button(f"Why image {row + 1}?", type="primary", key=f"{key}_why"):
            go("errors", run=chosen.run.id, row=str(chosen.scores.row_keys[row]), view=state.param("view"))
    else:
        st.caption("Click an image to see what the network could not rebuild in it. The frame is its worst spot.")


def _said(chosen: Chosen, score: float, others: NDArray[np.float64] | None) -> str:
    """As the page says scores; of another sort of score than the run's, raw."""
    return said_score(chosen, float(score)) if others is None else f"score {score:.4g}"


def worst_images(chosen: Chosen, rows: NDArray[np.int64]) -> None:
    """These images, worst first by any of the scores that were kept with the run."""
    st.segmented_control(
        "Worst by",
        IMAGE_SCORES,
        format_func=lambda name: score_card(name, images=True)[0],
        default=chosen.scorer,
        required=True,
        key=_key(chosen),
        help="Only the order of this wall. Threshold and flags go by the anomaly score above.",
    )
    by, scores, ordered = in_order(chosen, rows)
    wall(chosen, ordered, key=f"worst_{chosen.run.id}_{by}", scores=scores)


def in_order(chosen: Chosen, rows: NDArray[np.int64]) -> tuple[str, NDArray[np.float64], NDArray[np.int64]]:
    """The score that was chosen on the page, the run's own by default; what it says of each image, (N,); these images, the
    worst first by it."""
    by = str(st.session_state.get(_key(chosen), chosen.scorer))
    scores = load.image_scores(state.store(), chosen.run)[:, IMAGE_SCORES.index(by)]
    return by, scores, rows[np.argsort(-scores[rows], kind="stable")]


def _key(chosen: Chosen) -> str:
    return f"worst_by_{chosen.run.id}_{chosen.scorer}"


def caption(file: str, said: str) -> str:
    """A file's name, what is said of it, and its folder."""
    folder, _, name = visible(file).rpartition("/")
    return f"{name}\n{said}\n{folder if len(folder) <= LONGEST else '…' + folder[-LONGEST + 1 :]}"
