"""One image in full: as it is, as the network rebuilt it, and where they differ, on one scale for all images."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.errors import ServingUnavailable
from core.results import IMAGE_SCORES
from core.serving import ask
from core.specs import score_card
from dashboard import load, state
from dashboard.blocks.failure import show_error
from dashboard.blocks.images.healthy import beside_image, image_words
from dashboard.blocks.row_shown import show_row
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.score_shown import said_score
from dashboard.charts import theme
from dashboard.charts.markdown import plain
from dashboard.charts.pixels import enlarged

SIDE = 320  # pixels that each picture is shown at, about
PICTURES = ("error", "signed error")
WIDEST = 0.5  # difference of full colour in the signed picture, in shares of black to white


def one_image(chosen: Chosen, row: int) -> None:
    """A number box for the image, its score, and three pictures."""
    store, total = state.store(), len(chosen.scores.values)
    picked = int(st.number_input("Image", 1, total, row + 1, key=f"one_row_{chosen.run.id}_{row}", width=200)) - 1
    if picked != row:
        show_row(chosen.run.id, str(chosen.scores.row_keys[picked]))
        st.rerun()
    about = load.rows_frame(store, chosen.dataset, np.asarray([row]), ("file",)).iloc[0]
    rank = int(load.ranks(store, chosen.run, chosen.threshold.scorer).by_detector["Autoencoder"][row])
    side = "flagged" if chosen.scores.values[row] >= chosen.threshold.value else "not flagged"
    st.markdown(
        f"**{plain(str(about.iloc[0]))}** · **{said_score(chosen, float(chosen.scores.values[row]))}** "
        f"({score_card(chosen.scorer, images=True)[0].lower()}), rank {rank:,} of {total:,}: {side} at "
        "the threshold."
    )
    image_words(chosen, row)
    _pictures(chosen, row)
    st.dataframe(_scores(chosen, row), hide_index=True, width="content")
    beside_image(chosen, row)


def _pictures(chosen: Chosen, row: int) -> None:
    store = state.store()
    try:
        answer = ask(store, "rebuild", run_id=chosen.run.id, row=row)
    except ServingUnavailable as error:
        show_error(error)
        return
    choice, slider = st.columns([1, 2])
    with choice:
        what = st.segmented_control("Third picture", PICTURES, default=PICTURES[0], required=True, key="image_error")
    with slider:
        opacity = st.slider("Its opacity over the original", 0, 100, 100, 5, format="%d %%", key="image_opacity") / 100
    pictures = pictures_of(chosen, answer, str(what), opacity)
    for place, (caption, image) in zip(st.columns(3), pictures.items(), strict=True):
        with place:
            st.image(enlarged(image, SIDE), caption=caption, width="stretch")


def pictures_of(
    chosen: Chosen, answer: dict[str, Any], what: str = PICTURES[0], opacity: float = 1.0
) -> dict[str, NDArray[np.uint8]]:
    """The image, its reconstruction and where they differ, (H, W, C) each, by caption. answer: of the question *rebuild*."""
    original, rebuilt, errors, signed = (_array(answer[name]) for name in ("original", "rebuilt", "errors", "signed"))
    if what == PICTURES[0]:
        scale = float(chosen.run.summary["error_scale"])
        coloured = theme.coloured(errors / scale, theme.SEQUENTIAL)
        words = f"error of each pixel; full colour from {scale:.3g} on, for every image of this run"
    else:
        coloured = theme.coloured(signed / (2 * WIDEST) + 0.5, theme.DIVERGING)
        words = "red: rebuilt darker than it is; blue: lighter; full colour at half of black to white"
    under = np.broadcast_to(original, coloured.shape).astype(np.float64)
    mixed = (opacity * coloured + (1 - opacity) * under).astype(np.uint8)
    return {"original": original, "reconstruction": rebuilt, words: mixed}


def _scores(chosen: Chosen, row: int) -> pd.DataFrame:
    """The image's scores of each sort, with how many images have a higher one; that of the run is marked."""
    scores = load.image_scores(state.store(), chosen.run)
    own = chosen.run.scorer
    titles = {name: score_card(name, images=True)[0] for name in IMAGE_SCORES}
    return pd.DataFrame(
        {
            "score": [titles[name] + (" (this run's)" if name == own else "") for name in IMAGE_SCORES],
            "value": [f"{value:.4g}" for value in scores[row]],
            "rank": (scores > scores[row]).sum(axis=0) + 1,
        }
    )


def _array(text: str) -> NDArray[Any]:
    array: NDArray[Any] = np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False)
    return array
