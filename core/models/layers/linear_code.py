"""What the layers for windows of a series share: a linear code that starts as PCA, with a branch along time before and
after it that starts at zero and learns what is not linear.

From random starts such networks lose to PCA on the few windows that a series has; so they begin as PCA.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from core.models.base import Layers
from core.models.heads import Heads

# What varies less is no direction: as a share of the strongest one's variance, and in squares of encoded numbers.
FLAT, STILL = 1e-6, 1e-8


class LinearCode(Layers):
    """code = W(x + before(x)); output = y + after(y) with y = V(code). `branch` makes each of the two."""

    encoder: Encoder
    decoder: Decoder
    start_rows = 2_000

    def __init__(self, shape: tuple[int, ...], width: int, branch: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.encoder = Encoder(shape, width, branch())
        self.decoder = Decoder(shape, width, branch())

    def features(self, values: Tensor) -> Tensor:
        return self.encoder.features(values)

    @property
    def code(self) -> nn.Linear:
        return self.encoder.code

    @torch.no_grad()
    def start(self, values: Tensor, heads: Heads) -> None:
        """Begin as PCA of some windows, (B, T·C), with codes of unit variance (Pearson 1901; Hotelling 1933)."""
        down, up, mean = principal(values.double(), self.encoder.code.out_features)
        found = len(down)
        self.encoder.code.weight[:found] = down.to(values.dtype)
        self.encoder.code.bias.zero_()
        self.encoder.code.bias[:found] = -(down @ mean).to(values.dtype)
        self.decoder.code.weight[:, :found] = up.to(values.dtype)
        self.decoder.code.weight[:, found:] = 0.0
        self.decoder.code.bias.copy_(mean)


class Encoder(nn.Module):
    """(B, T·C) → (B, L)."""

    def __init__(self, shape: tuple[int, ...], width: int, before: nn.Module) -> None:
        super().__init__()
        self.shape, self.before = shape, before
        self.code = nn.Linear(math.prod(shape), width)

    def features(self, values: Tensor) -> Tensor:
        windows = values.view(-1, *self.shape)  # (B, T, C)
        features: Tensor = (windows + self.before(windows)).flatten(1)  # (B, T·C)
        return features

    def forward(self, values: Tensor) -> Tensor:
        code: Tensor = self.code(self.features(values))  # (B, L)
        return code


class Decoder(nn.Module):
    """(B, L) → (B, T·C)."""

    def __init__(self, shape: tuple[int, ...], width: int, after: nn.Module) -> None:
        super().__init__()
        self.shape, self.after = shape, after
        self.code = nn.Linear(width, math.prod(shape))

    def forward(self, codes: Tensor) -> Tensor:
        windows: Tensor = self.code(codes).view(-1, *self.shape)  # (B, T, C)
        output: Tensor = (windows + self.after(windows)).flatten(1)
        return output


def principal(rows: Tensor, most: int) -> tuple[Tensor, Tensor, Tensor]:
    """The PCA of rows (B, D) whose codes have unit variance: into the code (K, D), back from it (D, K), and the middle (D,)."""
    mean = rows.mean(dim=0)
    axes, spread = _directions(rows - mean, most)
    return axes / spread[:, None], (axes * spread[:, None]).T, mean


def _directions(centred: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """The directions of most variance, (K, D), and the spread along each, (K,): K ≤ most, fewer where there are none.

    By the smaller of the two matrices of products, so that neither many windows nor wide ones are dear.
    """
    rows, width = centred.shape
    wide = rows < width
    products = centred @ centred.T if wide else centred.T @ centred
    variances, vectors = torch.linalg.eigh(products)
    kept = min(most, rows - 1, width)
    variances, vectors = variances.flip(0)[:kept], vectors.flip(1)[:, :kept]
    real = variances > (FLAT * variances[:1]).clamp(min=STILL * rows)
    variances, vectors = variances[real], vectors[:, real]
    axes = (centred.T @ vectors / variances.sqrt()).T if wide else vectors.T  # (K, D)
    strongest = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True))  # the sign of an axis is arbitrary: fix it
    return axes * strongest.sign(), (variances / rows).sqrt()
