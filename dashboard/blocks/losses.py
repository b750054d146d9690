"""What a run will compare its columns by, and why, in words beside the form."""

from __future__ import annotations

from collections.abc import Sequence

from core.results import Column
from core.specs import RunSpec, Sort
from dashboard import words

NUMBERS = {
    "squared": "squared error (MSE): the usual choice, in which large errors count most",
    "absolute": "absolute error (MAE): in proportion, so that outliers teach less",
    "huber": "the Huber loss: squared for small errors, in proportion for large ones",
    "likelihood": "a likelihood with a learned scale: errors in units of what each column usually misses by",
    "cross-entropy": "cross-entropy: each pixel as a share from black to white",
}
CHOICES = ("category", "coded", "text")


def losses_in_words(spec: RunSpec, columns: Sequence[Column], sort: Sort) -> str:
    """One sentence a kind of column."""
    numbers = NUMBERS[spec.number_loss_used]
    why = "" if spec.number_loss == "auto" else " (your choice)"
    if sort == "images":
        return f"Pixels are compared by {numbers}{why}."
    kinds = [column.kind for column in columns]
    said = []
    if count := sum(kind in ("number", "datetime", "ordered") for kind in kinds):
        said.append(f"{words.count(count, 'column')} of numbers, dates or steps by {numbers}{why}")
    if count := sum(kind in ("boolean", "multiple") for kind in kinds):
        said.append(f"{words.count(count, 'column')} of yes and no by binary cross-entropy")
    if count := sum(kind in CHOICES for kind in kinds):
        said.append(f"{words.count(count, 'column')} of names by cross-entropy over the names")
    missing = " Missing cells don't count." if any(column.missing for column in columns) else ""
    return f"Compared are {'; '.join(said)}.{missing}" if said else ""
