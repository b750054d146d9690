"""Each family on handwritten digits: what it rebuilds beside PCA of equal width, what its codes tell, and what it is for.

`python -m benchmarks.families [SEEDS]`. The shared MNIST subset, 4,000 images to learn from and 1,000 held back, with the
convolutional layers and the training that the app takes for images, at bottlenecks of 2, 8 and 32. Linear probe: logistic
regression from codes to digits. Denoising: gain over the noisy image in decibels. Variational: drawn digits, judged by a
classifier of real ones: the share it is sure of (0.9 and more) and how evenly it finds the ten digits (entropy, of log 10).
"""

from __future__ import annotations

import gzip
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from benchmarks.measure import write
from core.datasets.encoding import PictureEncoder
from core.datasets.encoding.pictures import PictureRows
from core.latent.sampling import fitted_codes, prior_codes
from core.models.base import Objective, build
from core.results import Dataset, Pictures, Reading
from core.specs import OBJECTIVES, RunSpec, spec_from_settings, suited
from core.training.loop import Trainer

IMAGES = Path(__file__).parents[2] / "shared" / "data" / "mnist_5k.csv.gz"
WIDTHS, HELD, DRAWN, SURE = (2, 8, 32), 1_000, 1_000, 0.9
NOISE = 0.5  # standard deviation, in units of the pixels' spread


@dataclass(frozen=True)
class Digits:
    """The images on both sides, and what they show."""

    encoder: PictureEncoder
    rows: PictureRows
    digits: NDArray[np.int64]
    train: NDArray[np.int64]
    held: NDArray[np.int64]
    dataset: Dataset


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    data, began = digits(), time.time()
    judge = MLPClassifier((256,), random_state=0, max_iter=40, early_stopping=True)
    judge.fit(pixels(data, data.train), data.digits[data.train])
    known = float(judge.score(pixels(data, data.held), data.digits[data.held]))
    errors: dict[str, dict[int, list[float]]] = {}
    probes: dict[str, dict[int, list[float]]] = {}
    extra: dict[str, list[float]] = {}
    for width in WIDTHS:
        pca = PCA(width, random_state=0).fit(values(data, data.train))
        codes = [pca.transform(values(data, side)) for side in (data.train, data.held)]
        error = float(((pca.inverse_transform(codes[1]) - values(data, data.held)) ** 2).mean())
        keep(errors, "PCA", width, error)
        keep(probes, "PCA", width, probe(data, *codes))
        for name in OBJECTIVES:
            for seed in range(seeds):
                network = trained(data, name, width, seed)
                before = time.time()
                keep(errors, name, width, error_of(network, data))
                keep(
                    probes,
                    name,
                    width,
                    probe(data, codes_of(network, data.train, data), codes_of(network, data.held, data)),
                )
                special(extra, name, width, network, data, judge, seed)
                print(
                    name, width, seed, errors[name][width], probes[name][width], round(time.time() - before), flush=True
                )
    names = ["PCA", *OBJECTIVES]
    rows = [
        [
            name,
            *(spread(errors[name][width]) for width in WIDTHS),
            *(spread(probes[name][width], 3) for width in WIDTHS),
        ]
        for name in names
    ]
    said = [f"{name}: {spread(found, 3)}." for name, found in sorted(extra.items())]
    write(
        "families",
        "Families on handwritten digits",
        [
            f"MNIST, 4,000 images to learn from and {HELD:,} held back; mean squared error of encoded pixels (their variance is "
            f"1); {seeds} seed(s), one thread, {(time.time() - began) / seeds / len(WIDTHS) / len(names):.0f} s a network.",
            f"The classifier that judges drawn digits knows {known:.3f} of the held back ones.",
            *said,
        ],
        ["family", *(f"error at {width}" for width in WIDTHS), *(f"linear probe at {width}" for width in WIDTHS)],
        rows,
        {"errors": errors, "probes": probes, "extra": extra},
    )


def digits() -> Digits:
    """The shared images, in an order drawn once."""
    with gzip.open(IMAGES) as file:
        table = np.loadtxt(file, delimiter=",")
    images = table[:, :784].astype(np.uint8).reshape(-1, 28, 28, 1)
    order = np.random.default_rng(0).permutation(len(images))
    pictures = Pictures("fit", 28, 28, 1, len(images) - HELD, "", "")
    train, held = np.sort(order[HELD:]), np.sort(order[:HELD])
    encoder = PictureEncoder.fit(pictures, images, train)
    places = np.stack([np.arange(len(images)), *[np.zeros(len(images))] * 2, *[np.full(len(images), 28)] * 2], axis=1)
    count = len(images) - HELD
    dataset = Dataset("", "", "", "", (), 0.0, None, "", "", "", "", "", count, (), Reading(), 0, pictures=pictures)
    return Digits(
        encoder, encoder.rows(images, places.astype(np.int32)), table[:, 784].astype(int), train, held, dataset
    )


def values(data: Digits, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    return data.rows.take(rows).values


def pixels(data: Digits, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    return data.rows.pieces[rows].reshape(len(rows), -1) / 255.0


def trained(data: Digits, name: str, width: int, seed: int) -> Objective:
    """A network of the family, as the app trains it on images."""
    start = suited(RunSpec(), data.dataset)
    settings: dict[str, Any] = {"bottleneck": width, "schedule": "one cycle", "patience": 1_000}
    if name == "sparse":
        settings |= {"bottleneck": 4 * width, "active": 0.25}
    spec = spec_from_settings(name, settings, seed, start)
    torch.manual_seed(seed)
    network = build(spec, data.encoder.layout)
    trainer = Trainer(network, data.rows, data.train, data.held[:0], spec.training, torch.device("cpu"))
    for _ in trainer.epochs():
        pass
    trainer.use_best()
    return network


@torch.inference_mode()
def codes_of(network: Objective, rows: NDArray[np.int64], data: Digits) -> NDArray[np.float32]:
    parts = np.array_split(rows, max(1, len(rows) // 500))
    return np.concatenate([network.encode(torch.from_numpy(values(data, part))).numpy() for part in parts])


@torch.inference_mode()
def error_of(network: Objective, data: Digits) -> float:
    some = torch.from_numpy(values(data, data.held))
    return float((network.heads.activate(network.reconstruct(some)) - some).square().mean())


def probe(data: Digits, train: NDArray[Any], held: NDArray[Any]) -> float:
    """Accuracy of a linear probe on held back codes."""
    scale = train.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=500).fit(train / scale, data.digits[data.train])
    return float(model.score(held / scale, data.digits[data.held]))


@torch.inference_mode()
def special(
    extra: dict[str, list[float]],
    name: str,
    width: int,
    network: Objective,
    data: Digits,
    judge: MLPClassifier,
    seed: int,
) -> None:
    """What the family is for."""
    clean = torch.from_numpy(values(data, data.held))
    if name in ("vanilla", "denoising"):
        noisy = clean + NOISE * torch.randn(clean.shape, generator=torch.Generator().manual_seed(seed))
        gain = 10 * math.log10(
            float((noisy - clean).square().mean() / (network.reconstruct(noisy) - clean).square().mean())
        )
        extra.setdefault(f"decibels gained over the noisy image, {name} {width}", []).append(gain)
    if name == "sparse":
        share = network.usage(network.encode(clean))
        extra.setdefault(f"active share for a target of .25, sparse {4 * width}", []).append(share)
    if name in ("vanilla", "variational"):
        codes = codes_of(network, data.train, data)
        drawn = prior_codes(DRAWN, width, seed) if name == "variational" else fitted_codes(codes, DRAWN, seed)
        images = network.heads.activate(network.decode(torch.from_numpy(drawn))).numpy()
        shares = judge.predict_proba(data.encoder.decode(images).reshape(DRAWN, -1) / 255.0)
        counts = np.bincount(shares.argmax(axis=1), minlength=10) / DRAWN
        evenness = float(-(counts[counts > 0] * np.log(counts[counts > 0])).sum() / math.log(10))
        extra.setdefault(f"share of drawn digits recognised, {name} {width}", []).append(
            float((shares.max(axis=1) >= SURE).mean())
        )
        extra.setdefault(f"evenness of drawn digits, {name} {width}", []).append(evenness)


def keep(found: dict[str, dict[int, list[float]]], name: str, width: int, figure: float) -> None:
    found.setdefault(name, {}).setdefault(width, []).append(figure)


def spread(figures: list[float], digits: int = 4) -> str:
    """Mean, and the spread over seeds where there are some."""
    mean = f"{np.mean(figures):.{digits}f}"
    return mean if len(figures) == 1 else f"{mean} ± {np.std(figures):.{digits}f}"


if __name__ == "__main__":
    main()
