"""Columns that are skipped together: of a module of questions, a row is compared by whether it was asked the module, not by each cell.

A row skipped a module where most of its columns are missing. That one cell of a module is empty that was answered says as
little of the row as any gap does, and so it is counted among the gaps (core.scoring.gaps); compared with the marks of the rows
around it, it alone would make the row strange.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from core.scoring.gaps import told
from core.scoring.scorers import Made

TOGETHER = 0.5  # share of a mark's variance that another one of its module explains
LEAST = 1e-9  # by how much cells differ that are not all alike


@dataclass(frozen=True)
class Modules:
    """marks: (T,), the cells that mark what is missing; module: (T,), which of the modules each belongs to."""

    marks: Tensor
    module: Tensor

    @classmethod
    def fit(cls, made: Made) -> Modules | None:
        """Of the rows to compare with; None where no column is skipped."""
        values = made.rebuilt + made.residuals
        owners, there = made.owners, made.observed > 0
        ranges = values.where(there, -torch.inf).amax(dim=0) - values.where(there, torch.inf).amin(dim=0)  # (D,)
        compared, always = told(made), there.all(dim=0)
        says = (ranges > LEAST) & ~always  # beside its mark a column says something, or the mark is all that it says
        says = torch.zeros(len(owners), dtype=torch.long).index_add_(0, owners, says.long())[owners] > 0
        marks = (compared & always & says).nonzero()[:, 0]
        if len(marks) == 0:
            return None
        if len(marks) == 1:
            return cls(marks, torch.zeros_like(marks))
        by_chance = 2 * torch.tensor(float(len(marks))).log() / len(values)
        alike = torch.corrcoef(values[:, marks].T).nan_to_num(0.0)  # a mark that does not vary is like none
        together = (alike > 0) & (alike**2 >= TOGETHER + (1 - TOGETHER) * by_chance)
        return cls(marks, torch.from_numpy(connected_components(together.numpy(), directed=False)[1]).long())

    def compared(self, made: Made) -> Made:
        """The same rows with every mark that of its module."""
        rebuilt, residuals = made.rebuilt.clone(), made.residuals.clone()
        shares = self._shares(rebuilt[:, self.marks])  # (B, G)
        missing = self._skipped(rebuilt[:, self.marks] + residuals[:, self.marks])  # (B, G)
        rebuilt[:, self.marks] = shares[:, self.module]
        residuals[:, self.marks] = (missing - shares)[:, self.module]
        return replace(made, rebuilt=rebuilt, residuals=residuals)

    def unlike(self, made: Made) -> Made:
        """The same rows where of a module's columns not those are missing that are, but those that are not as their module."""
        gone = (made.rebuilt + made.residuals)[:, self.marks].round()  # (B, T)
        alike = (gone == self._skipped(gone)[:, self.module]).double()
        at = torch.full((int(made.owners.max()) + 1,), -1)
        at[made.owners[self.marks]] = torch.arange(len(self.marks))
        at = at[made.owners]  # (D,), the mark of each cell's column
        observed = made.observed.clone()
        observed[:, at >= 0] = alike[:, at[at >= 0]]
        return replace(made, observed=observed)

    def _shares(self, marks: Tensor) -> Tensor:
        """The mean of each module's marks, (B, T) to (B, G)."""
        sizes = self.module.bincount()
        return marks.new_zeros(len(marks), len(sizes)).index_add_(1, self.module, marks) / sizes

    def _skipped(self, marks: Tensor) -> Tensor:
        """1 where more than half of a module is missing, (B, T) to (B, G)."""
        return (self._shares(marks) > 0.5 + LEAST).double()
