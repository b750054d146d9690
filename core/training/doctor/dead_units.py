"""Hidden units that are off for every row: they no longer learn. Only rectified units can be."""

from __future__ import annotations

import numpy as np

from core.training.doctor import Check, Evidence, Finding, learning_rate_too_large
from core.training.doctor._curves import rate, with_rate
from core.training.doctor._smaller import activation

SOME, MANY = 0.15, 0.35  # of the units
FEWEST = 4
FEWEST_STEPS = 100  # before them units may only not have been needed yet


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    active = evidence.active
    steps = max((metric.step for metric in evidence.curve), default=FEWEST_STEPS)
    if active is None or not len(active) or activation(evidence) != "relu" or steps < FEWEST_STEPS:
        return None
    dead = int(np.count_nonzero(active == 0))
    if dead < FEWEST or dead < SOME * len(active):
        return None
    many = dead >= MANY * len(active)
    too_fast = learning_rate_too_large.look(evidence) is not None
    return Finding(
        "dead_units",
        "doubtful" if many else "hint",
        f"{'Many' if many else 'Some'} hidden units are dead",
        f"{dead:,} of {len(active):,} hidden units are 0 for every training {evidence.item} that was looked at: the network is "
        "smaller than it was meant to be.",
        "Lower the learning rate." if too_fast else "Train with leaky rectified units, which cannot die.",
        with_rate(evidence, rate(evidence) / 10) if too_fast else {"activation": "leaky_relu"},
        "activation",
    )


CHECK = Check("dead_units", False, look)
