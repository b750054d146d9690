"""How unusual it is which cells of a row are missing, as a distance beside another: 1 where it is hardly so.

What tells rows apart is the surprisal of each column's being there or not (Shannon 1948), added up. How rarely that sum comes
out as high, if columns were missing independently of each other, is bounded by Chernoff (1952); its logarithm is half the square
of a distance in standard deviations. Where another column tells whether a cell is missing, columns are not independent, and a
mark of it is among the cells that rows are compared by already (core.datasets.encoding.gaps): such columns are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.scoring.scorers import Made

AT_ONE = 2.0  # standard deviations that are as strange as a usual row is by its values
RARELY = 0.02  # of the rows, at least, may any cell be missing in: where none ever was, one alone is no great matter
TILTS = torch.linspace(0, 4, 81, dtype=torch.float64)  # (T,), of which the best bound is taken


@dataclass(frozen=True)
class Gaps:
    """there, missing: (D,), what a cell that is there, or is not, adds to a row's surprisal; growth: (T,), the cumulant generating
    function of their sum at each tilt."""

    there: Tensor
    missing: Tensor
    growth: Tensor

    @classmethod
    def fit(cls, made: Made) -> Gaps | None:
        """Of the rows to compare with; None where all that is ever missing is told by another column."""
        cells = made.owners.bincount()[made.owners]  # (D,): cells of one column are missing together
        untold = ~told(made)
        if not bool(untold.any()):
            return None
        share = ((1 - made.observed).sum(dim=0) + 1) / (len(made.observed) + 2)  # (D,): of rows where it is missing
        share = share.clamp(min=RARELY)
        weight = untold.double() / cells
        there, missing = -(1 - share).log(), -share.log()
        tilted = torch.stack([(1 - share) * (t * there).exp() + share * (t * missing).exp() for t in TILTS])  # (T, D)
        return cls(there * weight, missing * weight, tilted.log() @ weight)

    def parts(self, made: Made) -> Tensor:
        """Each cell's part of each row's distance, (B, D)."""
        surprisals = made.observed * self.there + (1 - made.observed) * self.missing  # (B, D)
        sums = surprisals.sum(dim=1, keepdim=True)
        rarely = (sums * TILTS - self.growth).amax(dim=1, keepdim=True)  # (B, 1): -log of the bound, 0 for no tilt
        return surprisals * (2 * rarely / AT_ONE**2 / sums)


def told(made: Made) -> Tensor:
    """Of which cells' columns another column tells whether they are missing, (D,): a cell that is always there, beside one that is not,
    is the mark, and only such marks are compared."""
    always = made.observed.all(dim=0)  # (D,)
    marked = torch.zeros(len(always), dtype=torch.long).index_add_(0, made.owners, always.long())[made.owners]
    return (marked > 0) & (marked < made.owners.bincount()[made.owners])
