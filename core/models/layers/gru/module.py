"""A two-way GRU along time (Cho et al., 2014) around a linear code."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from core.models.base import Layers
from core.models.layers.gru.spec import Gru
from core.models.layers.linear_code import LinearCode
from core.models.layers.linear_width import code_width


def build(settings: Gru, shape: tuple[int, ...]) -> Layers:
    """An encoder (B, T·C) → (B, L) and its mirror."""
    width = code_width(settings.bottleneck, shape, settings.patch, "patch")
    return LinearCode(shape, width, lambda: Branch(shape[1], settings))


class Branch(nn.Module):
    """(B, T, C) to the same, by a GRU over patches of some steps, read both ways; zero before it is trained."""

    def __init__(self, channels: int, settings: Gru) -> None:
        super().__init__()
        self.patch = settings.patch
        self.gru = nn.GRU(channels * settings.patch, settings.hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * settings.hidden, channels * settings.patch)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, windows: Tensor) -> Tensor:
        count, steps, channels = windows.shape
        padded = functional.pad(windows, (0, 0, 0, -steps % self.patch))
        patches = padded.reshape(count, -1, self.patch * channels)  # (B, T / patch, patch·C)
        changed: Tensor = self.out(self.gru(patches)[0]).reshape(count, -1, channels)
        return changed[:, :steps]
