"""Reconstruction terms by column kind: what numbers are compared by, binary and categorical cross-entropy, masked and
weighted.

Numbers by squared error (MSE), absolute error (MAE), the Huber loss (Huber 1964), or the negative log-likelihood of a
normal distribution whose scale is learned, one for each column (Rybkin, Daniilidis, Levine 2021, section 3).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.results import Layout

HUBER = 1.0  # in units of the encoding: beyond it a difference counts in proportion
LOG_SCALES = (-4.0, 3.0)  # of a learned scale: a column that is rebuilt exactly must not take the whole loss


class Heads(nn.Module):
    """Compares an output with its target, block by block. An error is a mean over source columns."""

    weight: Tensor
    binary: Tensor
    owner: Tensor
    numbers: Tensor

    def __init__(self, layout: Layout, number_loss: str = "squared") -> None:
        super().__init__()
        self.number_loss = number_loss
        columns = layout.columns
        weight = torch.zeros(layout.width)
        binary = torch.zeros(layout.width, dtype=torch.bool)
        self.categorical: list[tuple[int, int]] = []
        for block in layout.blocks:
            weight[block.start : block.stop] = block.weight / len(columns)
            binary[block.start : block.stop] = block.head == "binary"
            if block.head == "categorical":
                self.categorical.append((block.start, block.stop))
        self.register_buffer("weight", weight, persistent=False)  # (D,)
        self.register_buffer("binary", binary, persistent=False)  # (D,)
        self.register_buffer(
            "owner", torch.from_numpy(layout.owners), persistent=False
        )  # (D,): the source column's number
        self._slope_weights: dict[int, Tensor] = {}
        self.columns = len(columns)
        self.some_binary = bool(binary.any())
        self.only_squared = not self.categorical and not self.some_binary and number_loss == "squared"
        self.one_cell_a_column = len(columns) == layout.width
        if number_loss == "likelihood":
            self.log_scale = nn.Parameter(torch.zeros(len(columns)))  # (C,)
            numbers = torch.zeros(layout.width, dtype=torch.bool)
            numbers[layout.squared] = True
            self.register_buffer("numbers", numbers, persistent=False)  # (D,)

    def elements(self, output: Tensor, target: Tensor, observed: Tensor | None) -> Tensor:
        """Each matrix cell's weighted part of the error, (…, B, D); never below 0."""
        difference = output - target
        if self.number_loss == "absolute":
            out = difference.abs()
        elif self.number_loss == "huber":
            out = functional.huber_loss(output, target, reduction="none", delta=HUBER)
        else:
            out = difference * difference
        if self.some_binary:
            goal = target.expand_as(output)
            out = torch.where(
                self.binary, functional.binary_cross_entropy_with_logits(output, goal, reduction="none"), out
            )
        if self.categorical:
            pieces: list[Tensor] = []
            done = 0
            for start, stop in self.categorical:
                log_shares = functional.log_softmax(output[..., start:stop], dim=-1)  # (…, B, K)
                pieces += [out[..., done:start], -target[..., start:stop] * log_shares]
                done = stop
            out = torch.cat([*pieces, out[..., done:]], dim=-1)
        if observed is not None:
            out = out * observed
        return out * self.weight  # (…, B, D)

    def errors(self, output: Tensor, target: Tensor, observed: Tensor | None) -> Tensor:
        """Reconstruction error of each row, (…, B)."""
        if self.only_squared and observed is None:
            difference = output - target
            return (difference * difference) @ self.weight  # (…, B)
        return self.elements(output, target, observed).sum(dim=-1)  # (…, B)

    def losses(self, output: Tensor, target: Tensor, observed: Tensor | None) -> Tensor:
        """What each row's reconstruction adds to the loss, (B,): its error; of a likelihood, that of numbers in units of a
        learned scale, and the scale's own part."""
        with torch.autocast(output.device.type, enabled=False):  # sums over many cells need all their digits
            return self._losses(output.float(), target, observed)

    def _losses(self, output: Tensor, target: Tensor, observed: Tensor | None) -> Tensor:
        if self.number_loss != "likelihood":
            return self.errors(output, target, observed)
        log_scale = self.log_scale.clamp(*LOG_SCALES)[self.owner] * self.numbers  # (D,)
        precision = torch.where(self.numbers, 0.5 * torch.exp(-2 * log_scale), 1.0)  # (D,)
        scales = log_scale * self.weight  # (D,)
        errors = self.elements(output, target, observed) @ precision  # (B,)
        return errors + (scales.sum() if observed is None else observed @ scales)  # (B,)

    def loss_and_slope(self, output: Tensor, target: Tensor, observed: Tensor | None) -> tuple[Tensor, Tensor]:
        """Mean of `errors` over rows and members, (), and the derivative of each member's own mean by its output, (K, B, D).

        The target, and what is observed of it, may be the same for all members, (B, D).
        """
        members, rows, _ = output.shape
        if self.only_squared and observed is None:
            difference = output - target
            slope = difference * self._slope_weight(rows, output.device)
            return torch.dot(difference.view(-1), slope.view(-1)).div_(2 * members), slope
        slope = (output - target).mul_(2)
        if self.some_binary:
            slope = torch.where(self.binary, torch.sigmoid(output) - target, slope)
        for start, stop in self.categorical:
            goal = target[..., start:stop]
            shares = torch.softmax(output[..., start:stop], dim=-1)  # (K, B, C)
            slope[..., start:stop] = shares * goal.sum(dim=-1, keepdim=True) - goal
        if observed is not None:
            slope.mul_(observed)  # a block is observed as a whole
        loss = self.elements(output, target, observed).sum().div_(members * rows)
        return loss, slope.mul_(self.weight).div_(rows)

    def _slope_weight(self, rows: int, device: torch.device) -> Tensor:
        """What a difference is multiplied by for its slope in a batch of so many rows, (D,)."""
        kept = self._slope_weights.get(rows)
        if kept is None or kept.device != device:
            kept = self._slope_weights[rows] = self.weight * (2 / rows)
        return kept

    def column_errors(self, output: Tensor, target: Tensor, observed: Tensor | None) -> Tensor:
        """Each source column's part of the error, (B, C); sums to `errors`."""
        cells = self.elements(output, target, observed)
        if self.one_cell_a_column:
            return cells
        return cells.new_zeros(len(cells), self.columns).index_add_(1, self.owner, cells)  # (B, C)

    def activate(self, output: Tensor) -> Tensor:
        """The output in the target's units: probabilities where the head is one of them, (B, D)."""
        out = torch.where(self.binary, torch.sigmoid(output), output) if self.some_binary else output.clone()
        for start, stop in self.categorical:
            out[:, start:stop] = torch.softmax(out[:, start:stop], dim=1)
        return out
