"""How far the next rows lie where a row is described by what was rebuilt of it and by what was missed.

The first says what the row is like, the second what of it is unlike anything learned. Distance to the k-th neighbour:
Ramaswamy, Rastogi, Shim (2000).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.scoring.scorers import Made
from core.specs import Scorer

if TYPE_CHECKING:
    from torch import Tensor

MISSED = 2.0  # times as much counts what was missed
# Rows to compare with, and which neighbours: of clean rows the next says most, and one farther off that it is no chance; among
# others it may be an anomaly too.
CLEAN, OTHERS = (10_000, (1, 5)), (1_000, (20,))
LARGEST_SHARE = 2  # the neighbour is at most among the nearest half
LEAST = 1e-200  # squared distance that is divided by
ROUNDING = 1e-5  # of a row's length: what it may differ by from itself
NEARLY = 3  # places by which products may be off
FEW = 2_000  # values of which numpy finds the lowest sooner than torch does


@dataclass(frozen=True)
class JointNeighbours:
    """reference: (R, 2 D), the rows to compare with; k: (K,), which neighbours."""

    reference: Tensor
    k: Tensor

    def parts(self, made: Made) -> Tensor:
        found = squares_between(joint(made), self.reference, self.k)  # (B, 2 D)
        width = found.shape[1] // 2
        return found[:, :width] + found[:, width:]


def squares_between(rows: Tensor, reference: Tensor, k: Tensor) -> Tensor:
    """How far each row's k-th neighbour lies, squared, as a sum over cells, (B, W); of several neighbours the geometric mean of
    their distances, of which each cell has the share that it has on average. rows: (B, W); reference: (R, W); k: (K,)."""
    found = squares_to_neighbours(rows, reference, k.flatten().tolist())  # (K, B, W)
    if len(found) == 1:
        return found[0]
    sums = found.sum(dim=2, keepdim=True)  # (K, B, 1)
    mean = sums.log().mean(dim=0).exp()  # (B, 1), 0 where one of them is
    return (found * (mean / sums.clamp(min=LEAST))).mean(dim=0)


def squares_to_neighbours(rows: Tensor, reference: Tensor, ks: list[int]) -> Tensor:
    """By how much each row differs from some of its neighbours, squared, (K, B, W). rows: (B, W); reference: (R, W)."""
    import torch

    # By products first, which is fast and loses digits; those that may be meant are then compared digit by digit.
    middle = reference.mean(dim=0)
    known, asked = (reference - middle).float(), (rows - middle).float()
    about = known.square().sum(dim=1) - 2 * asked @ known.T + asked.square().sum(dim=1, keepdim=True)  # (B, R)
    near = lowest(about, min(max(ks) + NEARLY, len(reference)))  # (B, N)
    first = max(0, min(*ks, near.shape[1]) - NEARLY)  # those before it are nearer in any case
    own = torch.stack([same(rows, reference[at]) for at in near[:, :NEARLY].unbind(dim=1)]).any(dim=0).long()  # (B,)
    near = near[:, first:]
    # One neighbour after the other: all at once are more than the processor's cache holds where rows are wide.
    sums = [(rows - reference[at]).square().sum(dim=1) for at in near.unbind(dim=1)]
    near = near.gather(1, torch.stack(sums, dim=1).argsort(dim=1, stable=True))
    found = []
    for k in ks:
        at = (k - 1 - first + own).clamp(max=near.shape[1] - 1)
        found.append((rows - reference[near.gather(1, at[:, None])[:, 0]]).square())
    return torch.stack(found)


def same(rows: Tensor, others: Tensor) -> Tensor:
    """Whether rows are those beside them, (B,), but for what a network's sums differ by from place to place in a block: a row that
    is itself among those to compare with is not its own neighbour. Both (B, W)."""
    return (rows - others).square().sum(dim=1) <= ROUNDING**2 * others.square().sum(dim=1)


def lowest(values: Tensor, count: int) -> Tensor:
    """Where in each row of values (B, R) its lowest stand, the lowest first, (B, count)."""
    import torch

    if values.shape[1] > FEW:
        return values.topk(count, largest=False).indices
    some = torch.from_numpy(np.argpartition(values.numpy(), count - 1, axis=1)[:, :count])
    return some.gather(1, values.gather(1, some).argsort(dim=1, stable=True))


def joint(made: Made) -> Tensor:
    """What was rebuilt, and beside it what was missed, (B, 2 D)."""
    import torch

    return torch.cat([made.rebuilt, MISSED * made.residuals], dim=1)


def neighbours_of(rows: Tensor, clean: bool, seed: int) -> tuple[Tensor, Tensor]:
    """Some of the rows to compare with, (R, W), and which neighbours are asked for, (K,)."""
    import torch

    most, which = CLEAN if clean else OTHERS
    rows = at_most(rows, most, seed)
    return rows, torch.tensor([max(1, min(k, len(rows) // LARGEST_SHARE)) for k in which])


def at_most(rows: Tensor, most: int, seed: int) -> Tensor:
    """So many of the rows, drawn at random, in their order."""
    import torch

    if len(rows) <= most:
        return rows
    return rows[torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))[:most].sort().values]


SCORER = Scorer(
    "Joint neighbours",
    "How far the next rows lie, by what was rebuilt of them and by what was missed.",
    lambda made, clean, seed: JointNeighbours(*neighbours_of(joint(made), clean, seed)),
    lambda tensors: JointNeighbours(**tensors),
)
