"""Reconstruction terms by column kind: squared error, binary and categorical cross-entropy, masked and weighted."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.results import Layout


class Heads(nn.Module):
    """Compares an output with its target, block by block. An error is a mean over source columns."""

    weight: Tensor
    binary: Tensor
    membership: Tensor

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        columns = layout.columns
        weight = torch.zeros(layout.width)
        binary = torch.zeros(layout.width, dtype=torch.bool)
        membership = torch.zeros(layout.width, len(columns))
        self.categorical: list[tuple[int, int]] = []
        for block in layout.blocks:
            weight[block.start : block.stop] = block.weight / len(columns)
            binary[block.start : block.stop] = block.head == "binary"
            membership[block.start : block.stop, columns.index(block.column)] = 1.0
            if block.head == "categorical":
                self.categorical.append((block.start, block.stop))
        self.register_buffer("weight", weight, persistent=False)  # (D,)
        self.register_buffer("binary", binary, persistent=False)  # (D,)
        self.register_buffer("membership", membership, persistent=False)  # (D, C)
        self.only_squared = not self.categorical and not bool(binary.any())
        self.some_binary = bool(binary.any())

    def elements(self, output: Tensor, target: Tensor, observed: Tensor | None) -> Tensor:
        """Each matrix cell's weighted part of the error, (B, D)."""
        difference = output - target
        out = difference * difference
        if self.some_binary:
            out = torch.where(
                self.binary, functional.binary_cross_entropy_with_logits(output, target, reduction="none"), out
            )
        for start, stop in self.categorical:
            log_shares = functional.log_softmax(output[:, start:stop], dim=1)  # (B, K)
            out = torch.cat([out[:, :start], -target[:, start:stop] * log_shares, out[:, stop:]], dim=1)
        if observed is not None:
            out = out * observed
        return out * self.weight  # (B, D)

    def errors(self, output: Tensor, target: Tensor, observed: Tensor | None) -> Tensor:
        """Reconstruction error of each row, (B,)."""
        if self.only_squared and observed is None:
            difference = output - target
            return (difference * difference) @ self.weight  # (B,)
        return self.elements(output, target, observed).sum(dim=1)  # (B,)

    def column_errors(self, output: Tensor, target: Tensor, observed: Tensor | None) -> Tensor:
        """Each source column's part of the error, (B, C); sums to `errors`."""
        return self.elements(output, target, observed) @ self.membership  # (B, C)

    def activate(self, output: Tensor) -> Tensor:
        """The output in the target's units: probabilities where the head is one of them, (B, D)."""
        out = torch.where(self.binary, torch.sigmoid(output), output) if self.some_binary else output.clone()
        for start, stop in self.categorical:
            out[:, start:stop] = torch.softmax(out[:, start:stop], dim=1)
        return out
