"""The loss became infinite or not a number."""

from __future__ import annotations

from core.training.doctor import Check, Evidence, Finding
from core.training.doctor._curves import rate, with_rate


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    if not evidence.diverged:
        return None
    used = rate(evidence)
    return Finding(
        "diverged",
        "wrong",
        "The training diverged",
        f"The loss became infinite or not a number, at a learning rate of {used:.2g}; the best weights before that were kept.",
        "Train again with a tenth of the learning rate.",
        with_rate(evidence, used / 10),
        "learning_rate",
    )


CHECK = Check("diverged", True, look)
