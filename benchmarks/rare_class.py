"""One digit that is rare among the others: the convolutional autoencoder beside PCA, IsolationForest and kNN on the same pixels.

`python -m benchmarks.rare_class [SEEDS]`. For each digit of scikit-learn's 8 × 8 digits, and of the shared MNIST subset: all
images of the other digits and so many of this one that it is 3 % of all; fitted on all of them, all scored. AUROC and average
precision, mean over the ten digits.
"""

from __future__ import annotations

import gzip
import sys
import time

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.measure import write
from benchmarks.one_class import IMAGES, scored
from core.scoring import BASELINES
from core.scoring.pictures import SCORES

RARE = 0.03  # of all images


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    small = load_digits()
    with gzip.open(IMAGES) as file:
        table = np.loadtxt(file, delimiter=",")
    sets = {
        "digits": ((small.images * 255 / 16).round().astype(np.uint8)[..., None], small.target),
        "MNIST": (table[:, :784].astype(np.uint8).reshape(-1, 28, 28, 1), table[:, 784].astype(int)),
    }
    names = [*(f"autoencoder, {name}" for name in SCORES), *BASELINES]
    found, began = np.zeros((len(sets), seeds, 10, len(names), 2)), time.time()
    for s, (title, (images, digits)) in enumerate(sets.items()):
        for seed in range(seeds):
            for digit in range(10):
                found[s, seed, digit] = one(images, digits, digit, seed)
                print(title, seed, digit, np.round(found[s, seed, digit, :, 0], 4), flush=True)
    by_seed = found.mean(axis=2)  # (sets, seeds, methods, 2)
    margin = by_seed[:, :, 0, 0] - by_seed[:, :, len(SCORES) :, 0].max(axis=2)
    rows = [
        [
            name,
            *(
                f"{area.mean():.4f} ± {area.std():.4f} / {precision.mean():.3f}"
                for area, precision in by_seed[:, :, i].transpose(0, 2, 1)
            ),
        ]
        for i, name in enumerate(names)
    ]
    write(
        "rare_class",
        "One digit that is rare among the others",
        [
            f"{RARE:.0%} of the images are of one digit, AUROC / average precision, mean over ten digits, {seeds} seeds, one thread, "
            f"{(time.time() - began) / seeds / 20:.1f} s a digit.",
            "Margin in AUROC over the best of the three simple methods: "
            + ", ".join(f"{title} {each.mean():+.4f}" for title, each in zip(sets, margin, strict=True))
            + ".",
        ],
        ["method", *sets],
        rows,
        {"margin": dict(zip(sets, margin.mean(axis=1).tolist(), strict=True))},
    )


def one(images: np.ndarray, digits: np.ndarray, digit: int, seed: int) -> list[tuple[float, float]]:
    """AUROC and average precision of each score and each simple method, for one digit."""
    others = np.flatnonzero(digits != digit)
    few = round(RARE / (1 - RARE) * len(others))
    rare = np.random.default_rng([seed, digit]).choice(np.flatnonzero(digits == digit), few, replace=False)
    chosen = np.sort(np.concatenate([others, rare]))
    strange = digits[chosen] == digit
    found = scored(images[chosen], len(chosen), False, seed)
    return [(float(roc_auc_score(strange, each)), float(average_precision_score(strange, each))) for each in found.T]


if __name__ == "__main__":
    main()
