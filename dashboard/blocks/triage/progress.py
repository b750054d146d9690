"""How far the review is, what came of it, and what is still to be expected."""

from __future__ import annotations

import streamlit as st

from core.results import Estimate
from core.triage.progress import FEWEST, NEXT, Progress
from dashboard import words


def progress_line(now: Progress, item: str) -> None:
    """Counts and expectations of the queue."""
    if now.rows == 0:
        return
    st.progress(now.reviewed / now.rows, f"{now.reviewed:,} of {words.count(now.rows, item)} reviewed")
    parts = [f"**{now.confirmed:,}** confirmed", f"**{now.dismissed:,}** dismissed", f"**{now.unsure:,}** unsure"]
    if now.precision is not None:
        parts.append(f"precision so far **{_share(now.precision)}**")
    if now.left is not None and now.left_guess is not None and now.next_guess is not None:
        following = min(NEXT, now.rows - now.reviewed)
        parts.append(
            f"among those not decided about **{_count(now.left_guess)}** anomalies, by how the share of confirmed goes with the score"
        )
        if following == NEXT:
            parts.append(f"in the next {NEXT} about **{_count(now.next_guess)}**")
        if now.below:
            parts.append(
                f"{words.count(now.below, item)} below all scores that were decided: what is said of them is extrapolated, and "
                f"{now.left.low:.0f} to {now.left.high:.0f} anomalies in all can't be ruled out"
            )
    elif now.reviewed:
        parts.append(f"what is left can be estimated from {FEWEST} confirmed or dismissed on")
    st.caption(" · ".join(parts))


def _share(estimate: Estimate) -> str:
    return f"{estimate.value:.0%} ({estimate.low:.0%} to {estimate.high:.0%})"


def _count(estimate: Estimate) -> str:
    return f"{estimate.value:.0f} ({estimate.low:.0f} to {estimate.high:.0f})"
