"""The loss became infinite, or jumps so much that it learns nothing."""

from __future__ import annotations

from core.training.doctor import Check, Evidence, Finding


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    if not evidence.diverged:
        return None
    rate = evidence.spec.training.learning_rate
    return Finding(
        "diverged",
        "wrong",
        "The training diverged",
        f"The loss became infinite or not a number, at a learning rate of {rate:g}; the best weights before that were kept.",
        "Train again with a tenth of the learning rate, or let it be found.",
        {"learning_rate": rate / 10},
        "learning rate",
    )


CHECK = Check("diverged", True, look)
