"""Groups among the codes: looked for once, at several smallest sizes; the small and the thin ones are proposed for a look."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.latent.groups import Step
from dashboard import load, state, words
from dashboard.blocks.job_progress import still_going
from dashboard.blocks.run_header import Chosen
from dashboard.charts.text import headings, shortened, visible
from dashboard.latent_map import CLASSES, Colour

WHY = {"small": "small: at most 1 % of all", "thin": "thin: much longer than wide, as what one cause made"}


def there(chosen: Chosen) -> bool:
    """Whether groups were looked for in this run."""
    return "clusters" in chosen.run.artifacts


def group_colour(chosen: Chosen) -> Colour:
    """A colour a group, of as many as can be told apart, by the smallest size that was chosen; none is missing."""
    labels, step = _chosen(chosen)
    names = [shortened(name, 40) for name in _names(step)]
    values = labels.astype(np.float32)
    if len(names) > CLASSES:
        names = [*names[: CLASSES - 1], f"{len(names) - CLASSES + 1} smaller groups"]
        values = np.where(values >= CLASSES, CLASSES - 1, values).astype(np.float32)
    return Colour("group", values, tuple(names) or ("nothing",), lacking="in no group")


def map_groups(chosen: Chosen, at: NDArray[np.int64]) -> None:
    """The groups as a table, each a click from being selected; where nothing is known, its job or a button to ask for it."""
    with st.expander("Groups", icon=":material/bubble_chart:", expanded=there(chosen)):
        if not there(chosen):
            _ask(chosen)
            return
        _, found = load.clusters(state.store(), chosen.run)
        sizes = [step.smallest for step in found.steps]
        if len(sizes) > 1:
            st.select_slider(
                "Smallest group",
                sizes,
                value=sizes[_place(chosen)],
                key=f"group_size_{chosen.run.id}",
                help="With larger ones, near groups become one and small ones are none.",
            )
        labels, step = _chosen(chosen)
        _say(chosen, labels, step, found.grouped)
        if step.groups:
            _table(chosen, labels, step, at)


def _say(chosen: Chosen, labels: NDArray[np.int32], step: Step, grouped: int) -> None:
    none, look = int((labels < 0).sum()), sum(bool(group.worth_a_look) for group in step.groups)
    said = f"{words.count(len(step.groups), 'group')}; {none:,} of {len(labels):,} {chosen.dataset.item}s lie in none."
    if look:
        said += f" {look} of them {'is' if look == 1 else 'are'} worth a look."
    if grouped < len(labels):
        said += f" Found among {grouped:,} drawn by lot; the others go with the nearest of these."
    st.markdown(said)


def _table(chosen: Chosen, labels: NDArray[np.int32], step: Step, at: NDArray[np.int64]) -> None:
    scores = chosen.scores.values[at]
    order = sorted(range(len(step.groups)), key=lambda i: (not step.groups[i].worth_a_look, i))
    frame = pd.DataFrame(
        {
            "group": [visible(shortened(step.groups[i].name, 120)) for i in order],
            f"{chosen.dataset.item}s": [step.groups[i].rows for i in order],
            "flagged": [float((scores[labels == i] >= chosen.threshold.value).mean()) * 100 for i in order],
            "worth a look": [WHY.get(step.groups[i].worth_a_look, "") for i in order],
        }
    )
    ticked = st.dataframe(
        frame,
        hide_index=True,
        key=f"groups_{chosen.run.id}_{step.smallest}",
        on_select="rerun",
        selection_mode="multi-row",
        column_config={"flagged": st.column_config.NumberColumn(format="%.1f %%")},
    )["selection"]["rows"]
    if ticked and st.button("Select these groups", type="primary", key=f"take_groups_{chosen.run.id}"):
        mine = np.isin(labels, [order[i] for i in ticked])
        state.select_rows(chosen.dataset.id, chosen.scores.row_keys, np.sort(at[mine]))
        st.rerun()


def _ask(chosen: Chosen) -> None:
    store, run = state.store(), chosen.run
    jobs = store.jobs.find(run_id=run.id, kind="clusters")
    if still_going(jobs[0] if jobs else None, "Groups are being looked for"):
        return
    if st.button("Look for groups", key=f"look_for_groups_{run.id}", help="By HDBSCAN, over the codes."):
        store.jobs.submit("clusters", {"run_id": run.id}, dataset_id=run.dataset_id, run_id=run.id)
        st.rerun()


def _place(chosen: Chosen) -> int:
    """The step that is looked at: as chosen, else the one in the middle."""
    _, found = load.clusters(state.store(), chosen.run)
    sizes = [step.smallest for step in found.steps]
    picked = st.session_state.get(f"group_size_{chosen.run.id}")
    return sizes.index(picked) if picked in sizes else len(sizes) // 2


def _chosen(chosen: Chosen) -> tuple[NDArray[np.int32], Step]:
    labels, found = load.clusters(state.store(), chosen.run)
    place = _place(chosen)
    return labels[place], found.steps[place]


def _names(step: Step) -> list[str]:
    return headings(group.name for group in step.groups)
