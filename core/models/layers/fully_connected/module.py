"""Fully connected encoder and decoder, linear at the bottleneck and at the output."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models.base import Layers
from core.models.layers.bends import behind
from core.models.layers.fully_connected.spec import FullyConnected, widths


def build(settings: FullyConnected, shape: tuple[int, ...]) -> Layers:
    """An encoder (B, D) → (B, L) and its mirror, for rows of D cells in any shape."""
    half = widths(settings, math.prod(shape))
    return TiedLayers(half, settings) if settings.tied else FullyConnectedLayers(half, settings)


class FullyConnectedLayers(Layers):
    """Two chains of linear maps. `ends`: after which module each level of the encoder is over."""

    encoder: nn.Sequential
    decoder: nn.Sequential

    def __init__(self, half: tuple[int, ...], settings: FullyConnected) -> None:
        super().__init__()
        self.encoder, self.ends = _stack(half, settings)
        self.decoder, self.returns = _stack(half[::-1], settings)

    @property
    def levels(self) -> int:
        return len(self.ends)

    def partial(self, values: Tensor, levels: int) -> Tensor:
        found: Tensor = self.encoder[: self.ends[levels - 1]](values)
        return found

    def shallow(self, values: Tensor, levels: int) -> Tensor:
        output: Tensor = self.decoder[self._entry(levels) :](self.partial(values, levels))
        return output

    def level(self, number: int) -> list[nn.Parameter]:
        down = self.encoder[([0, *self.ends])[number] : self.ends[number]]
        up = self.decoder[self._entry(number + 1) : self.returns[self.levels - 1 - number]]
        return [*down.parameters(), *up.parameters()]

    def _entry(self, levels: int) -> int:
        """The decoder's module that the code of so many levels goes into."""
        return ([0, *self.returns])[self.levels - levels]


class TiedLayers(Layers):
    """The decoder uses the encoder's weights, transposed (Bengio et al. 2006), with biases of its own."""

    encoder: nn.Sequential
    decoder: nn.ModuleList  # of (bias, what stands behind), from the code outwards

    def __init__(self, half: tuple[int, ...], settings: FullyConnected) -> None:
        super().__init__()
        self.encoder, self.ends = _stack(half, settings)
        back = half[::-1]
        self.decoder = nn.ModuleList(
            Turned(width, settings, last=i == len(half) - 2) for i, width in enumerate(back[1:])
        )

    def decode(self, codes: Tensor) -> Tensor:
        return self._up(codes, self.levels)

    @property
    def levels(self) -> int:
        return len(self.ends)

    def partial(self, values: Tensor, levels: int) -> Tensor:
        found: Tensor = self.encoder[: self.ends[levels - 1]](values)
        return found

    def shallow(self, values: Tensor, levels: int) -> Tensor:
        return self._up(self.partial(values, levels), levels)

    def _up(self, codes: Tensor, levels: int) -> Tensor:
        linear = [module for module in self.encoder if isinstance(module, nn.Linear)]
        for number in range(levels - 1, -1, -1):
            codes = self.decoder[self.levels - 1 - number](codes, linear[number].weight)
        return codes

    def level(self, number: int) -> list[nn.Parameter]:
        down = self.encoder[([0, *self.ends])[number] : self.ends[number]]
        return [*down.parameters(), *self.decoder[self.levels - 1 - number].parameters()]


class Turned(nn.Module):
    """One linear map of the decoder: another's weight, transposed, and a bias of its own."""

    def __init__(self, width: int, settings: FullyConnected, *, last: bool) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(width))
        self.behind = nn.Sequential(*([] if last else _behind(width, settings)))

    def forward(self, codes: Tensor, weight: Tensor) -> Tensor:
        output: Tensor = self.behind(functional.linear(codes, weight.t(), self.bias))  # (B, O)
        return output


def _stack(sizes: tuple[int, ...], settings: FullyConnected) -> tuple[nn.Sequential, list[int]]:
    """A chain of linear maps, and after which module each of them is over with what stands behind it."""
    parts: list[nn.Module] = []
    ends: list[int] = []
    for i, (before, after) in enumerate(pairwise(sizes)):
        parts.append(nn.Linear(before, after))
        if i < len(sizes) - 2:
            parts += _behind(after, settings)
        ends.append(len(parts))
    return nn.Sequential(*parts), ends


def _behind(width: int, settings: FullyConnected) -> list[nn.Module]:
    return behind(width, settings.activation, settings.normalisation, settings.dropout)
