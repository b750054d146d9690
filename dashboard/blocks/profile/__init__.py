"""The profile of a table on the Data page: counted by a job that is queued by itself, then one view of it at a time."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import HourglassError
from core.profiles import Profile
from core.results import Dataset
from dashboard import load, state, words
from dashboard.blocks.failure import show_error
from dashboard.blocks.profile.distributions import distributions
from dashboard.blocks.profile.duplicates import duplicates
from dashboard.blocks.profile.missing import missing
from dashboard.blocks.profile.to_check import to_check
from dashboard.blocks.profile.together import together
from dashboard.blocks.profile.waiting import count_again, newest_job, waiting

# By the name that a link has: what the control says, and who draws it.
VIEWS: dict[str, tuple[str, Callable[[Dataset, Profile], None]]] = {
    "check": ("To check", to_check),
    "distributions": ("Distributions", distributions),
    "missing": ("Missing", missing),
    "together": ("Together", together),
    "duplicates": ("Duplicates", duplicates),
}


def profile(dataset: Dataset) -> None:
    """The profile where it is counted; else the job that counts it."""
    st.markdown("#### Profile")
    try:
        if not dataset.profile_address:
            job = newest_job(dataset)
            dataset = state.store().datasets.get(dataset.id)  # it may have ended since the page read the dataset
            if not dataset.profile_address:
                waiting(dataset, job)
                return
        found = load.profile(state.store(), dataset)
    except HourglassError as error:  # the table around it can still be looked at
        show_error(error)
        if dataset.profile_address:
            count_again(dataset)
        return
    _shown(dataset, found)


@st.fragment  # a choice in here draws nothing else of the page anew
def _shown(dataset: Dataset, found: Profile) -> None:
    st.markdown(summary(found))
    numbers = {"check": len(found.suspicions), "missing": len(gappy(found)), "duplicates": found.duplicates.rows}
    start = state.param("profile")
    if start not in VIEWS:
        start = "check" if found.suspicions else "distributions"
    picked = st.segmented_control(
        "Profile",
        list(VIEWS),
        default=start,
        required=True,
        format_func=lambda name: VIEWS[name][0] + (f" ({numbers[name]:,})" if numbers.get(name) else ""),
        label_visibility="collapsed",
        key=f"profile_view_{dataset.id}",
    )
    if picked != start:
        state.set_param("profile", picked)
    VIEWS[picked][1](dataset, found)


def gappy(found: Profile) -> list[str]:
    """The columns with something missing."""
    return [column.name for column in found.columns if column.missing]


def summary(found: Profile) -> str:
    """One sentence: what there is to look at, or that there is nothing."""
    gaps = len(gappy(found))
    parts = []
    if found.suspicions:
        parts.append(f"**{words.count(len(found.suspicions), 'thing')} to check**")
    if gaps:
        parts.append(f"{words.count(gaps, 'column')} {'has' if gaps == 1 else 'have'} gaps")
    if found.duplicates.rows:
        says = "says" if found.duplicates.rows == 1 else "say"
        parts.append(f"{words.count(found.duplicates.rows, 'row')} {says} the same as another")
    if found.duplicates.columns:
        parts.append(f"{words.count(len(found.duplicates.columns), 'set')} of equal columns")
    return " · ".join(parts) or "Nothing stands out: no cell is missing, no row is there twice, no value looks wrong."
