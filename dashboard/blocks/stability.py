"""Whether the flags would come again: found out by further trainings after the run, said beside the flagged rows."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.jobs.launch import ensure_supervisor
from core.results import Flags
from core.scoring.stability import TIMES, Stability, stability
from dashboard import load, state
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.job_progress import still_going
from dashboard.blocks.run_header import Chosen
from dashboard.charts.markdown import plain

MOSTLY = 0.8  # share of the flags that come again, from which all is well


def stability_of(chosen: Chosen, rows: NDArray[np.int64]) -> Stability | None:
    """Of all flagged rows, by the score that is looked at; None where it is not known, or there are none."""
    if len(rows) == 0:
        return None
    refits = load.refits(state.store(), chosen.run, chosen.threshold.scorer)
    return None if refits is None else stability(refits, rows)


def stable_flags(chosen: Chosen, flags: Flags, found: Stability | None) -> None:
    """The sentence on what was found; where nothing is known, its job, or a button to ask for it."""
    if len(flags.rows) == 0 or "scored_with" in chosen.run.summary:  # which learned nothing that could be learned again
        return
    run, scorer = chosen.run, chosen.threshold.scorer
    if found is not None:
        stable = not found.unstable.any() and found.overlap >= MOSTLY
        icon = ":material/check_circle:" if stable else ":material/help:"
        st.markdown(f"{icon} {plain(found.in_words(f'{chosen.dataset.item}s'), 600)}")
        return
    asked = run.of_scorer("refits", scorer)
    every = state.store().jobs.find(run_id=run.id, kind="stability")
    jobs = [job for job in every if run.of_scorer("refits", job.args.get("scorer", "")) == asked]
    if still_going(jobs[0] if jobs else None, "Whether the flags would come again"):
        return
    if st.button(
        "Would these flags come again?", key="stability", help=f"Trains {TIMES} more times, with other seeds."
    ):
        with failure_in_place():
            store = state.store()
            args = {"run_id": run.id, "scorer": scorer}
            store.jobs.submit("stability", args, dataset_id=chosen.dataset.id, run_id=run.id)
            ensure_supervisor(store.settings)
        st.rerun()
