"""Several networks of one shape, trained at once on the same batches from weights and noise of their own.

What the ensemble rebuilds is the mean of what its members do (before the heads' activations), so that errors, expected
values and scores are of one reconstruction; by chance alone it is no worse than the mean of its members (Krogh and
Vedelsby 1995, equation 6). The code is the first member's: codes of different members have no common axes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from core.models.base import Batch, Objective


class Ensemble(Objective):
    """An autoencoder made of K others."""

    members: nn.ModuleList

    def __init__(self, members: Sequence[Objective]) -> None:
        nn.Module.__init__(self)
        self.members = nn.ModuleList(members)
        # Not as modules: their parameters would be counted, and stored, twice.
        self.__dict__.update(layers=members[0].layers, heads=members[0].heads, settings=members[0].settings)

    @property
    def each(self) -> list[Objective]:
        """The members, (K)."""
        return [member for member in self.members if isinstance(member, Objective)]

    @property
    def first(self) -> Objective:
        """The one whose code stands for all."""
        return self.each[0]

    def corrupt(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Noise of its own for each member: tensors (K, B, …). Where there is none, the batch as it is."""
        if type(self.first).corrupt is Objective.corrupt:
            return batch
        count, rows = len(self.members), len(batch.values)
        spoilt = self.first.corrupt(_each(batch, lambda part: part.repeat(count, 1)), generator)  # (K · B, …)
        return _each(spoilt, lambda part: part.view(count, rows, -1))

    def batch_of(self, number: int, batch: Batch) -> Batch:
        """What one member sees of a batch that `corrupt` returned."""
        return batch if batch.values.dim() == 2 else _each(batch, lambda part: part[number])

    def loss_terms(self, batch: Batch) -> dict[str, Tensor]:
        """Each term's mean over the members, (B,)."""
        found = []
        for number, member in enumerate(self.each):
            member.done = self.done
            found.append(member.loss_terms(self.batch_of(number, batch)))
        return _means(found)

    def penalties(self) -> dict[str, Tensor]:
        return _means([member.penalties() for member in self.each])

    def start(self, values: Tensor) -> None:
        for member in self.each:
            member.start(values)

    def after_step(self) -> None:
        for member in self.each:
            member.after_step()

    def settle(self, values: Tensor) -> None:
        for member in self.each:
            member.settle(values)

    def stages(self) -> Iterator[str]:
        return self.first.stages()

    def share(self, stage: str) -> float:
        return self.first.share(stage)

    def begin(self, stage: str) -> list[nn.Parameter]:
        return [parameter for member in self.each for parameter in member.begin(stage)]

    def reached(self, codes: Tensor) -> bool:
        return self.first.reached(codes)

    def usage(self, codes: Tensor) -> float:
        return self.first.usage(codes)

    def encode(self, values: Tensor) -> Tensor:
        return self.first.encode(values)

    def decode(self, codes: Tensor) -> Tensor:
        return self.first.decode(codes)

    def reconstruct(self, values: Tensor) -> Tensor:
        return torch.stack([member.reconstruct(values) for member in self.each]).mean(dim=0)  # (B, D)

    def look(self, values: Tensor) -> tuple[Tensor, Tensor]:
        codes, first = self.first.look(values)
        rest = [member.reconstruct(values) for member in self.each[1:]]
        return codes, torch.stack([first, *rest]).mean(dim=0)


def each_of(network: Objective) -> list[Objective]:
    """The members of an ensemble, or the network alone."""
    return network.each if isinstance(network, Ensemble) else [network]


def members_of(network: Objective) -> int:
    """How many networks are trained at once."""
    return len(each_of(network))


def _each(batch: Batch, change: Callable[[Tensor], Tensor]) -> Batch:
    """The batch with each of its tensors changed."""
    return replace(batch, **{name: change(part) for name, part in vars(batch).items() if part is not None})


def _means(found: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.stack([terms[name] for terms in found]).mean(dim=0) for name in found[0]}
