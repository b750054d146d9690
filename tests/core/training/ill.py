"""Data and settings that provoke each finding, and data that is well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Ill:
    """A training that has to be found ill, by one name."""

    name: str
    data: Callable[[], Any]
    settings: dict[str, Any] = field(default_factory=dict)
    model: str = "vanilla"
    beside: frozenset[str] = frozenset()  # alarms that may be raised as well, being true too


def low_rank(rows: int = 600, width: int = 12, rank: int = 4, noise: float = 0.3, seed: int = 0) -> NDArray[np.float64]:
    """Rows (N, D) near a plane."""
    generator = np.random.default_rng(seed)
    flat = generator.normal(size=(rows, rank)) @ generator.normal(size=(rank, width))
    return flat + noise * generator.normal(size=(rows, width))


def bent(rows: int = 600, width: int = 12, rank: int = 3, noise: float = 0.1, seed: int = 0) -> NDArray[np.float64]:
    """Rows (N, D) near a bent surface, which a PCA does not follow."""
    generator = np.random.default_rng(seed)
    hidden = generator.normal(size=(rows, rank))
    shape = np.tanh(hidden @ generator.normal(size=(rank, width)))
    waves = 0.3 * np.sin(2 * hidden @ generator.normal(size=(rank, width)))
    return shape + waves + noise * generator.normal(size=(rows, width))


def with_infinities() -> pd.DataFrame:
    """Bent rows, of which a few have an infinite cell."""
    table = pd.DataFrame(bent(600), columns=[f"sensor {i}" for i in range(12)])
    table.loc[[11, 205, 390], "sensor 3"] = np.inf
    return table


def unrelated(rows: int = 600, width: int = 12) -> NDArray[np.float64]:
    """Rows (N, D) whose columns have nothing to do with each other."""
    return np.random.default_rng(0).normal(size=(rows, width))


def with_column(name: str, values: Any) -> pd.DataFrame:
    """Bent rows with one column more."""
    table = pd.DataFrame(bent(len(values)), columns=[f"sensor {i}" for i in range(12)])
    return table.assign(**{name: values})


FAST = {"learning_rate": 3e-3, "epochs": 60}
ILL = (
    Ill(
        "diverged",
        low_rank,
        {"learning_rate": 1.0, "clip": 0.0, "optimiser": "SGD", "epochs": 20, "activation": "linear"},
    ),
    Ill(
        "overfitting",
        lambda: bent(60, noise=0.3),
        {
            "hidden_width": 512,
            "bottleneck": 6,
            "batch_size": 16,
            "validation_share": 0.3,
            **FAST,
            "epochs": 200,
            "patience": 50,
        },
        beside=frozenset({"no_better_than_pca"}),
    ),
    Ill("no_better_than_means", unrelated, {"bottleneck": 1, "epochs": 30, "learning_rate": 3e-3}, "masked"),
    Ill(
        "no_better_than_pca",
        low_rank,
        {**FAST, "dropout": 0.5},
    ),
    Ill("bottleneck_too_narrow", lambda: low_rank(600, 24, 10, 0.1), {"bottleneck": 2, **FAST}),
    Ill("learning_rate_too_large", low_rank, {"learning_rate": 0.3, "epochs": 40}, beside=frozenset({"dead_units"})),
    Ill("learning_rate_too_small", low_rank, {"learning_rate": 3e-5, "epochs": 40}),
    Ill("identity_mapping", lambda: low_rank(600, 12, 3, 0.05), {"bottleneck": 12, **FAST}),
    Ill(
        "dead_units",
        bent,
        {"learning_rate": 0.1, "epochs": 40},
        beside=frozenset({"learning_rate_too_large", "no_better_than_pca", "no_better_than_means"}),
    ),
    Ill(
        "unused_dimensions",
        lambda: low_rank(600, 12, 2, 0.1),
        {"bottleneck": 8, "epochs": 120, "learning_rate": 5e-3},
        "variational",
    ),
    Ill("posterior_collapse", low_rank, {"beta": 30.0, "epochs": 40, "learning_rate": 3e-3}, "variational"),
    Ill("sparsity_missed", low_rank, {"penalty": "KL", "active": 0.05, "epochs": 4, "learning_rate": 3e-3}, "sparse"),
    Ill("twins_across_validation", lambda: np.tile(bent(150), (4, 1)), FAST, beside=frozenset({"no_better_than_pca"})),
    Ill(
        "batch_larger_than_data",
        lambda: bent(150),
        {"batch_size": 256, "epochs": 60, "learning_rate": 3e-3},
        beside=frozenset({"no_better_than_pca", "learning_rate_too_small"}),
    ),
    Ill(
        "too_few_rows",
        lambda: bent(20),
        {"epochs": 5, "hidden_width": 256, "batch_size": 4},
        beside=frozenset({"learning_rate_too_small", "no_better_than_pca"}),
    ),
    Ill("infinite_cells", with_infinities, FAST),
    Ill("label_or_identifier", lambda: with_column("is_fraud", np.arange(600) % 2), FAST),
)
