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
from core.models.layers.bends import ACTIVATIONS
from core.models.layers.convolutional.spec import KERNEL, Convolutional, sizes


def build(settings: Convolutional, shape: tuple[int, ...]) -> Layers:
    """An encoder (B, H·W·C) → (B, L) and its mirror."""
    levels = sizes(settings, shape)
    layers = ConvolutionalLayers(levels[0], settings.shift)
    layers.encoder = Encoder(levels, settings)
    layers.decoder = Decoder(levels, settings)
    return layers


class ConvolutionalLayers(Layers):
    """Both halves, and training images that are moved a little."""

    encoder: Encoder
    decoder: Decoder
    halves = True

    def __init__(self, shape: tuple[int, int, int], shift: int) -> None:
        super().__init__()
        self.shape, self.shift = shape, shift

    def features(self, values: Tensor) -> Tensor:
        return self.encoder.small(values, self.levels - 1).flatten(1)

    @property
    def code(self) -> nn.Linear:
        return self.encoder.code

    @property
    def levels(self) -> int:
        """Each halving is one, the vector is the last."""
        return len(self.decoder.maps) + 1

    def partial(self, values: Tensor, levels: int) -> Tensor:
        return self.encode(values) if levels == self.levels else self.encoder.small(values, levels).flatten(1)

    def shallow(self, values: Tensor, levels: int) -> Tensor:
        if levels == self.levels:
            return self.decode(self.encode(values))
        return self.decoder.grow(self.encoder.small(values, levels), levels)

    def level(self, number: int) -> list[nn.Parameter]:
        if number == self.levels - 1:
            return [*self.encoder.code.parameters(), *self.decoder.code.parameters()]
        return [*self.encoder.one(number).parameters(), *self.decoder.one(self.levels - 2 - number).parameters()]

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
            parts.append(nn.Conv2d(outer[2], inner[2], KERNEL, stride=2, padding=1))
            parts += _behind(inner[2], settings)
        self.maps = nn.Sequential(*parts)
        self.step = len(parts) // (len(levels) - 1)  # modules of a level
        self.code = nn.Linear(math.prod(levels[-1]), settings.bottleneck)

    def small(self, values: Tensor, levels: int) -> Tensor:
        """The maps after so many halvings, (B, C, H, W)."""
        images = values.view(-1, *self.shape).permute(0, 3, 1, 2)  # (B, C, H, W), channels last in memory
        maps: Tensor = self.maps[: levels * self.step](images)
        return maps

    def one(self, level: int) -> nn.Module:
        return self.maps[level * self.step : (level + 1) * self.step]

    def forward(self, values: Tensor) -> Tensor:
        maps = self.small(values, len(self.maps) // self.step)
        code: Tensor = self.code(maps.flatten(1))  # (B, L)
        return code


class Decoder(nn.Module):
    """A vector becomes a small map, which grows level by level."""

    def __init__(self, levels: tuple[tuple[int, int, int], ...], settings: Convolutional) -> None:
        super().__init__()
        self.height, self.width, self.channels = levels[-1]
        self.grown = [level[:2] for level in levels[-2::-1]]
        self.code = nn.Linear(settings.bottleneck, math.prod(levels[-1]))
        pairs = list(pairwise(levels[::-1]))
        self.before = nn.ModuleList(nn.Sequential(*_behind(inner[2], settings)) for inner, _ in pairs)
        self.maps = nn.ModuleList(nn.Conv2d(inner[2], outer[2], KERNEL, padding=1) for inner, outer in pairs)

    def grow(self, maps: Tensor, levels: int) -> Tensor:
        """Maps (B, C, H, W) through the outermost levels, (B, H·W·C)."""
        first = len(self.maps) - levels
        for before, convolution, size in zip(self.before[first:], self.maps[first:], self.grown[first:], strict=True):
            maps = before(maps)
            with torch.autocast(maps.device.type, enabled=False):  # which would resize in float32, and cast to and fro
                maps = functional.interpolate(maps, size=size, mode="nearest")
            maps = convolution(maps)
        return maps.permute(0, 2, 3, 1).flatten(1)  # (B, H·W·C)

    def one(self, number: int) -> nn.Module:
        return nn.ModuleList([self.before[number], self.maps[number]])

    def forward(self, codes: Tensor) -> Tensor:
        maps: Tensor = self.code(codes).view(-1, self.channels, self.height * self.width)  # (B, C, H·W)
        # Channels last in memory, in words that torch also knows where it runs members of an ensemble at once.
        maps = maps.transpose(1, 2).contiguous().view(-1, self.height, self.width, self.channels)  # (B, H, W, C)
        return self.grow(maps.permute(0, 3, 1, 2), len(self.maps))


def _behind(maps: int, settings: Convolutional) -> list[nn.Module]:
    parts: list[nn.Module] = [nn.BatchNorm2d(maps)] if settings.normalisation == "batch" else []
    parts.append(ACTIVATIONS[settings.activation]())
    if settings.dropout:
        parts.append(nn.Dropout2d(settings.dropout))
    return parts
