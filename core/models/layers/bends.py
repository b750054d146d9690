"""What stands behind a linear map or a convolution: normalisation, a bend, dropout."""

from __future__ import annotations

from torch import Tensor, nn

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "linear": nn.Identity,
}


class BatchNorm(nn.BatchNorm1d):
    """Batch normalisation (Ioffe and Szegedy 2015) that takes one row as well: by what it has seen so far."""

    def forward(self, values: Tensor) -> Tensor:
        if self.training and len(values) == 1:
            self.eval()
            out = super().forward(values)
            self.train()
            return out
        return super().forward(values)


def behind(width: int, activation: str, normalisation: str = "none", dropout: float = 0.0) -> list[nn.Module]:
    """The modules behind a linear map to so many units."""
    parts: list[nn.Module] = []
    if normalisation == "layer":
        parts.append(nn.LayerNorm(width))
    if normalisation == "batch":
        parts.append(BatchNorm(width))
    parts.append(ACTIVATIONS[activation]())
    if dropout:
        parts.append(nn.Dropout(dropout))
    return parts
