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
    if now.left is not None and now.next is not None:
        following = min(NEXT, now.rows - now.reviewed)
        parts.append(
            f"among those not decided **{_count(now.left)}** anomalies, by what was decided at scores like theirs"
        )
        if following == NEXT:
            parts.append(f"in the next {NEXT} **{_count(now.next)}**")
    elif now.reviewed:
        parts.append(f"what is left can be estimated from {FEWEST} decisions on")
    st.caption(" · ".join(parts))


def _share(estimate: Estimate) -> str:
    return f"{estimate.value:.0%} ({estimate.low:.0%} to {estimate.high:.0%})"


def _count(estimate: Estimate) -> str:
    return f"{estimate.low:.0f} to {estimate.high:.0f}"
