"""Whether a press still means what it meant: another tab may have chosen another score, or saved a threshold, since the page was drawn."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.specs import score_card
from dashboard.blocks.run_header import Chosen

PRESSED = "pressed_beside"


def meant(chosen: Chosen, *, threshold: bool = False) -> dict[str, Any]:
    """What a button is given whose press holds for the score that is shown. threshold: and only beside the saved threshold."""
    beside = (chosen.run.id, chosen.scorer, chosen.threshold.id if threshold else None)
    return {"on_click": _remember, "args": (beside,)}


def _remember(beside: tuple[str, str, str | None]) -> None:
    st.session_state[PRESSED] = beside


def still_meant(chosen: Chosen) -> bool:
    """Whether the last press, if there was one, was made beside what is shown now; where it was not, that is said."""
    run_id, scorer, threshold = st.session_state.pop(PRESSED, (None, "", None))
    if run_id != chosen.run.id:
        return True
    images = chosen.dataset.pictures is not None
    if scorer != chosen.scorer:
        now, then = (score_card(name, images)[0].lower() for name in (chosen.scorer, scorer))
        what = f"Another score was chosen meanwhile: all is by **{now}** now, no longer by {then}."
    elif threshold not in (None, chosen.threshold.id):
        what = "Another threshold was saved meanwhile."
    else:
        return True
    st.warning(
        f"{what} What you pressed was not done; look again, and press once more.", icon=":material/sync_problem:"
    )
    return False
