"""How far the next rows lie, told twice: as joint neighbours are, by what was rebuilt of a row and what was missed; and by the row
itself.

The second adds differences as they are, not squared, so that where most cells are quiet the few that are not don't decide
(Aggarwal, Hinneburg, Keim 2001), and asks a neighbour farther off: where strange rows lie together, the next ones are strange
too. Each is squared and in units of what is usual, and the score is the larger: strange is what is far by either, a little more
so by the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.scoring.scorers import Made, under
from core.scoring.scorers.joint_neighbours import LARGEST_SHARE, JointNeighbours, at_most, lowest, same
from core.scoring.scorers.joint_neighbours import SCORER as JOINT
from core.specs import Scorer

if TYPE_CHECKING:
    from torch import Tensor

REFERENCE, CELLS = 1_000, 200_000  # rows to compare with, fewer where they are so wide
CLEAN, OTHERS = 0.001, 0.04  # of these rows, which neighbour: of known clean ones the next
OWN = 0.85  # as much counts how far the rows themselves lie: what the description alone says must not drown in it
ASKED = 500  # rows that say what is usual
LEAST = 1e-12  # squared distance that is one


@dataclass(frozen=True)
class Neighbours:
    """joint: by what was rebuilt and what was missed; rows: (R, D), to compare with, and k: (), which neighbour; usual: (2,),
    what both squared distances are in the middle."""

    joint: JointNeighbours
    rows: Tensor
    k: Tensor
    usual: Tensor

    def parts(self, made: Made) -> Tensor:
        import torch

        first, second = self.squares(made)
        first, second = first / self.usual[0], OWN * second / self.usual[1]  # (B, D) each
        return torch.where(first.sum(dim=1, keepdim=True) >= second.sum(dim=1, keepdim=True), first, second)

    def squares(self, made: Made) -> tuple[Tensor, Tensor]:
        """Each cell's part of both squared distances, (B, D) each."""
        apart = self._apart(made.rebuilt + made.residuals)
        return self.joint.parts(made), apart * apart.sum(dim=1, keepdim=True)

    def _apart(self, rows: Tensor) -> Tensor:
        """By how much rows (B, D) differ from their k-th neighbours, (B, D)."""
        import torch

        distances = torch.cdist(rows.float(), self.rows.float(), p=1)  # (B, R)
        near = lowest(distances, min(int(self.k) + 1, len(self.rows)))  # (B, k + 1)
        own = same(rows, self.rows[near[:, 0]]).long()  # (B,)
        at = (self.k - 1 + own).clamp(max=near.shape[1] - 1)
        return (rows - self.rows[near.gather(1, at[:, None])[:, 0]]).abs()


def fit(made: Made, clean: bool, seed: int) -> Neighbours:
    """On the rows to compare with; a missing cell is what was rebuilt of it."""
    import torch

    most = max(2, min(REFERENCE, CELLS // made.rebuilt.shape[1]))
    rows = at_most(made.rebuilt + made.residuals, most, seed)
    k = max(1, min(round((CLEAN if clean else OTHERS) * most), len(rows) // LARGEST_SHARE))
    found = Neighbours(JOINT.fit(made, clean, seed), rows, torch.tensor(k), torch.ones(2))
    squares = found.squares(_every(made, -(-len(made.rebuilt) // ASKED)))
    return replace(found, usual=torch.stack([_usual(each.sum(dim=1)) for each in squares]))


def _usual(squares: Tensor) -> Tensor:
    """The middle one; where most rows have an equal, the mean."""
    import torch

    middle, mean = squares.median(), squares.mean()
    return torch.where(middle > LEAST, middle, torch.where(mean > LEAST, mean, torch.ones_like(mean)))


def _every(made: Made, step: int) -> Made:
    """The first of the rows, and each that is so many steps after it."""
    return replace(
        made,
        rebuilt=made.rebuilt[::step],
        residuals=made.residuals[::step],
        codes=made.codes[::step],
        observed=made.observed[::step],
        bound=None if made.bound is None else made.bound[::step],
    )


def load(tensors: dict[str, Tensor]) -> Neighbours:
    """From its own tensors and those of the joint neighbours, under `joint.`."""
    return Neighbours(JOINT.load(under("joint.", tensors)), tensors["rows"], tensors["k"], tensors["usual"])


SCORER = Scorer(
    "Neighbours",
    "How far the next rows lie, by what was rebuilt of them and by what was missed, or by their own values: whichever is more.",
    fit,
    load,
)
