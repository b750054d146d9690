"""How unusual what was missed is, together: columns that are always missed by much count less, and those that are missed
together count once.

Mahalanobis (1936) distance of the residuals, the covariance drawn towards a multiple of the identity as in Ledoit and Wolf
(2004) but by a fixed share, so that few rows or columns that are rebuilt exactly do not decide. Where the rows may hold
anomalies it is fitted again on the nearest of them, in the manner of Rousseeuw and Van Driessen (1999).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.scoring.scorers import Made
from core.specs import Scorer

if TYPE_CHECKING:
    from torch import Tensor

SHRUNK, SHRUNK_WITHIN = 1.0, 0.1  # of the mean variance, added to each direction's: in the end, and between the fits
REFITS, NEAREST = 3, 0.75  # and the share of the rows that each of them is fitted on
WIDEST = 300  # columns, beyond which all are taken alike: covariances of more cost more than they tell
LEAST = 1e-12


@dataclass(frozen=True)
class ResidualDistance:
    """centre: (D,); precision: (D, D), or () where all columns count alike."""

    centre: Tensor
    precision: Tensor

    def parts(self, made: Made) -> Tensor:
        away = made.residuals - self.centre
        return away * (away * self.precision if self.precision.ndim == 0 else away @ self.precision)


def fit(made: Made, clean: bool, seed: int) -> ResidualDistance:
    """Of the rows to compare with."""
    rows, width = made.residuals.shape
    kept = made.residuals
    for _ in range(0 if clean or width > WIDEST else REFITS):
        distances = _fitted(kept, SHRUNK_WITHIN).parts(made).sum(dim=1)
        kept = made.residuals[distances.argsort(stable=True)[: math.ceil(NEAREST * rows)]]
    return _fitted(kept, SHRUNK)


def _fitted(residuals: Tensor, shrunk: float) -> ResidualDistance:
    import torch

    centre = residuals.mean(dim=0)
    away = residuals - centre
    width = away.shape[1]
    if width > WIDEST:
        return ResidualDistance(torch.zeros_like(centre), 1 / (away.square().mean() + LEAST))
    covariance = away.T @ away / len(away)
    added = shrunk * covariance.diagonal().mean() + LEAST
    variances, axes = torch.linalg.eigh(covariance)
    return ResidualDistance(centre, (axes / (variances.clamp(min=0) + added)) @ axes.T)


SCORER = Scorer(
    "Residual distance",
    "How unusual the differences between a row and what was rebuilt of it are, taken together.",
    fit,
    lambda tensors: ResidualDistance(**tensors),
)
