"""Convolutional encoder and decoder: strided convolutions down to a vector, resized maps and convolutions back.

Resizing before a convolution, rather than a transposed one, leaves no checkerboard (Odena et al., 2016) and gives
each level the very size that it had on the way down, odd ones too.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models.base import Layers
from core.models.layers.convolutional.spec import KERNEL, Convolutional, sizes
from core.models.layers.fully_connected.module import ACTIVATIONS


def build(settings: Convolutional, shape: tuple[int, ...]) -> Layers:
    """An encoder (B, H·W·C) → (B, L) and its mirror."""
    levels = sizes(settings, shape)
    layers = ConvolutionalLayers(levels[0], settings.shift)
    layers.encoder = Encoder(levels, settings)
    layers.decoder = Decoder(levels, settings)
    return layers


class ConvolutionalLayers(Layers):
    """Both halves, and training images that are moved a little."""

    def __init__(self, shape: tuple[int, int, int], shift: int) -> None:
        super().__init__()
        self.shape, self.shift = shape, shift

    def vary(self, values: Tensor, generator: torch.Generator) -> Tensor:
        """Each image moved by up to `shift` pixels either way, its edge repeated, (B, H·W·C)."""
        if not self.shift:
            return values
        height, width, channels = self.shape
        images = values.view(-1, height, width, channels)
        count, most = len(images), self.shift
        moved = torch.randint(-most, most + 1, (2, count, 1), generator=generator).to(values.device)
        rows = (torch.arange(height, device=values.device) + moved[0]).clamp(0, height - 1)  # (B, H)
        columns = (torch.arange(width, device=values.device) + moved[1]).clamp(0, width - 1)  # (B, W)
        which = torch.arange(count, device=values.device)[:, None, None]
        return images[which, rows[:, :, None], columns[:, None, :]].flatten(1)


class Encoder(nn.Module):
    """Halves height and width at each level; what is left becomes a vector."""

    def __init__(self, levels: tuple[tuple[int, int, int], ...], settings: Convolutional) -> None:
        super().__init__()
        self.shape = levels[0]
        parts: list[nn.Module] = []
        for outer, inner in pairwise(levels):
            parts += [nn.Conv2d(outer[2], inner[2], KERNEL, stride=2, padding=1), ACTIVATIONS[settings.activation]()]
        self.maps = nn.Sequential(*parts)
        self.code = nn.Linear(math.prod(levels[-1]), settings.bottleneck)

    def forward(self, values: Tensor) -> Tensor:
        images = values.view(-1, *self.shape).permute(0, 3, 1, 2)  # (B, C, H, W), channels last in memory
        code: Tensor = self.code(self.maps(images).flatten(1))  # (B, L)
        return code


class Decoder(nn.Module):
    """A vector becomes a small map, which grows level by level."""

    def __init__(self, levels: tuple[tuple[int, int, int], ...], settings: Convolutional) -> None:
        super().__init__()
        self.height, self.width, self.channels = levels[-1]
        self.grown = [level[:2] for level in levels[-2::-1]]
        self.code = nn.Linear(settings.bottleneck, math.prod(levels[-1]))
        self.bend = ACTIVATIONS[settings.activation]()
        self.maps = nn.ModuleList(
            nn.Conv2d(inner[2], outer[2], KERNEL, padding=1) for inner, outer in pairwise(levels[::-1])
        )

    def forward(self, codes: Tensor) -> Tensor:
        maps: Tensor = self.code(codes).view(-1, self.channels, self.height, self.width)  # (B, C, H, W)
        for convolution, size in zip(self.maps, self.grown, strict=True):
            maps = convolution(functional.interpolate(self.bend(maps), size=size, mode="nearest"))
        return maps.permute(0, 2, 3, 1).flatten(1)  # (B, H·W·C)
