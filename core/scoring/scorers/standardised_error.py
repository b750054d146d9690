"""The squared error in units of what each cell is usually missed by: a column that is hard to rebuild counts no more than one
that is easy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.scoring.scorers import Made
from core.specs import Scorer

if TYPE_CHECKING:
    from torch import Tensor

SHRUNK = 0.1  # of the mean over all cells, added to each one's: what is rebuilt exactly must not decide alone
LEAST = 1e-12


@dataclass(frozen=True)
class StandardisedError:
    """usual: (D,), each cell's mean squared error among the rows to compare with."""

    usual: Tensor

    def parts(self, made: Made) -> Tensor:
        return made.residuals.square() / self.usual / len(self.usual)


def fit(made: Made, clean: bool, seed: int) -> StandardisedError:
    """Of the rows to compare with."""
    usual = made.residuals.square().mean(dim=0)
    return StandardisedError(usual + SHRUNK * usual.mean() + LEAST)


SCORER = Scorer(
    "Standardised error",
    "The squared error, each column measured by what is usually missed of it.",
    fit,
    lambda tensors: StandardisedError(**tensors),
)
