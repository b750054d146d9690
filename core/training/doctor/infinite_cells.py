"""Infinite cells: each counts as a number beyond all others, so that its error is nearly all of the loss."""

from __future__ import annotations

from core.training.doctor import Check, Evidence, Finding
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
    found = sorted((column for column in evidence.columns if column.infinite), key=lambda column: -column.infinite)
    if not found:
        return None
    parts = [f"“{column.name}” has {count(column.infinite, 'infinite cell')}" for column in found[:SHOWN]]
    more = f", and so on with {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
    lost = ", and the loss was lost over them" if evidence.diverged else ""
    return Finding(
        "infinite_cells",
        "wrong" if evidence.diverged else "doubtful",
        "There are infinite cells among the numbers",
        f"{', '.join(parts)}{more} among the rows trained on: they count as numbers beyond all others, so that nearly all of the loss is theirs, at any "
        f"learning rate{lost}.",
        "Let these cells count as missing on the data's page, or leave their rows out, and train again.",
        {},
        "encoding",
    )


CHECK = Check("infinite_cells", True, look, silences=SILENCED)
