"""The reconstruction error: squared differences, every column as it comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.scoring.scorers import Made
from core.specs import Scorer

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class SquaredError:
    """Needs to know nothing."""

    def parts(self, made: Made) -> Tensor:
        return made.residuals.square() / made.residuals.shape[1]


SCORER = Scorer(
    "Squared error",
    "How far the row lies from what was rebuilt of it, over all columns.",
    lambda made, clean, seed: SquaredError(),
    lambda tensors: SquaredError(),
)
