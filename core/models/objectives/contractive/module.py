"""The contractive autoencoder (Rifai et al. 2011, equation 7): reconstruction error and the squared Frobenius norm of the
encoder's Jacobian.

The norm is estimated with one random direction u a row, for E‖(f(x + εu) − f(x)) / ε‖² is ‖J‖² where u is standard normal.
It is taken in units of the code's own variance: with weights that are not tied a code could else become small instead of
insensitive, at no cost to the reconstruction.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.models.base import Batch, Layers
from core.models.base import Objective as Plain
from core.results import Layout

STEP = 0.01  # ε, in encoded units
LEAST = 1e-6  # of a code's variance
PACE = 0.1  # how much of the usual variance is the last batch's
FEW = 16  # rows whose own variance counts as much as the usual one


class Objective(Plain):
    """Holds the code still."""

    usual: Tensor
    remembers = True

    def __init__(self, layers: Layers, layout: Layout, settings: Any, number_loss: str = "squared") -> None:
        super().__init__(layers, layout, settings, number_loss)
        self.register_buffer("usual", torch.zeros(()))  # variance of the code, over the last batches

    def corrupt(self, batch: Batch, generator: torch.Generator) -> Batch:
        direction = torch.randn(batch.values.shape, generator=generator).to(batch.values.device)
        return Batch(batch.values, batch.observed, noise=direction)

    def loss_terms(self, batch: Batch) -> dict[str, Tensor]:
        codes = self.encode(batch.values)  # (B, L)
        terms = {"reconstruction": self.heads.losses(self.decode(codes), batch.values, batch.observed)}
        if batch.noise is not None:
            terms["contraction"] = self.settings.contraction * self.sensitivity(batch.values, codes, batch.noise)
        return terms

    def sensitivity(self, values: Tensor, codes: Tensor, direction: Tensor) -> Tensor:
        """Estimate of ‖J‖² over the code's variance, per input, (B,). direction: (B, D), standard normal."""
        with torch.autocast(values.device.type, enabled=False):  # a difference of two that are nearly the same
            if codes.dtype != values.dtype:
                codes = self.encode(values)
            moved = (self.encode(values + STEP * direction) - codes) / STEP  # (B, L)
        own = codes.var(dim=0, unbiased=False).sum()  # () of this batch, which may be a single row
        if self.training:
            usual = torch.lerp(self.usual, own.detach(), PACE)
            # Whether there was one before is asked on its device, which need not be waited for.
            self.usual = torch.where(self.usual == 0, own.detach(), usual)
        weight = len(codes) / (len(codes) + FEW)
        variance = weight * own + (1 - weight) * self.usual + LEAST
        return moved.square().sum(dim=1) / variance / values.shape[1]  # (B,)
