"""The recommended detector for tables: what gives the score where nothing else was chosen.

A denoising autoencoder (Vincent et al. 2008) learns under noise of all strengths, and every row is compared with rows that it
learned from. Where these may hold anomalies, the worst rebuilt rows of each batch teach nothing, of the rows to compare with
the strangest are left out, as a first comparison with one another finds these, and the rows themselves are compared too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from core.models.base import build
from core.results import Rows
from core.scoring.detection import COMPARED, Detector, at_most, encoded_alike, fitted_on, least_strange, some_of
from core.scoring.scorers.neighbours import REFERENCE
from core.specs import RunSpec, Training
from core.training.loop import Trainer

STEPS, STEPS_CLEAN, HIDDEN, BATCH = 600, 1_000, 128, 64  # whatever the number of rows
WITH_GAPS = 2  # times as many steps and hidden units where cells are missing: what is known differs from row to row
EPOCH = 100 * BATCH  # rows that an epoch goes over at least
TRIM = 0.1  # share of each batch that teaches nothing, where there may be anomalies among the rows
SCORER, SCORER_CLEAN = "neighbours", "joint_neighbours"
DRAWN = math.ceil(REFERENCE / COMPARED)  # rows of which the least strange are compared with


def fit(
    data: Rows, rows: NDArray[np.int64], clean: bool, seed: int, check: Callable[[], None] = lambda: None
) -> Detector:
    """Fitted on some rows of the data. clean: whether these are known to hold no anomalies; check: may raise."""
    known = encoded_alike(data.take(some_of(rows, data.layout.width, seed)))
    scale = torch.from_numpy(data.layout.scale[data.layout.compared])
    every = np.arange(len(known))
    times = 1 if known.whole else WITH_GAPS
    each_epoch, epochs = rows_and_epochs(len(known), (STEPS_CLEAN if clean else STEPS) * times, seed)
    spec = spec_of(epochs, HIDDEN * times, clean, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(spec, known.layout)
        trainer = Trainer(network, known, each_epoch, every[:0], spec.training, torch.device("cpu"), check=check)
        for _ in trainer.epochs():
            pass
    trainer.use_best()
    unlike = None if bool((scale == 1).all()) else scale
    fitted = partial(fitted_on, network, known, clean=clean, seed=seed, own=spec, scale=unlike, gaps=True)
    if clean:
        return fitted(every, SCORER_CLEAN)
    drawn = at_most(every, DRAWN, seed)
    first = fitted(drawn, SCORER)
    kept = drawn[least_strange(first.score(known.take(drawn))[0], COMPARED)]
    return fitted(kept, SCORER)


def rows_and_epochs(count: int, steps: int, seed: int) -> tuple[NDArray[np.int64], int]:
    """Which of so many rows one epoch goes over, and how many epochs are so many steps. Of many rows it is a
    part, few are gone over again and again: an epoch has its price."""
    wanted = steps * BATCH
    if count > wanted:
        return np.sort(np.random.default_rng(seed).choice(count, wanted, replace=False)), 1
    every = np.arange(count)
    if count < (least := min(EPOCH, wanted)):
        every = np.tile(every, -(-least // count))[:least]
    return every, round(wanted / len(every))


def spec_of(epochs: int, hidden: int, clean: bool, seed: int) -> RunSpec:
    """The run of its network."""
    training = Training(
        epochs=epochs,
        batch_size=BATCH,
        learning_rate=6e-3,
        schedule="one cycle",
        optimiser="Adam",
        weight_decay=1e-5,
        clip=0.0,
        trim=0.0 if clean else TRIM,
        validation_share=0.0,
        seed=seed,
    )
    spec = RunSpec(
        objective="denoising",
        objective_settings={"noise": "gaussian up to", "strength": 1.0},  # in encoded units
        layer_settings={"bottleneck": 32, "hidden_width": hidden},
        training=training,
    )
    return spec.checked()
