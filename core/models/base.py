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


@dataclass(frozen=True)
class Batch:
    """Rows on the training device. `observed` is None where no cell is missing."""

    values: Tensor  # (B, D)
    observed: Tensor | None  # (B, D)


class Layers(nn.Module):
    """An encoder and a decoder. Families fill in both; the decoder mirrors the encoder."""

    encoder: nn.Module
    decoder: nn.Module
    start_rows: int = 0  # how many training rows `start` wants to see

    def encode(self, values: Tensor) -> Tensor:
        """(B, D) → latent codes (B, L)."""
        codes: Tensor = self.encoder(values)
        return codes

    def start(self, values: Tensor) -> None:
        """Look at some training rows, (B, D), once before the first step; only where `start_rows` asks for some."""

    def vary(self, values: Tensor, generator: torch.Generator) -> Tensor:
        """(B, D) → training rows as they might have been as well, (B, D): the same by default."""
        return values

    def decode(self, codes: Tensor) -> Tensor:
        """(B, L) → (B, D), before the heads' activations."""
        output: Tensor = self.decoder(codes)
        return output


class Objective(nn.Module):
    """What is minimised. The plain one is reconstruction alone; others override what their mathematics needs."""

    def __init__(self, layers: Layers, layout: Layout, settings: Any) -> None:
        super().__init__()
        self.layers = layers
        self.heads = Heads(layout)
        self.settings = settings

    def loss_terms(self, batch: Batch) -> dict[str, Tensor]:
        """Named terms of the loss, each (B,)."""
        return {"reconstruction": self.heads.errors(self.reconstruct(batch.values), batch.values, batch.observed)}

    def corrupt(self, batch: Batch, generator: torch.Generator) -> Batch:
        """The batch as the encoder sees it while training."""
        return Batch(self.layers.vary(batch.values, generator), batch.observed)

    def penalties(self) -> dict[str, Tensor]:
        """Named scalars over the whole batch."""
        return {}

    def stages(self) -> Iterator[str]:
        """Names of training stages; one for all but greedy objectives."""
        yield "all"

    def encode(self, values: Tensor) -> Tensor:
        """(B, D) → (B, L), without noise."""
        return self.layers.encode(values)

    def reconstruct(self, values: Tensor) -> Tensor:
        """(B, D) → (B, D), before the heads' activations."""
        return self.layers.decode(self.layers.encode(values))


def build(spec: RunSpec, layout: Layout) -> Objective:
    """The network of a spec for an encoded layout, weights drawn from torch's present generator. Raises OutOfMemory."""
    with memory_in_words(
        "the network does not fit into memory",
        where=f"{layout.width:,} input columns",
        fix="lower the hidden width or the number of hidden layers",
    ):
        family = LAYERS.get(spec.layers)
        layers = LAYERS.module(spec.layers).build(family.settings.read(spec.layer_settings), layout.row_shape)
        settings = OBJECTIVES.get(spec.objective).settings.read(spec.objective_settings)
        network: Objective = OBJECTIVES.module(spec.objective).Objective(layers, layout, settings)
        return network
