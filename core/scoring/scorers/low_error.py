"""Rows that are rebuilt suspiciously well: all answers alike in a questionnaire, values that were copied or made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.scoring.scorers import Made
from core.specs import Scorer

if TYPE_CHECKING:
    from torch import Tensor

LEAST = 0.001  # of the usual error, below which none is more suspicious than another


@dataclass(frozen=True)
class LowError:
    """usual: (), the median of the squared errors of the rows to compare with."""

    usual: Tensor

    def parts(self, made: Made) -> Tensor:
        errors = made.residuals.square().sum(dim=1, keepdim=True) / made.observed.sum(dim=1, keepdim=True).clamp(min=1)
        return self.usual / (errors + LEAST * self.usual)  # (B, 1)


def fit(made: Made, clean: bool, seed: int) -> LowError:
    """Of the rows to compare with."""
    errors = made.residuals.square().sum(dim=1) / made.observed.sum(dim=1).clamp(min=1)
    return LowError(errors.median().clamp(min=1e-12))


SCORER = Scorer(
    "Suspiciously low error",
    "How many times better than usual a row is rebuilt: for answers that are all alike, or values made up by a rule. It is the "
    "row as a whole that is, so that this score has no parts by column.",
    fit,
    lambda tensors: LowError(**tensors),
    splits=False,
)
