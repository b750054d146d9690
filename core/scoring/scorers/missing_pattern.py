"""How unusual it is which cells of a row are missing, whatever stands in the others.

The surprisal of each column's being there or not, -log of how often that is so, added up (Shannon 1948): columns are taken as
independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.scoring.scorers import Made
from core.specs import Scorer

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class MissingPattern:
    """filled: (D,), in what share of the rows to compare with each cell is there; neither never nor always."""

    filled: Tensor

    def parts(self, made: Made) -> Tensor:
        surprisals = -(made.observed * self.filled + (1 - made.observed) * (1 - self.filled)).log()  # (B, D)
        cells = made.owners.bincount()[made.owners]  # (D,): cells of one column are missing together
        return surprisals / cells


def fit(made: Made, clean: bool, seed: int) -> MissingPattern:
    """Of the rows to compare with, one row more on each side."""
    rows = len(made.observed)
    return MissingPattern((made.observed.sum(dim=0) + 1) / (rows + 2))


SCORER = Scorer(
    "Unusual gaps",
    "How unusual it is which cells are empty, whatever stands in the others.",
    fit,
    lambda tensors: MissingPattern(**tensors),
)
