"""The bottleneck leaves out what a few more numbers would hold."""

from __future__ import annotations

from typing import Any

from core.training.doctor import Check, Evidence, Finding
from core.training.doctor._errors import dimension, learned_nothing, left, left_by_network, percent
from core.words import count

MUCH = 0.25  # of the means' error, left by the network
ENOUGH = 0.1  # left by a PCA that is wide enough
TIMES = 2  # so many times as wide, at least
NARROW = 0.5  # of the inputs: beyond it nothing is squeezed


def look(evidence: Evidence) -> Finding | None:
    """See the module. Where even half of the numbers do not hold the rows, no width is right, and nothing is said;
    nor where nothing was learned, at which no width is to blame."""
    share, needed = left_by_network(evidence), dimension(evidence, ENOUGH)
    kept = evidence.plan.kept
    if share is None or needed is None or evidence.spec.objective == "masked" or learned_nothing(evidence):
        return None
    if share < MUCH or not TIMES * kept <= needed <= NARROW * evidence.inputs:
        return None
    steps = left(evidence)
    here = min(steps, key=lambda step: abs(step[0] - kept))
    there = next(step for step in steps if step[0] >= needed)
    return Finding(
        "bottleneck_too_narrow",
        "hint",
        "The bottleneck is narrow",
        f"The code keeps {count(kept, 'number')} and the network leaves {percent(share)} of the error of the columns' means; a PCA "
        f"leaves {percent(here[1])} with {here[0]:,} and {percent(there[1])} with {there[0]:,}: the error still falls "
        "with the width.",
        "Widen the bottleneck, unless it is narrow for the sake of a map.",
        wider(evidence, needed),
        "bottleneck",
    )


def wider(evidence: Evidence, needed: int) -> dict[str, Any]:
    """Settings under which the code keeps so many numbers."""
    share = evidence.spec.objective_settings.get("active") if evidence.spec.objective == "sparse" else None
    width = needed if share is None else round(needed / share)
    return {"bottleneck": max(1, min(1_024, width))}


CHECK = Check("bottleneck_too_narrow", False, look)
