"""Several scores as one: each as its logarithm, less its median and in units of its interquartile range, then their mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.scoring.scorers import Fitted, Made, under
from core.specs import SCORERS, Scorer

if TYPE_CHECKING:
    from torch import Tensor

OF = ("squared_error", "residual_distance", "joint_neighbours")
LEAST = 1e-12
NARROWEST = 0.1  # spread of logarithms: where nearly all rows are alike, the others must not grow beyond all numbers


@dataclass(frozen=True)
class Combined:
    """The scores that are combined; middle, spread: (3,), of the logarithm of each among the rows to compare with."""

    squared_error: Fitted
    residual_distance: Fitted
    joint_neighbours: Fitted
    middle: Tensor
    spread: Tensor

    def parts(self, made: Made) -> Tensor:
        logarithms = logarithms_of((self.squared_error, self.residual_distance, self.joint_neighbours), made)  # (B, 3)
        return ((logarithms - self.middle) / self.spread).mean(dim=1, keepdim=True).exp()  # (B, 1)


def logarithms_of(scorers: tuple[Fitted, ...], made: Made) -> Tensor:
    """Of each score of each row, (B, 3)."""
    import torch

    return torch.stack([(scorer.parts(made).sum(dim=1) + LEAST).log() for scorer in scorers], dim=1)


def fit(made: Made, clean: bool, seed: int) -> Combined:
    """Each on the rows to compare with, then beside each other."""
    first, second, third = scorers = tuple(SCORERS.get(name).fit(made, clean, seed) for name in OF)
    logarithms = logarithms_of(scorers, made)
    return Combined(first, second, third, *usual_of(logarithms))


def usual_of(logarithms: Tensor) -> tuple[Tensor, Tensor]:
    """Middle and spread of scores' logarithms (N, S), (S,) each."""
    low, middle, high = (logarithms.quantile(share, dim=0) for share in (0.25, 0.5, 0.75))
    return middle, (high - low).clamp(min=NARROWEST)


def load(tensors: dict[str, Tensor]) -> Combined:
    """From the tensors of each, under its name."""
    parts = {name: SCORERS.get(name).load(under(f"{name}.", tensors)) for name in OF}
    return Combined(**parts, middle=tensors["middle"], spread=tensors["spread"])


SCORER = Scorer(
    "Combined",
    "Squared error, residual distance and joint neighbours as one: the mean of their logarithms, each in its own units. A "
    "mean of logarithms has no parts by column.",
    fit,
    load,
    splits=False,
)
