"""A linear code that starts as PCA, and beside it, on both sides, a hidden layer that starts at zero."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core.models.base import Layers
from core.models.heads import Heads
from core.models.layers.around_pca.spec import AroundPCA, code_of
from core.models.layers.bends import behind
from core.models.layers.linear_code import principal

SURE = 6.0  # a probability's logit goes up by so much from 0 to 1 of what the PCA makes of it
LIGHTEST = 1e-6  # weight of a cell: one that counts for nothing is still divided by


def build(settings: AroundPCA, shape: tuple[int, ...]) -> Layers:
    """An encoder (B, D) → (B, L) and its mirror."""
    width = math.prod(shape)
    return LayersAroundPCA(width, code_of(settings, width), settings)


class Beside(nn.Module):
    """A linear map of what comes in and, side by side with it, of a hidden layer, whose part is nothing at first."""

    def __init__(self, inputs: int, outputs: int, settings: AroundPCA) -> None:
        super().__init__()
        hidden = settings.hidden_width
        self.inputs = inputs
        self.hidden = nn.Sequential(
            nn.Linear(inputs, hidden), *behind(hidden, settings.activation, dropout=settings.dropout)
        )
        self.last = nn.Linear(inputs + hidden, outputs)
        nn.init.zeros_(self.last.weight[:, inputs:])

    def features(self, values: Tensor) -> Tensor:
        return torch.cat([values, self.hidden(values)], dim=1)

    def forward(self, values: Tensor) -> Tensor:
        output: Tensor = self.last(self.features(values))
        return output

    @torch.no_grad()
    def begin(self, weight: Tensor, bias: Tensor) -> None:
        """With a linear map, (O, I) and (O,), and nothing of the hidden layer."""
        self.last.weight[: len(weight), : self.inputs] = weight.to(self.last.weight.dtype)
        self.last.bias[: len(bias)] = bias.to(self.last.bias.dtype)


class LayersAroundPCA(Layers):
    """What is learned is the rest of a linear path, as in He et al. (2016), which begins as the PCA of Pearson (1901)."""

    encoder: Beside
    decoder: Beside
    start_rows = 10_000

    def __init__(self, width: int, code: int, settings: AroundPCA) -> None:
        super().__init__()
        self.encoder = Beside(width, code, settings)
        self.decoder = Beside(code, width, settings)

    def features(self, values: Tensor) -> Tensor:
        return self.encoder.features(values)

    @property
    def code(self) -> nn.Linear:
        return self.encoder.last

    @torch.no_grad()
    def start(self, values: Tensor, heads: Heads) -> None:
        """Begin as PCA of some rows, (B, D), cells weighed as the loss does, with codes of unit variance.

        What the heads take as a logit begins at one that goes by the PCA's 0 … 1. Units of the code beyond the PCA's
        keep their random start, and tell the decoder nothing yet.
        """
        scale = heads.weight.double().clamp(min=LIGHTEST).sqrt()  # (D,)
        down, back, mean = principal(values.double() * scale, self.code.out_features)  # (K, D), (D, K), (D,)
        self.encoder.begin(down * scale, -(down @ mean))
        steep = torch.ones_like(scale)
        steep[heads.binary] = SURE
        for start, stop in heads.categorical:
            steep[start:stop] = SURE
        up = torch.zeros(len(scale), self.code.out_features, dtype=scale.dtype)
        up[:, : len(down)] = back * (steep / scale)[:, None]
        self.decoder.begin(up, (mean / scale - 0.5 * (steep > 1)) * steep)
