"""How far the next rows lie where a row is described by what was rebuilt of it and by what was missed.

The first says what the row is like, the second what of it is unlike anything learned. Distance to the k-th neighbour:
Ramaswamy, Rastogi, Shim (2000).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.scoring.scorers import Made
from core.specs import Scorer

if TYPE_CHECKING:
    from torch import Tensor

MISSED = 2.0  # times as much counts what was missed
# Rows to compare with, and which neighbour: of clean rows the next says all, among others it may be an anomaly too.
CLEAN, OTHERS = (10_000, 1), (1_000, 20)
LARGEST_SHARE = 2  # the neighbour is at most among the nearest half


@dataclass(frozen=True)
class JointNeighbours:
    """reference: (R, 2 D), the rows to compare with; k: (), which neighbour."""

    reference: Tensor
    k: Tensor

    def parts(self, made: Made) -> Tensor:
        found = squares_to_neighbour(joint(made), self.reference, int(self.k))  # (B, 2 D)
        width = found.shape[1] // 2
        return found[:, :width] + found[:, width:]


def squares_to_neighbour(rows: Tensor, reference: Tensor, k: int) -> Tensor:
    """By how much each row differs from its k-th neighbour, squared, (B, W). rows: (B, W); reference: (R, W)."""
    # By products first, which is fast and loses digits; those that may be meant are then compared digit by digit.
    about = reference.square().sum(dim=1) - 2 * rows @ reference.T + rows.square().sum(dim=1, keepdim=True)  # (B, R)
    near = about.topk(min(k + 2, len(reference)), largest=False).indices  # (B, K)
    first = max(0, min(k, near.shape[1]) - 2)  # those before it are nearer in any case
    # A row that is itself among those to compare with is not its own neighbour.
    own = ((rows - reference[near[:, 0]]) == 0).all(dim=1).long()  # (B,)
    squares = (rows[:, None] - reference[near[:, first:]]).square()  # (B, at most 4, W)
    order = squares.sum(dim=2).argsort(dim=1, stable=True)
    at = (k - 1 - first + own).clamp(max=order.shape[1] - 1)
    chosen = order.gather(1, at[:, None])  # (B, 1)
    return squares.gather(1, chosen[:, :, None].expand(-1, -1, squares.shape[2]))[:, 0]  # (B, W)


def joint(made: Made) -> Tensor:
    """What was rebuilt, and beside it what was missed, (B, 2 D)."""
    import torch

    return torch.cat([made.rebuilt, MISSED * made.residuals], dim=1)


def neighbours_of(rows: Tensor, clean: bool, seed: int) -> tuple[Tensor, Tensor]:
    """Some of the rows to compare with, (R, W), and which neighbour is asked for, ()."""
    import torch

    most, k = CLEAN if clean else OTHERS
    if len(rows) > most:
        some = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))[:most]
        rows = rows[some.sort().values]
    return rows, torch.tensor(max(1, min(k, len(rows) // LARGEST_SHARE)))


SCORER = Scorer(
    "Joint neighbours",
    "How far the next rows lie, by what was rebuilt of them and by what was missed.",
    lambda made, clean, seed: JointNeighbours(*neighbours_of(joint(made), clean, seed)),
    lambda tensors: JointNeighbours(**tensors),
)
