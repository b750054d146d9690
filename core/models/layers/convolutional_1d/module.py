"""Convolutions along time around a linear code."""

from __future__ import annotations

from torch import Tensor, nn

from core.models.base import Layers
from core.models.layers.bends import behind
from core.models.layers.convolutional_1d.spec import Convolutional1d
from core.models.layers.linear_code import LinearCode
from core.models.layers.linear_width import code_width


def build(settings: Convolutional1d, shape: tuple[int, ...]) -> Layers:
    """An encoder (B, T·C) → (B, L) and its mirror."""
    width = code_width(settings.bottleneck, shape, settings.kernel, "kernel")
    return LinearCode(shape, width, lambda: Branch(shape[1], settings))


class Branch(nn.Module):
    """(B, T, C) to the same, by convolutions along time; zero before it is trained."""

    def __init__(self, channels: int, settings: Convolutional1d) -> None:
        super().__init__()
        hidden, kernel = settings.hidden, settings.kernel
        last = nn.Conv1d(hidden, channels, 1)
        self.layers = nn.Sequential(
            nn.Conv1d(channels, hidden, kernel, padding=kernel // 2),
            *behind(hidden, settings.activation, dropout=settings.dropout),
            nn.Conv1d(hidden, hidden, kernel, padding=kernel // 2),
            *behind(hidden, settings.activation, dropout=settings.dropout),
            last,
        )
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)  # type: ignore[arg-type]

    def forward(self, windows: Tensor) -> Tensor:
        changed: Tensor = self.layers(windows.transpose(1, 2)).transpose(1, 2)
        return changed
