"""The masked autoencoder (He et al. 2021, section 3): the error of the cells that were hidden, predicted from the others.

In place of a hidden cell the encoder sees a number that is learned, one for each cell. A row is rebuilt in as many turns
as it takes to hide each group of cells once, about as much at a time as in training: no cell's own value is in what stands
for it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.models.base import Batch, Layers
from core.models.base import Objective as Plain
from core.models.corruption import groups, hide
from core.results import Layout

PRIME = 7_919  # spreads neighbouring groups over the turns


class Objective(Plain):
    """Predicts hidden cells."""

    group: Tensor
    turn: Tensor

    def __init__(self, layers: Layers, layout: Layout, settings: Any, number_loss: str = "squared") -> None:
        super().__init__(layers, layout, settings, number_loss)
        self.token = nn.Parameter(torch.zeros(layout.width))  # (D,)
        group = groups(layout)
        count = int(group.max()) + 1
        self.turns = min(count, max(2, round(1 / settings.hidden_share)))
        self.register_buffer("group", group, persistent=False)  # (D,)
        self.register_buffer("turn", group * PRIME % count % self.turns, persistent=False)  # (D,)

    def corrupt(self, batch: Batch, generator: torch.Generator) -> Batch:
        return hide(batch, self.group, self.settings.hidden_share, 0.0, generator)

    def loss_terms(self, batch: Batch) -> dict[str, Tensor]:
        if batch.hidden is None:
            return super().loss_terms(batch)
        counted = batch.hidden if batch.observed is None else batch.hidden * batch.observed
        output = self.decode(self.encode(self.hide(batch.values, batch.hidden > 0)))
        return {"hidden cells": self.heads.losses(output, batch.values, counted) / self.settings.hidden_share}

    def hide(self, values: Tensor, hidden: Tensor) -> Tensor:
        """The rows as the encoder sees them where some cells are hidden, (B, D)."""
        return torch.where(hidden, self.token, values)

    def reconstruct(self, values: Tensor) -> Tensor:
        output = torch.zeros_like(values)
        for turn in range(self.turns):
            hidden = self.turn == turn  # (D,)
            output = torch.where(hidden, self.decode(self.encode(self.hide(values, hidden))), output)
        return output

    def look(self, values: Tensor) -> tuple[Tensor, Tensor]:
        return self.encode(values), self.reconstruct(values)
