"""The recommended detector for tables: what gives the score where nothing else was chosen.

A denoising autoencoder (Vincent et al. 2008) learns under noise of all strengths, and every row is compared with rows that it
learned from. Where these may hold anomalies it learns from the least strange half only. Which half that is says a quick
and coarse pass: small networks that see rows under strong noise, for so short a time that they know only what most rows
have in common.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.models.base import build
from core.results import Encoded, Rows
from core.scoring.detection import Detector, encoded_alike, fitted_on, least_strange, some_of
from core.specs import RunSpec, Training
from core.training.loop import Trainer

BATCH = 64
EPOCH = 100 * BATCH  # rows that an epoch goes over at least
LEAST_STRANGE = 0.5  # share of the rows that it learns from, where there may be anomalies among them


@dataclass(frozen=True)
class Recipe:
    """How one pass learns, and what it is asked afterwards."""

    noise: str
    strength: float  # standard deviation, in encoded units
    hidden: int
    steps: int
    members: int
    trim: float
    scorer: str

    def rows(self, count: int, seed: int) -> tuple[NDArray[np.int64], int]:
        """Which of so many rows one epoch goes over, and how many epochs are as many steps as are wanted. Of many rows it is a
        part, few are gone over again and again: an epoch has its price."""
        wanted = self.steps * BATCH
        if count > wanted:
            return np.sort(np.random.default_rng(seed).choice(count, wanted, replace=False)), 1
        every = np.arange(count)
        if count < min(EPOCH, wanted):
            every = np.tile(every, -(-EPOCH // count))[: min(EPOCH, wanted)]
        return every, round(wanted / len(every))

    def spec(self, epochs: int, seed: int) -> RunSpec:
        """The run of one pass."""
        training = Training(
            epochs=epochs,
            batch_size=BATCH,
            learning_rate=3e-3,
            optimiser="Adam",
            weight_decay=1e-5,
            clip=0.0,
            members=self.members,
            trim=self.trim,
            validation_share=0.0,
            seed=seed,
        )
        spec = RunSpec(
            objective="denoising",
            objective_settings={"noise": self.noise, "strength": self.strength},
            layer_settings={"bottleneck": 32, "hidden_width": self.hidden},
            training=training,
        )
        return spec.checked()


COARSE = Recipe("gaussian", 2.0, 64, 100, 4, 0.1, "residual_distance")
FINE = Recipe("gaussian up to", 1.0, 256, 2_000, 1, 0.0, "joint_neighbours")


def fit(
    data: Rows, rows: NDArray[np.int64], clean: bool, seed: int, check: Callable[[], None] = lambda: None
) -> Detector:
    """Fitted on some rows of the data. clean: whether these are known to hold no anomalies; check: may raise."""
    known = encoded_alike(data.take(some_of(rows, data.layout.width, seed)))
    if not clean:
        distances, _ = _learned(COARSE, known, False, seed, check)
        known = known.take(least_strange(distances, LEAST_STRANGE))
    return _learned(FINE, known, clean, seed, check)[1]


def _learned(
    recipe: Recipe, data: Encoded, clean: bool, seed: int, check: Callable[[], None]
) -> tuple[NDArray[np.float64], Detector]:
    """The distances of the rows that it was fitted on, (R,), and what it is."""
    rows, epochs = recipe.rows(len(data), seed)
    spec = recipe.spec(epochs, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(spec, data.layout)
        trainer = Trainer(network, data, rows, rows[:0], spec.training, torch.device("cpu"), check=check)
        for _ in trainer.epochs():
            pass
    trainer.use_best()
    return fitted_on(network, data, np.arange(len(data)), recipe.scorer, clean, seed, spec)
