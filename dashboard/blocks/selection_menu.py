"""The selected rows, from any page: kept under a name, taken up again, shown alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.results import Dataset, Flags, Selection
from core.storage.datasets import usable_name
from core.storage.selections import tidy
from dashboard import load, state, words
from dashboard.blocks.confirm_delete import confirm_delete
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.run_header import Chosen
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings, shortened

GONE = "The selection that this link names was deleted, or is of other data."


def selection_menu(dataset: Dataset) -> None:
    """In the sidebar: what is selected of this dataset, and the selections that were kept."""
    keys, kept = state.selection(dataset.id), state.store().selections.of_dataset(dataset)
    named = state.named_selection(dataset.id)
    if named is None and state.param("selection"):
        st.caption(f":material/info: {GONE}")
    if len(keys) == 0 and not kept:
        return
    what = words.count(len(keys), f"selected {dataset.item}") if len(keys) else "Selections"
    with st.popover(
        f"{what}{f': {plain(shortened(named.name, 30))}' if named and len(keys) else ''}", icon=":material/select_all:"
    ):
        if len(keys):
            _now(dataset, named)
        if kept:
            _kept(dataset, kept)


def _now(dataset: Dataset, named: Selection | None) -> None:
    only = st.toggle(
        "Show only these",
        state.only_selected(dataset.id),
        key=f"only_{dataset.id}",
        help="On Anomalies, Errors and Data. The address of the page says so too: send it, and it shows the same.",
    )
    if only != state.only_selected(dataset.id):
        state.set_param("only", "1" if only else None)
        st.rerun()
    if named is None:
        name = st.text_input("Keep them under a name", key=f"keep_as_{dataset.id}", max_chars=200)
        if st.button("Keep", key=f"keep_{dataset.id}", disabled=not name.strip()):
            with failure_in_place():
                made = state.store().selections.new(dataset, name, state.selection(dataset.id))
                state.set_param("selection", made.id)
                st.rerun()
    if st.button("Forget the selection", key=f"forget_{dataset.id}"):
        state.select(dataset.id, np.empty(0, str))
        st.rerun()


def _kept(dataset: Dataset, kept: list[Selection]) -> None:
    said = headings(f"{each.name} ({each.rows:,})" for each in kept)
    st.markdown("**Kept selections**")
    place = st.selectbox("Selection", range(len(kept)), format_func=said.__getitem__, key=f"kept_{len(kept)}")
    chosen, store = kept[place], state.store()
    st.caption(f"{words.date(chosen.created_at)}, by {plain(chosen.author)}")
    take, drop = st.columns(2)
    if take.button("Select these", key=f"take_{chosen.id}"):
        state.select(dataset.id, store.selections.row_keys(chosen), chosen.id)
        st.rerun()
    if drop.button("Delete…", key=f"drop_{chosen.id}", help="Forgets the name. The rows stay."):
        stays = "Its rows stay; links that name it will say that it is gone."
        confirm_delete("selection", chosen.name, lambda: _delete(chosen), stays=stays)
    name = st.text_input("Name", chosen.name, key=f"rename_{chosen.id}", max_chars=200)
    with failure_in_place():
        if name.strip() and usable_name(name) != chosen.name:
            store.selections.rename(chosen.id, name)
            st.rerun()
    tags = st.text_input("Tags, separated by commas", ", ".join(chosen.tags), key=f"tags_{chosen.id}")
    new = tidy(tags.split(","))
    if new != chosen.tags:
        store.selections.tag(chosen.id, new)


def _delete(kept: Selection) -> None:
    state.store().selections.delete(kept.id)
    if state.param("selection") == kept.id:
        state.set_param("selection", None)


def only_these(chosen: Chosen, flags: Flags) -> Flags:
    """The flags, of the selected rows only where that was asked for, and a line that says so."""
    if not state.only_selected(chosen.dataset.id):
        if state.param("only") is not None:
            st.info(f"{GONE} All {chosen.dataset.item}s are shown.", icon=":material/select_all:")
        return flags
    places = state.selected(chosen.dataset.id, chosen.scores.row_keys)
    rows = flags.rows[np.isin(flags.rows, places)]
    item = chosen.dataset.item
    st.info(
        f"Only selected {item}s: {len(rows):,} of {len(flags.rows):,} flagged {item}s are among the "
        f"{words.count(len(places), f'selected {item}')}.",
        icon=":material/select_all:",
    )
    return replace(flags, rows=rows)


def rows_shown(dataset: Dataset) -> np.ndarray | None:
    """The rows that a table of this dataset is narrowed to, (K,); None for all."""
    if not state.only_selected(dataset.id):
        return None
    return state.selected(dataset.id, load.row_keys(state.store(), dataset))
