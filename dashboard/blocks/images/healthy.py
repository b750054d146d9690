"""What stands beside one image: the healthy images most like it, what simpler methods think, its place on the map, in words."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.triage.alike import nearest
from core.triage.evidence import NEAR
from core.triage.judged import CONFIRMED
from core.triage.sentence import CAUTION, image_sentence
from dashboard import load, state
from dashboard.blocks.evidence_card import place, row_name, views
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.score_shown import flagged_from, said_score
from dashboard.charts.text import visible
from dashboard.gallery import gallery

SIDE = 84  # pixels that each is shown at


def image_in_words(chosen: Chosen, row: int) -> str:
    """The sentence that can stand in a ticket, on one line."""
    scores, score = chosen.scores, float(chosen.scores.values[row])
    box = load.worst_spots(state.store(), chosen.run, np.asarray([row]))[0]
    return visible(
        image_sentence(
            row_name(chosen, row),
            len(scores.values),
            score,
            scores.less_strange(score),
            chosen.threshold.value,
            [float(share) for share in box],
            flagged_from(chosen),
        )
    )


def image_words(chosen: Chosen, row: int) -> None:
    """The sentence, to be copied, and what it does not prove."""
    st.code(image_in_words(chosen, row), language=None, wrap_lines=True)
    st.caption(
        f"{CAUTION} An image has no columns: nothing is said of values that are strange alone, nor which change would make it "
        "healthy."
    )


def beside_image(chosen: Chosen, row: int) -> None:
    """Healthy images, and the views of others."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _near(chosen, row)
    with right:
        views(chosen, row)
        place(chosen, row)


def _near(chosen: Chosen, row: int) -> None:
    store = state.store()
    healthy = chosen.scores.values < chosen.threshold.value
    healthy[load.judged(store, chosen.dataset).rows(CONFIRMED)] = False
    found = nearest(load.codes(store, chosen.run), row, np.flatnonzero(healthy), NEAR)
    st.markdown("**The healthy images most like it**")
    if len(found) == 0:
        st.caption("There are no healthy images to compare with.")
        return
    rows = np.concatenate([[row], found])
    names = ["this image", *(f"image {each + 1:,}" for each in found)]
    files = load.rows_frame(store, chosen.dataset, rows, chosen.dataset.identifiers[:1]).to_numpy()
    said = [
        f"{name}\n{said_score(chosen, float(chosen.scores.values[each]))}\n{visible(str(file[0]))}"
        for name, each, file in zip(names, rows, files, strict=True)
    ]
    gallery(
        load.thumbs(store, chosen.dataset, rows),
        said,
        flagged=chosen.scores.values[rows] >= chosen.threshold.value,
        key=f"near_{chosen.run.id}_{row}",
        side=SIDE,
    )
    st.caption("Nearest by their codes, among images below the threshold that nobody confirmed.")
