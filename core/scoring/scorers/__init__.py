"""What makes a row strange, told from the row and what a network makes of it: one file a way, nothing trained again.

A scorer is fitted on rows to compare with, and gives every row a distance and, where its mathematics allows, each cell's part
of it. Its card stands in `core.specs.SCORERS`; torch is imported where it is needed, so that the cards stay light.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Made:
    """Rows as a network rebuilt them, and by how much it missed, (B, D) each, with their codes, (B, L); in double precision.

    observed: (B, D), 1 where a cell is there, 0 where it is missing, and was not missed by anything; owners: (D,), the source
    column of each cell; bound: (B,), the negative evidence lower bound in nats, of variational networks.
    """

    rebuilt: Tensor
    residuals: Tensor
    codes: Tensor
    observed: Tensor
    owners: Tensor
    bound: Tensor | None = None


class Fitted(Protocol):
    """A scorer that knows what is usual: a dataclass of tensors, or of such dataclasses."""

    def parts(self, made: Made) -> Tensor:
        """Each cell's part of each row's distance, (B, D), or the distance alone, (B, 1), where it has no parts. They sum to
        the distance, which is never below 0."""


def under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Those whose names begin so, by what follows."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
