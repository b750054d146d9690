"""The sparse autoencoder: reconstruction error and a penalty on the activity of the code.

KL: the sum over units of KL(target ‖ mean activation), of sigmoid units (Ng 2011, section 3). L1: the mean absolute
activation of rectified units (Olshausen and Field 1996, equation 4).

A penalty's weight alone holds no target: the right one depends on the data. KL: the weight grows while the mean activation
is off (dual ascent). L1: a unit is on above a threshold (soft thresholding, the step that solves an L1 problem; Gregor and
LeCun 2010), which is the quantile, over all units and rows of the batch, that the target asks for (Bussmann, Leask, Nanda
2024). One for all units: with one for each, so that all are on equally often, networks rebuild up to six times worse. For
scores the threshold is that of some training rows.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.models.base import Batch, Layers
from core.models.base import Objective as Plain
from core.results import Layout

PACE, MOST = 0.03, 1e3  # of a KL weight's logarithm in one step; its bound
FEWEST = 4  # rows of a batch that the threshold is taken from
HELD = 0.12  # deviation of the active share from its target, as a share of it, that counts as reached
LEAST = 1e-4


class Objective(Plain):
    """Holds the active share of the code's units at its target."""

    weight: Tensor
    threshold: Tensor
    remembers = True

    def __init__(self, layers: Layers, layout: Layout, settings: Any, number_loss: str = "squared") -> None:
        super().__init__(layers, layout, settings, number_loss)
        self.rectified = settings.penalty == "L1"
        self.register_buffer("weight", torch.tensor(float(settings.weight)))
        self.register_buffer("threshold", torch.zeros(()))
        self.codes = torch.zeros(1, 1)  # of the batch that was seen last, (B, L)

    def encode(self, values: Tensor) -> Tensor:
        return self._fire(self.layers.encode(values))

    def _fire(self, before: Tensor) -> Tensor:
        if not self.rectified:
            return torch.sigmoid(before)
        if not self.training or len(before) < FEWEST:
            return torch.relu(before - self.threshold)
        return torch.relu(before - self._quantile(before.detach()))

    def _quantile(self, before: Tensor) -> Tensor:
        """Above which the wanted share of all units lies, ()."""
        flat = before.flatten()
        return flat.kthvalue(max(1, round((1 - self.settings.active) * len(flat)))).values

    def loss_terms(self, batch: Batch) -> dict[str, Tensor]:
        self.codes = self.encode(batch.values)  # (B, L)
        return {"reconstruction": self.heads.losses(self.decode(self.codes), batch.values, batch.observed)}

    def penalties(self) -> dict[str, Tensor]:
        return {f"{self.settings.penalty} sparsity": self.weight * self.penalty(self.codes)}

    def penalty(self, codes: Tensor) -> Tensor:
        """Of the codes of a batch, (B, L), before its weight, ()."""
        if self.rectified:
            return codes.mean()
        goal = float(self.settings.active)
        mean = codes.mean(dim=0).clamp(LEAST, 1 - LEAST)  # (L,)
        return (goal * torch.log(goal / mean) + (1 - goal) * torch.log((1 - goal) / (1 - mean))).sum()

    def active(self, codes: Tensor) -> Tensor:
        """Share of rows for which each unit is active, (L,): rectified units above 0; of sigmoid units the mean activation."""
        return (codes > 0).float().mean(dim=0) if self.rectified else codes.mean(dim=0)

    @torch.no_grad()
    def after_step(self) -> None:
        if not self.rectified:
            excess = self.active(self.codes.detach()) - self.settings.active  # (L,)
            missed = excess.mean().abs() / self.settings.active > HELD / 2
            self.weight.mul_(torch.where(missed, 1 + PACE, 1 - PACE)).clamp_(self.settings.weight, MOST)

    @torch.no_grad()
    def settle(self, values: Tensor) -> None:
        if self.rectified:
            self.threshold.copy_(self._quantile(self.layers.encode(values)))

    def usage(self, codes: Tensor) -> float:
        return float(self.active(codes).mean())

    def reached(self, codes: Tensor) -> bool:
        return bool(abs(self.usage(codes) / self.settings.active - 1) <= HELD)
