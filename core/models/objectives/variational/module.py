"""The variational autoencoder (Kingma and Welling 2013, equation 10; KL term: appendix B), with beta (Higgins et al. 2017,
equation 4), a warm-up of it (Sønderby et al. 2016), and free bits (Kingma et al. 2016, equation 15).

All terms are a mean over columns, as everywhere here: the loss is the negative evidence lower bound by the number of
columns. Scores use the mean code, never a sample.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.models.base import Batch, Layers
from core.models.base import Objective as Plain
from core.results import Layout

USED = 0.01  # variance of a mean code over rows, where its prior has 1
LOG_VARIANCES = (-12.0, 6.0)  # of a code: beyond lies nothing but overflow


def kl_to_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) ‖ N(0, 1)) of each latent dimension, in nats, (B, L). Appendix B, with its sign turned."""
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance)


class Objective(Plain):
    """Codes are the means of their posteriors."""

    def __init__(self, layers: Layers, layout: Layout, settings: Any, number_loss: str = "squared") -> None:
        super().__init__(layers, layout, settings, number_loss)
        self.log_variance = nn.Linear(layers.code.in_features, layers.code.out_features)
        nn.init.zeros_(self.log_variance.weight)
        nn.init.constant_(self.log_variance.bias, -2.0)  # narrow clouds first: what is sampled must be readable
        # A likelihood is a sum over columns, the heads give the mean.
        self.columns = len(layout.columns) if len(layout.row_shape) == 1 else layout.width

    def corrupt(self, batch: Batch, generator: torch.Generator) -> Batch:
        shape = (len(batch.values), self.layers.code.out_features)
        return Batch(
            batch.values, batch.observed, noise=torch.randn(shape, generator=generator).to(batch.values.device)
        )

    def posterior(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance of each row's code, (B, L) each."""
        features = self.layers.features(values)  # (B, F)
        return self.layers.code(features), self.log_variance(features).clamp(*LOG_VARIANCES)

    def loss_terms(self, batch: Batch) -> dict[str, Tensor]:
        mean, log_variance = self.posterior(batch.values)
        codes = mean if batch.noise is None else mean + torch.exp(0.5 * log_variance) * batch.noise  # (B, L)
        rebuilt = self.heads.losses(self.decode(codes), batch.values, batch.observed)
        return {"reconstruction": rebuilt, "KL": self.beta() * self.kl(mean, log_variance) / self.columns}

    def kl(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        """The KL term of each row in nats, (B,), with free bits by latent dimension over the batch."""
        by_dimension = kl_to_standard_normal(mean, log_variance)  # (B, L)
        if not self.settings.free_bits:
            return by_dimension.sum(dim=1)  # (B,)
        return by_dimension.mean(dim=0).clamp(min=self.settings.free_bits).sum().expand(len(mean))  # (B,)

    def negative_bound(self, values: Tensor, output: Tensor, observed: Tensor | None) -> Tensor | None:
        """At the mean code, in nats, (B,). output: the rows as they are rebuilt from it."""
        kl = kl_to_standard_normal(*self.posterior(values)).sum(dim=1)  # (B,)
        return self.heads.losses(output, values, observed) * self.columns + kl

    def usage(self, codes: Tensor) -> float:
        """Active units as Burda et al. (2016), section 5.2: the mean code varies by more than 0.01."""
        return float((codes.var(dim=0) > USED).float().mean()) if len(codes) > 1 else 1.0

    def beta(self) -> float:
        """As it is now: in the warm-up it grows in proportion, and what is only looked at has all of it."""
        warm_up = self.settings.warm_up
        grown = min(1.0, self.done / warm_up) if warm_up and self.training else 1.0
        return float(self.settings.beta * grown)
