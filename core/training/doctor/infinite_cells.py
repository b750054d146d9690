"""Infinite cells, or such as are as good as that: each counts as a number beyond all others, so that its error is nearly all of the loss."""

from __future__ import annotations

from core.training.doctor import Check, ColumnFacts, Evidence, Finding
from core.words import count

SHOWN = 3  # columns
# What goes by a loss or an error, and would blame the training for what these cells cost.
SILENCED = (
    "diverged",
    "learning_rate_too_large",
    "learning_rate_too_small",
    "overfitting",
    "no_better_than_means",
    "no_better_than_pca",
    "bottleneck_too_narrow",
    "identity_mapping",
)


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    found = sorted(filter(far, evidence.columns), key=far, reverse=True)
    if not found:
        return None
    parts = [in_words(column) for column in found[:SHOWN]]
    kind = "infinite" if any(column.infinite for column in found) else "enormous"
    more = f", and so on with {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
    lost = ", and the loss was lost over them" if evidence.diverged else ""
    return Finding(
        "infinite_cells",
        "wrong" if evidence.diverged else "doubtful",
        f"There are {kind} cells among the numbers",
        f"{', '.join(parts)}{more} among the rows to train and to validate on: they count as numbers beyond all others, so "
        f"that nearly all of the loss is theirs, at any learning rate{lost}.",
        "Let these cells count as missing on the data's page, or leave their rows out, and train again.",
        {},
        "encoding",
    )


def far(column: ColumnFacts) -> int:
    """How many there are in a column."""
    return column.infinite + column.huge


def in_words(column: ColumnFacts) -> str:
    """How many there are, of which sort."""
    said = [count(column.infinite, "infinite cell")] if column.infinite else []
    if column.huge:
        said.append(f"{count(column.huge, 'cell')} beyond 3.4e38, the largest number that a network can hold")
    return f"“{column.name}” has {' and '.join(said)}"


CHECK = Check("infinite_cells", True, look, silences=SILENCED, of_data=True)
