"""What is usual among rows that lack the same cells, where another column tells which are missing: a module of questions that not
everybody was asked (skip patterns; planned missing data: Graham, Taylor, Olchowski, Cumsille 2006).

Who answered it has more cells to differ in, and would be strange for that alone. So a row's distance is divided by the middle one
of the rows whose skipped columns are most like its own. Of a pattern that few rows have most of these are others, so that it stays as
strange as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.scoring.gaps import told
from core.scoring.scorers import Made

SHARE = 0.2  # of the rows to compare with: as many have the nearest patterns
LEAST = 0.2  # of what is usual among all rows: rows that are all alike would make the next one endlessly strange


@dataclass(frozen=True)
class Skipped:
    """which: (T,), a cell of each column that is skipped; patterns: (R, T), whether they are there in rows to compare with, whose
    distances, in units of what is usual, are (R,)."""

    which: Tensor
    patterns: Tensor
    distances: Tensor

    @classmethod
    def fit(cls, made: Made, distances: Tensor) -> Skipped | None:
        """Of rows (R,) with such distances; None where no column is skipped."""
        missing = told(made) & ~made.observed.all(dim=0)  # (D,)
        owners = made.owners[missing]
        if len(owners) == 0:
            return None
        first = torch.cat([torch.ones(1, dtype=torch.bool), owners[1:] != owners[:-1]])
        which = missing.nonzero()[:, 0][first]
        return cls(which, made.observed[:, which].float(), distances)

    def usual(self, made: Made) -> Tensor:
        """The middle distance among the rows with the nearest patterns, those that are as near among them, (B, 1)."""
        apart = torch.cdist(made.observed[:, self.which].float(), self.patterns, p=1)  # (B, R)
        count = max(1, round(SHARE * len(self.distances)))
        among = apart <= apart.kthvalue(count, dim=1, keepdim=True).values
        distances = torch.where(among, self.distances, torch.nan)  # (B, R)
        return distances.nanmedian(dim=1, keepdim=True).values.clamp(min=LEAST)
