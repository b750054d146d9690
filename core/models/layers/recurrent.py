"""The branch of recurrent layers: a cell with memory reads patches of some steps, both ways. `linear_code` stands around it."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class Branch(nn.Module):
    """(B, T, C) to the same; zero before it is trained. name: of the cell, "gru" or "lstm"; stored weights bear it."""

    def __init__(self, name: str, cell: type[nn.GRU] | type[nn.LSTM], channels: int, hidden: int, patch: int) -> None:
        super().__init__()
        self.name, self.patch = name, patch
        self.add_module(name, cell(channels * patch, hidden, batch_first=True, bidirectional=True))
        self.out = nn.Linear(2 * hidden, channels * patch)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, windows: Tensor) -> Tensor:
        count, steps, channels = windows.shape
        padded = functional.pad(windows, (0, 0, 0, -steps % self.patch))
        patches = padded.reshape(count, -1, self.patch * channels)  # (B, T / patch, patch·C)
        remembered: Tensor = self.get_submodule(self.name)(patches)[0]  # (B, T / patch, 2·H)
        changed: Tensor = self.out(remembered).reshape(count, -1, channels)
        return changed[:, :steps]
