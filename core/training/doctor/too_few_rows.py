"""So few rows that the network could learn each cell by heart."""

from __future__ import annotations

from core.training.doctor import Check, Evidence, Finding, overfitting
from core.training.doctor._smaller import smaller
from core.words import count

MANY, FAR_TOO_MANY = 5.0, 20.0  # parameters for each number to learn from
A_NUMBER = 3  # rows for each number that the code keeps, at least


def look(evidence: Evidence) -> Finding | None:
    """See the module. Where it has come to overfitting, that is said instead."""
    rows, kept, parameters = evidence.rows_trained, evidence.plan.kept, evidence.plan.parameters
    numbers = rows * evidence.inputs
    if numbers == 0 or overfitting.look(evidence) is not None:
        return None
    times = parameters / numbers
    few = rows < A_NUMBER * kept
    if times < MANY and not few:
        return None
    return Finding(
        "too_few_rows",
        "doubtful" if times >= FAR_TOO_MANY or few else "hint",
        f"Few {evidence.item}s for so large a network",
        f"The network has {parameters:,} parameters and its code keeps {count(kept, 'number')}; it learns from "
        f"{count(rows, evidence.item)} with {numbers:,} numbers in all.",
        f"Add {evidence.item}s, or train a smaller network{' with a narrower bottleneck' if kept > 1 else ''}.",
        {
            **smaller(evidence, max(2.0, times)),
            **({"bottleneck": max(1, rows // A_NUMBER)} if few and kept > 1 else {}),
        },
        "overfitting",
    )


CHECK = Check("too_few_rows", True, look)
