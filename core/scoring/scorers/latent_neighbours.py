"""How far the next rows lie in the code alone: strange is what the network sees as unlike all else, however well it is rebuilt.

Distance to the k-th neighbour: Ramaswamy, Rastogi, Shim (2000).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.scoring.scorers import Made
from core.scoring.scorers.joint_neighbours import neighbours_of, squares_between
from core.specs import Scorer

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class LatentNeighbours:
    """reference: (R, L), codes of the rows to compare with; k: (K,), which neighbours."""

    reference: Tensor
    k: Tensor

    def parts(self, made: Made) -> Tensor:
        return squares_between(made.codes, self.reference, self.k).sum(dim=1, keepdim=True)  # (B, 1)


SCORER = Scorer(
    "Latent neighbours",
    "How far the next rows lie by their codes alone. A code mixes all columns, so that this score has no parts by column.",
    lambda made, clean, seed: LatentNeighbours(*neighbours_of(made.codes, clean, seed)),
    lambda tensors: LatentNeighbours(**tensors),
    splits=False,
)
