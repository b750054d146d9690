"""A batch that holds all rows: one step an epoch, and so few steps in all."""

from __future__ import annotations

from core.training.doctor import Check, Evidence, Finding
from core.words import count

ENOUGH = 500  # steps in all, with which it is only a matter of taste
STEPS = 8  # an epoch, with the batch that is advised
SMALLEST = 8


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    training = evidence.spec.training
    batch = evidence.batch_used or training.batch_size
    if batch <= evidence.rows_trained or evidence.rows_trained == 0:
        return None
    few = training.epochs < ENOUGH
    wanted = max(1, min(evidence.rows_trained, max(SMALLEST, evidence.rows_trained // STEPS)))
    return Finding(
        "batch_larger_than_data",
        "doubtful" if few else "hint",
        "A batch is larger than the data",
        f"A batch takes {batch:,} {evidence.item}s and there are only {evidence.rows_trained:,} to train on: each epoch is one "
        f"step, and there {'is' if training.epochs == 1 else 'are'} {count(training.epochs, 'step')} at most.",
        "Train with smaller batches, so that each epoch takes several steps.",
        {"batch_size": wanted},
        "batch_size",
    )


CHECK = Check("batch_larger_than_data", True, look)
