"""The autoencoders as cards: what each is, when it helps, where it is from; one of them is chosen."""

from __future__ import annotations

import streamlit as st

from core.specs import OBJECTIVES, ObjectiveSpec

A_ROW = 4  # cards
FIRST = "vanilla"  # the one to begin with stands first


def family_cards(start: str, key: str) -> str:
    """Draw them; the name of the chosen one."""
    slot = f"{key}_objective"
    if st.session_state.get(slot) not in OBJECTIVES.names:
        st.session_state[slot] = start
    chosen: str = st.session_state[slot]
    names = sorted(OBJECTIVES, key=lambda name: (name != FIRST, name))
    for first in range(0, len(names), A_ROW):
        for name, place in zip(names[first : first + A_ROW], st.columns(A_ROW), strict=False):
            with place.container(border=True, height="stretch"):
                _card(OBJECTIVES.get(name), name == chosen, slot)
    return chosen


def _card(card: ObjectiveSpec, chosen: bool, slot: str) -> None:
    st.markdown(f"**{card.title.removesuffix(' autoencoder')}**")
    st.caption(f"{card.summary}\n\n*Helps with:* {card.helps}", help=f"Source: {card.paper}.")

    def choose() -> None:
        st.session_state[slot] = card.name

    st.button(
        "Chosen" if chosen else "Choose",
        key=f"{slot}_{card.name}",
        on_click=choose,
        icon=":material/check:" if chosen else None,
        type="primary" if chosen else "secondary",
        width="stretch",
    )
