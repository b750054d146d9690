"""What every autoencoder is made of: layers that encode and decode, an objective over them, and heads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.models.heads import Heads
from core.models.memory import memory_in_words
from core.results import Layout
from core.specs import LAYERS, OBJECTIVES, RunSpec

STILL = 0.01  # of the widest latent dimension's spread: one that varies less is not in use


@dataclass(frozen=True)
class Batch:
    """Rows on the training device. What is None is not there: no cell is missing, nothing was changed."""

    values: Tensor  # (B, D): what is to be rebuilt
    observed: Tensor | None  # (B, D): 0 where the source cell was missing
    corrupted: Tensor | None = None  # (B, D): what the encoder sees in place of the values
    hidden: Tensor | None = None  # (B, D): 1 where a cell was taken from the encoder's sight
    noise: Tensor | None = None  # standard normal: of the code (B, L) or of the input (B, D), as the objective draws it

    @property
    def seen(self) -> Tensor:
        """What the encoder sees, (B, D)."""
        return self.values if self.corrupted is None else self.corrupted


class Layers(nn.Module):
    """An encoder and a decoder. Families fill in both; the decoder mirrors the encoder."""

    encoder: nn.Module
    decoder: nn.Module
    halves: bool = False  # whether products with half the digits are faster, where the machine has them
    start_rows: int = 0  # how many training rows `start` wants to see

    def encode(self, values: Tensor) -> Tensor:
        """(B, D) → latent codes (B, L)."""
        codes: Tensor = self.encoder(values)
        return codes

    def features(self, values: Tensor) -> Tensor:
        """(B, D) → (B, F): what `code` makes the codes of."""
        if not isinstance(self.encoder, nn.Sequential):
            raise NotImplementedError
        found: Tensor = self.encoder[:-1](values)
        return found

    @property
    def code(self) -> nn.Linear:
        """The last layer of the encoder: encode = code ∘ features."""
        if not isinstance(self.encoder, nn.Sequential) or not isinstance(self.encoder[-1], nn.Linear):
            raise NotImplementedError
        return self.encoder[-1]

    def start(self, values: Tensor, heads: Heads) -> None:
        """Look at some training rows, (B, D), once before the first step; only where `start_rows` asks for some.

        heads: what the output will be compared by.
        """

    def vary(self, values: Tensor, generator: torch.Generator) -> Tensor:
        """(B, D) → training rows as they might have been as well, (B, D): the same by default."""
        return values

    def decode(self, codes: Tensor) -> Tensor:
        """(B, L) → (B, D), before the heads' activations."""
        output: Tensor = self.decoder(codes)
        return output

    @property
    def levels(self) -> int:
        """How many pairs of layers lie one within the other, from the rows to the code."""
        return 1

    def partial(self, values: Tensor, levels: int) -> Tensor:
        """(B, D) → (B, F), what the outermost levels alone make of the rows."""
        return self.encode(values)

    def shallow(self, values: Tensor, levels: int) -> Tensor:
        """(B, D) → (B, D) through the outermost levels alone, before the heads' activations."""
        return self.decode(self.encode(values))

    def level(self, number: int) -> list[nn.Parameter]:
        """The parameters of one level, 0 the outermost, in both halves."""
        return list(self.parameters())


class Objective(nn.Module):
    """What is minimised. The plain one is reconstruction alone; others override what their mathematics needs.

    `done` is how far the training is, in [0, 1]: the trainer keeps it, schedules read it.
    """

    done: float = 1.0
    remembers: bool = False  # whether `loss_terms` keeps anything of the batches that it sees
    keeps_start: bool = False  # whether the weights before the first step may be the best

    def __init__(self, layers: Layers, layout: Layout, settings: Any, number_loss: str = "squared") -> None:
        super().__init__()
        self.layers = layers
        self.heads = Heads(layout, number_loss)
        self.settings = settings

    def loss_terms(self, batch: Batch) -> dict[str, Tensor]:
        """Named terms of the loss, each (B,). While training, from a batch that `corrupt` returned."""
        return {"reconstruction": self.heads.losses(self.reconstruct(batch.seen), batch.values, batch.observed)}

    def start(self, values: Tensor) -> None:
        """Look at some training rows, (B, D), once before the first step."""
        self.layers.start(values, self.heads)

    def corrupt(self, batch: Batch, generator: torch.Generator) -> Batch:
        """The batch as the encoder sees it while training. All randomness comes from the generator."""
        return batch

    def penalties(self) -> dict[str, Tensor]:
        """Named scalars over the whole batch that `loss_terms` saw last."""
        return {}

    def after_step(self) -> None:
        """Called after each step of the training, with the batch that `loss_terms` saw last."""

    def settle(self, values: Tensor) -> None:
        """Called after each epoch with some training rows, (B, D): for what has to be measured over more than a batch."""

    def stages(self) -> Iterator[str]:
        """Names of training stages; one for all but greedy objectives. The trainer runs one after the other."""
        yield "all"

    def share(self, stage: str) -> float:
        """The share of the epochs that a stage may take at most."""
        return 1.0

    def begin(self, stage: str) -> list[nn.Parameter]:
        """Go over to a stage: the parameters that move in it."""
        return [parameter for parameter in self.parameters() if parameter.requires_grad]

    def reached(self, codes: Tensor) -> bool:
        """Whether what is asked of the codes besides reconstruction holds, (B, L): weights that fail it are kept only
        until others pass."""
        return True

    def usage(self, codes: Tensor) -> float:
        """The share of the code that is in use, of the codes of some rows, (W, L): latent dimensions that vary."""
        if len(codes) < 2:
            return 1.0
        spread = codes.std(dim=0)
        return float((spread > STILL * spread.max()).float().mean()) if float(spread.max()) > 0 else 0.0

    def encode(self, values: Tensor) -> Tensor:
        """(B, D) → (B, L), without noise."""
        return self.layers.encode(values)

    def decode(self, codes: Tensor) -> Tensor:
        """(B, L) → (B, D), before the heads' activations."""
        return self.layers.decode(codes)

    def reconstruct(self, values: Tensor) -> Tensor:
        """(B, D) → (B, D), before the heads' activations; without noise."""
        return self.decode(self.encode(values))

    def negative_bound(self, values: Tensor, output: Tensor, observed: Tensor | None) -> Tensor | None:
        """The negative evidence lower bound of each row, (B,), of probabilistic networks that have one."""
        return None

    def look(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Codes (B, L) and reconstruction (B, D) at once: what scores are made of."""
        codes = self.encode(values)
        return codes, self.decode(codes)


def build(spec: RunSpec, layout: Layout) -> Objective:
    """The network of a spec for an encoded layout, weights drawn from torch's present generator. Raises OutOfMemory."""
    with memory_in_words(
        "the network does not fit into memory",
        where=f"{layout.width:,} input columns",
        fix="lower the hidden width or the number of hidden layers",
    ):
        spec.plan(layout.row_shape)  # what can't work together is refused in words
        members = [_one(spec, layout) for _ in range(spec.training.members)]
        network = members[0]
        if len(members) > 1:
            from core.models.ensemble import Ensemble

            network = Ensemble(members)
        network.keeps_start = LAYERS.get(spec.layers).begins
        return network


def _one(spec: RunSpec, layout: Layout) -> Objective:
    shape = layout.row_shape
    layers = LAYERS.module(spec.layers).build(spec.shape_settings(shape), shape)
    settings = OBJECTIVES.get(spec.objective).settings.read(spec.objective_settings)
    network: Objective = OBJECTIVES.module(spec.objective).Objective(layers, layout, settings, spec.number_loss_used)
    return network
