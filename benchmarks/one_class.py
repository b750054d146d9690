"""One digit as the normal class: the convolutional autoencoder beside PCA, IsolationForest and kNN on the same pixels.

`python -m benchmarks.one_class [SEEDS]`. For each digit of the shared MNIST subset: fitted on a random half of its
images, scored on the other half and on 1,000 images of other digits. AUROC, mean over the ten digits.
"""

from __future__ import annotations

import gzip
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from benchmarks.measure import write
from core.datasets.encoding import PictureEncoder
from core.datasets.encoding.pictures import PictureRows
from core.models.base import build
from core.results import Dataset, Pictures, Reading, Some
from core.scoring import BASELINES
from core.scoring.baselines import baseline_scores
from core.scoring.pictures import SCORES, look, reference_of, small
from core.scoring.trained import Trained
from core.specs import RunSpec, suited
from core.training.loop import Trainer

IMAGES = Path(__file__).parents[2] / "shared" / "data" / "mnist_5k.csv.gz"
OTHERS = 1_000


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with gzip.open(IMAGES) as file:
        table = np.loadtxt(file, delimiter=",")
    images, digits = table[:, :784].astype(np.uint8).reshape(-1, 28, 28, 1), table[:, 784].astype(int)
    names = [*(f"autoencoder, {name}" for name in SCORES), *BASELINES]
    found, began = np.zeros((seeds, 10, len(names))), time.time()
    for seed in range(seeds):
        for digit in range(10):
            found[seed, digit] = one(images, digits, digit, seed)
            print(seed, digit, np.round(found[seed, digit], 4), flush=True)
    by_seed = found.mean(axis=1)
    margin = by_seed[:, 0] - by_seed[:, len(SCORES) :].max(axis=1)
    rows = [[name, f"{by_seed[:, i].mean():.4f} ± {by_seed[:, i].std():.4f}"] for i, name in enumerate(names)]
    write(
        "one_class",
        "One digit as the normal class",
        [
            f"MNIST, 5,000 images, mean AUROC over ten digits, {seeds} seeds, one thread, "
            f"{(time.time() - began) / seeds / 10:.1f} s a digit.",
            f"Margin over the best of the three simple methods: {margin.mean():+.4f} (by seed {margin.round(4).tolist()}).",
        ],
        ["method", "AUROC"],
        rows,
        {"auroc": dict(zip(names, by_seed.mean(axis=0).tolist(), strict=True)), "margin": margin.tolist()},
    )


def one(images: np.ndarray, digits: np.ndarray, digit: int, seed: int) -> list[float]:
    """AUROC of each score and each simple method, for one digit."""
    generator = np.random.default_rng([seed, digit])
    mine = generator.permutation(np.flatnonzero(digits == digit))
    fitted, held = np.split(mine, [len(mine) // 2])
    others = generator.choice(np.flatnonzero(digits != digit), OTHERS, replace=False)
    pieces = images[np.concatenate([fitted, held, others])]
    found = scored(pieces, len(fitted), True, seed)[len(fitted) :]
    strange = np.r_[np.zeros(len(held)), np.ones(OTHERS)]
    return [float(roc_auc_score(strange, scores)) for scores in found.T]


def scored(pieces: np.ndarray, fitted: int, clean: bool, seed: int) -> np.ndarray:
    """What each score and each simple method, fitted on the first of the images, says of all of them, (N, methods)."""
    spec = image_spec(pieces, fitted, RunSpec(assume_clean=clean))
    spec = spec.model_copy(update={"training": spec.training.model_copy(update={"seed": seed})})
    trained, rows, _ = learned_images(pieces, fitted, spec, seed)
    methods = baseline_scores(small(rows), np.arange(fitted), trained.width, seed)
    return np.column_stack([look(trained, rows).scores, methods])


def image_spec(pieces: np.ndarray, fitted: int, spec: RunSpec) -> RunSpec:
    """As it suits the first of the images, (N, H, W, 1)."""
    pictures = _pictures(pieces, fitted)
    empty = Dataset("", "", "", "", (), 0.0, None, "", "", "", "", "", fitted, (), Reading(), 0, pictures=pictures)
    return suited(spec, empty)


def learned_images(
    pieces: np.ndarray, fitted: int, spec: RunSpec, seed: int
) -> tuple[Trained, PictureRows, np.ndarray]:
    """A run's network and what is usual to it, from the first of the images; all of them as it sees them, and their places."""
    places = np.zeros((len(pieces), 5), np.int32)
    places[:, 0], places[:, 3], places[:, 4] = np.arange(len(pieces)), pieces.shape[1], pieces.shape[2]
    items = np.arange(fitted)
    encoder = PictureEncoder.fit(_pictures(pieces, fitted), pieces, items)
    rows = encoder.rows(pieces, places)
    torch.manual_seed(seed)
    network = build(spec, encoder.layout)
    order = np.random.default_rng(seed).permutation(items)
    kept = int(spec.training.validation_share * len(order))
    trainer = Trainer(network, rows, np.sort(order[kept:]), np.sort(order[:kept]), spec.training, torch.device("cpu"))
    for _ in trainer.epochs():
        pass
    trainer.use_best()
    trained = Trained(encoder, network, spec)
    return replace(trained, reference=reference_of(trained, Some(rows, items))), rows, places


def _pictures(pieces: np.ndarray, fitted: int) -> Pictures:
    return Pictures("fit", pieces.shape[1], pieces.shape[2], 1, fitted, "", "")


if __name__ == "__main__":
    main()
