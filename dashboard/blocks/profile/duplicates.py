"""Rows that say the same as another, and columns that do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.profiles import Profile
from core.results import Dataset
from dashboard import load, state, words
from dashboard.charts.markdown import plain
from dashboard.charts.profile.distributions import share

GROUPS = 10
COLUMNS = 40
NAMES = 6


def duplicates(dataset: Dataset, found: Profile) -> None:
    """Sentences, then the rows of the largest groups."""
    record = found.duplicates
    without = f" (not looking at {_listed(record.ignoring)})" if record.ignoring else ""
    if not record.rows:
        st.markdown(f"No row says the same as another{without}.")
    else:
        repeats = "repeats" if record.rows == 1 else "repeat"
        st.markdown(
            f"{words.count(record.rows, 'row')} ({share(record.rows, found.rows)}) {repeats} an earlier one{without}: "
            f"{words.count(record.groups, 'group')} of equal rows."
        )
    for names in record.columns:
        st.markdown(f"The same in every row: {_listed(names, ' = ')}")
    if record.examples:
        _rows(dataset, record.examples[:GROUPS], record.groups)


def _rows(dataset: Dataset, examples: tuple[tuple[int, ...], ...], groups: int) -> None:
    """The rows of some groups, one group below the other."""
    places = np.asarray([row - 1 for group in examples for row in group], np.int64)
    numbers = [i for i, group in enumerate(examples, start=1) for _ in group]
    names = tuple(column.name for column in dataset.columns)[:COLUMNS]
    frame = load.rows_frame(state.store(), dataset, places, names)
    frame.index = pd.MultiIndex.from_arrays([numbers, places + 1], names=["group", "row"])
    st.dataframe(frame)
    if groups > len(examples):
        st.caption(f"The {len(examples)} largest of {groups:,} groups, at most ten rows of each.")


def _listed(names: tuple[str, ...], between: str = ", ") -> str:
    shown = between.join(plain(name, 60) for name in names[:NAMES])
    return f"{shown} and {len(names) - NAMES:,} more" if len(names) > NAMES else shown
