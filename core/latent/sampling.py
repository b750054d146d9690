"""New codes: from the prior of a variational network, from a normal distribution fitted to the codes of any other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def prior_codes(count: int, width: int, seed: int) -> NDArray[np.float32]:
    """Codes of a standard normal distribution, the prior of a variational autoencoder, (N, L)."""
    return np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)


def fitted_codes(codes: NDArray[np.float32], count: int, seed: int) -> NDArray[np.float32]:
    """Codes of a normal distribution with mean and covariance of those given, (W, L) → (N, L)."""
    values = codes.astype(np.float64)
    mean, covariance = values.mean(axis=0), np.atleast_2d(np.cov(values, rowvar=False))
    drawn = np.random.default_rng(seed).multivariate_normal(mean, covariance, count, method="eigh")
    return drawn.astype(np.float32)
