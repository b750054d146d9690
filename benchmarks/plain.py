"""One step of training as one writes it down: the yardstick of several benchmarks."""

from __future__ import annotations

import torch
from torch import nn

from core.models.base import Batch, Objective
from core.models.ensemble import members_of


def step(network: Objective, optimiser: torch.optim.Optimizer, part: Batch, clip: float) -> torch.Tensor:
    """Loss, gradient, clipping, the optimiser's step; the loss, ()."""
    terms = network.loss_terms(part)
    parts = [*(term.mean() for term in terms.values()), *network.penalties().values()]
    loss = torch.stack(parts).sum() * members_of(network)
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), clip)
    optimiser.step()
    network.after_step()
    return loss
