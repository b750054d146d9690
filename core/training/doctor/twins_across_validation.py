"""Validation rows that are training rows as well: what they say of new rows is too good."""

from __future__ import annotations

from core.training.doctor import Check, Evidence, Finding
from core.words import so_many

SOME, MANY = 0.05, 0.2  # of the validation rows
FEWEST = 3


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    twins, among = evidence.twins, evidence.twins_among
    if twins is None or among == 0 or twins < FEWEST or twins < SOME * among:
        return None
    return Finding(
        "twins_across_validation",
        "doubtful" if twins >= MANY * among else "hint",
        f"Equal {evidence.item}s on both sides of the validation",
        f"{so_many(twins, f'validation {evidence.item}', 'is', 'are')} also among the training {evidence.item}s, cell by cell, "
        f"of {among:,} that were looked at: the validation loss is lower than it would be on new ones.",
        "Leave repeated rows out, or give the column that says what belongs together the role group and validate by group.",
        {},
        "validation",
    )


CHECK = Check("twins_across_validation", False, look, of_data=True)
