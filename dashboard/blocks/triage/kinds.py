"""Which flagged ones are of one kind: asked of the inference process once, for the queue's order and for the table of cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.serving import ask
from core.storage.store import Store
from dashboard import state
from dashboard.blocks.run_header import Chosen

MOST = 5_000


@st.cache_resource(show_spinner="Grouping what is flagged", max_entries=16)
def _cases(
    _store: Store, space: str, run_id: str, scorer: str, address: str, threshold: float, rows: bytes
) -> list[dict[str, Any]]:
    asked = np.frombuffer(rows, np.int64).tolist()
    found: list[dict[str, Any]] = ask(_store, "cases", run_id=run_id, rows=asked, scorer=scorer, threshold=threshold)[
        "cases"
    ]
    return found


def cases_of(chosen: Chosen, rows: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Flagged rows, (F,), of a series one of each event, as cases by their strangest row: name, rows, columns; of many the strangest
    5,000. Raises ServingUnavailable, InputRefused."""
    store, run, scorer = state.store(), chosen.run, chosen.threshold.scorer
    strangest = np.sort(rows[np.argsort(-chosen.scores.values[rows], kind="stable")][:MOST])
    address = run.artifacts[run.of_scorer("scores", scorer)]
    return _cases(store, store.space, run.id, scorer, address, float(chosen.threshold.value), strangest.tobytes())


def kinds_of(chosen: Chosen, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The case of each of some flagged rows, (F,): −1 of those beyond the 5,000 strangest. Raises as `cases_of`."""
    kinds = np.full(len(chosen.scores.values), -1, np.int64)
    for number, case in enumerate(cases_of(chosen, rows)):
        kinds[case["rows"]] = number
    return kinds[rows]
