"""Why the selected rows lie where they lie: the columns in which they differ most from the rest, or from another selection."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.drift import beside
from core.latent.differences import FEWEST, Difference, in_words, strongest
from dashboard import load, state, words
from dashboard.blocks.run_header import Chosen
from dashboard.charts.differences import column_beside, effects, effects_table
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings, shortened
from dashboard.charts.theme import PLOTLY_CONFIG

MOST, CHARTS, TOLD = 12, 3, 3
REST = "all other"


def why_here(chosen: Chosen, rows: NDArray[np.int64], all_rows: NDArray[np.int64]) -> None:
    """For selected rows, (K,), of those on the map, (P,)."""
    if len(rows) == 0:
        return
    item = chosen.dataset.item
    st.markdown("#### Why here")
    others, words_of_others = _others(chosen, rows, all_rows)
    if len(others) == 0:
        st.caption(f"There are no other {item}s to compare with.")
        return
    found = load.why(state.store(), chosen.dataset, rows, others)
    if not found:
        st.caption("No column has different values in them.")
        return
    these = f"these {len(rows):,} {item}s" if len(rows) > 1 else f"this {item}"
    times = {column.name for column in chosen.dataset.columns if column.kind == "datetime"}
    st.markdown(_sentence(found, len(rows), these, words_of_others, times))
    shown = found[:MOST]
    st.plotly_chart(effects(shown, these, words_of_others), config=PLOTLY_CONFIG, key=f"why_{chosen.run.id}")
    names = list(dict.fromkeys(each.column for each in strongest(found) or found))[:CHARTS]
    _columns(chosen, names, rows, others, (these, words_of_others))
    with st.expander("The same as a table"):
        st.dataframe(effects_table(found[:200]), hide_index=True)


def _others(chosen: Chosen, rows: NDArray[np.int64], all_rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], str]:
    """The rows to compare with, without those that are compared, and what they are called."""
    own = state.param("selection")  # these very rows
    kept = {each.id: each for each in state.store().selections.of_dataset(chosen.dataset) if each.id != own}
    rest = f"{REST} {chosen.dataset.item}s"
    if not kept:
        return np.setdiff1d(all_rows, rows), rest
    said = dict(zip(["", *kept], headings([rest, *(each.name for each in kept.values())]), strict=True))
    picked = st.selectbox(
        "Beside", list(said), format_func=lambda id_: said.get(id_, id_), key=f"why_beside_{chosen.run.id}"
    )
    if not picked:
        return np.setdiff1d(all_rows, rows), rest
    among = np.flatnonzero(load.rows_of_selection(state.store(), chosen.dataset, picked))
    if both := len(np.intersect1d(among, rows)):
        said = "is in both and counts" if both == 1 else "are in both and count"
        st.caption(f"{words.count(both, chosen.dataset.item)} {said} here only, not there.")
    return np.setdiff1d(among, rows), f"“{shortened(kept[picked].name, 40)}”"


def _sentence(found: list[Difference], count: int, these: str, others: str, times: set[str]) -> str:
    if count < FEWEST:
        said = ", ".join(in_words(each, times) for each in sorted(found, key=lambda each: -abs(each.effect))[:TOLD])
        return plain(f"Too few to tell from chance; beside {others} {these}: {said}.", 900)
    told = strongest(found)[:TOLD]
    if not told:
        return plain(f"In no column do {these} differ from {others} by more than chance would.", 900)
    return plain(f"Beside {others} {these} have " + ", ".join(in_words(each, times) for each in told) + ".", 900)


def _columns(
    chosen: Chosen,
    columns: list[str],
    rows: NDArray[np.int64],
    others: NDArray[np.int64],
    names: tuple[str, str],
) -> None:
    ours, theirs = (load.comparable(state.store(), chosen.dataset, each).values for each in (rows, others))
    kinds = {column.name: column.kind for column in chosen.dataset.columns}
    for number, (place, column) in enumerate(zip(st.columns(CHARTS), columns, strict=False)):
        found = beside(column, kinds[column], ours[column], theirs[column])
        if found is None:
            continue
        made = column_beside(found, names)
        place.plotly_chart(made, config=PLOTLY_CONFIG, key=f"why_{chosen.run.id}_{number}")
