"""How unlikely a row is to a variational network: its negative evidence lower bound, at the mean code.

Kingma and Welling (2013), equation 10, with beta 1 and without free bits, whatever it was trained with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.scoring.scorers import Made
from core.specs import Scorer

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class NegativeBound:
    """lowest: (), of the rows to compare with: a bound has no natural zero."""

    lowest: Tensor

    def parts(self, made: Made) -> Tensor:
        return (bound_of(made) - self.lowest).clamp(min=0)[:, None]  # (B, 1)


def bound_of(made: Made) -> Tensor:
    """Of each row, (B,), which only variational networks have."""
    assert made.bound is not None, "this network has no evidence lower bound"  # noqa: S101
    return made.bound


SCORER = Scorer(
    "Negative evidence bound",
    "How unlikely a row is to a variational network: what is missed of it, and how far its code lies from where codes are "
    "expected. The second belongs to no column, so that this score has no parts.",
    lambda made, clean, seed: NegativeBound(bound_of(made).min()),
    lambda tensors: NegativeBound(**tensors),
    splits=False,
    objectives=("variational",),
)
