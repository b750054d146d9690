"""The recommended detector for tables: what gives the score where nothing else was chosen.

A denoising autoencoder (Vincent et al. 2008) learns under noise of all strengths, and every row is compared with rows that it
learned from. Where these may hold anomalies it learns from the least strange half only. Which half that is says a quick
and coarse pass: small networks that see rows under strong noise, for so short a time that they know only what most rows
have in common.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.models.base import Objective, build
from core.results import Block, Encoded, Layout, Rows
from core.scoring.scorers import SCORERS, Fitted, Made
from core.scoring.trained import BLOCK, blocks, finite
from core.specs import RunSpec, Training
from core.training.loop import Trainer

MOST_ROWS = 50_000  # that are learned from
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


@dataclass(frozen=True)
class Recommended:
    """A network, what is asked of its answers, and what the answer is usually."""

    network: Objective
    scorer: Fitted
    usual: float  # distance of the middle one of the rows that it was fitted on
    owners: NDArray[np.int64]  # (D,): the source column of each cell

    @torch.inference_mode()
    def score(self, data: Rows) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """How many times the usual distance each row lies away, (N,), and each source column's part of it, (N, C), which
        sum to it. Raises TrainingFailed where one is not finite."""
        owner, columns = torch.from_numpy(self.owners), int(self.owners.max(initial=0)) + 1
        parts = []
        for made, real in answers(self.network, data):
            cells = self.scorer.parts(made) / self.usual  # (BLOCK, D)
            parts.append(cells.new_zeros(BLOCK, columns).index_add_(1, owner, cells)[:real].numpy())
        found = np.concatenate(parts)
        return finite(found.sum(axis=1)), found.astype(np.float32)


def fit(
    data: Rows, rows: NDArray[np.int64], clean: bool, seed: int, check: Callable[[], None] = lambda: None
) -> Recommended:
    """Fitted on some rows of the data. clean: whether these are known to hold no anomalies; check: may raise."""
    some = rows
    if len(rows) > MOST_ROWS:
        some = np.sort(np.random.default_rng(seed).choice(rows, MOST_ROWS, replace=False))
    known = data.take(some)
    known = Encoded(alike(known.layout), known.values, known.observed)
    if not clean:
        coarse, _ = _learned(COARSE, known, False, seed, check)
        least = coarse.argsort(stable=True)[: math.ceil(LEAST_STRANGE * len(known))]
        known = known.take(np.sort(least.numpy()))
    _, found = _learned(FINE, known, clean, seed, check)
    return found


def alike(layout: Layout) -> Layout:
    """The layout with every cell compared by its square, none more than another."""
    return Layout(
        tuple(Block(block.column, "squared", block.start, block.stop) for block in layout.blocks), layout.shape
    )


def _learned(
    recipe: Recipe, data: Encoded, clean: bool, seed: int, check: Callable[[], None]
) -> tuple[Tensor, Recommended]:
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
    with torch.inference_mode():
        every = list(answers(network, data))
        made = Made(
            torch.cat([made.rebuilt[:real] for made, real in every]),
            torch.cat([made.residuals[:real] for made, real in every]),
        )
        scorer = SCORERS.get(recipe.scorer).fit(made, clean, seed)
        distances = torch.cat([scorer.parts(made).sum(dim=1)[:real] for made, real in every])
        middle = float(distances.median()) or float(distances.mean()) or 1.0
    return distances, Recommended(network, scorer, middle, data.layout.owners)


def answers(network: Objective, data: Rows) -> Iterator[tuple[Made, int]]:
    """What the network makes of rows, block by block, and how many of each are real."""
    for _, values, observed, real in blocks(network, data):
        rebuilt = network.reconstruct(values).double()
        missed = values.double() - rebuilt
        yield Made(rebuilt, missed if observed is None else missed * observed), real
