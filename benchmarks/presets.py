"""Each preset beside the quick look, on its own sample, by the figure that it names.

`python -m benchmarks.presets [SEEDS]`. Whole runs as the app makes them, from the sample's file to the stored result.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPClassifier

from benchmarks.measure import write
from core.datasets.ingest import ingest
from core.datasets.samples import SAMPLES
from core.datasets.series import proposed
from core.jobs.tasks import train
from core.jobs.work import Work
from core.latent.sampling import fitted_codes, prior_codes
from core.presets import PRESETS, preset_spec
from core.results import Dataset, Run
from core.scoring.evaluation import positives
from core.scoring.trained import Trained
from core.settings import Settings
from core.storage.database import migrate
from core.storage.jobs import Fence, claim
from core.storage.store import Store

DRAWN, SURE = 1_000, 0.9
MOVED = 2  # pixels


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    rows, kept = [], {}
    with tempfile.TemporaryDirectory() as folder:
        deployment = Settings(home=Path(folder) / "home")
        migrate(deployment)
        store = Store.open(deployment)
        for name, preset in PRESETS.items():
            if not preset.sample:
                continue
            dataset = added(store, preset.sample, Path(folder))
            found: dict[str, list[float]] = {}
            for which in ("quick_look", name):
                for seed in range(seeds):
                    run = finished(store, dataset, which, seed)
                    found.setdefault(which, []).append(FIGURES[name](store, dataset, run))
                    print(name, which, seed, round(found[which][-1], 4), flush=True)
            quick, own = found["quick_look"], found[name]
            ahead = float(np.mean(own) - np.mean(quick))
            rows.append([preset.title, preset.sample, preset.figure, spread(quick), spread(own), f"{ahead:+.3f}"])
            kept[name] = found
        store.close()
    write(
        "presets",
        "Presets beside the quick look",
        [f"{seeds} seeds, one thread. More is better in every line."],
        ["preset", "sample", "figure", "quick look", "preset", "ahead"],
        rows,
        kept,
    )


def added(store: Store, name: str, folder: Path) -> Dataset:
    """The sample as a dataset, read in this process."""
    sample = SAMPLES[name]
    path = folder / f"{name}{sample.suffix}"
    sample.write(path)
    return ingest(store, path, path.name, label=sample.label or None, options=sample.options)


def finished(store: Store, dataset: Dataset, name: str, seed: int) -> Run:
    """A whole run of a preset, in this process."""
    spec = preset_spec(PRESETS[name], dataset, proposed(store, dataset), seed=seed)
    run = store.runs.submit(dataset.id, spec, trial=True)
    job = claim(store.engine, "here", 3_600, kinds=("train",))
    assert job is not None
    train.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    return store.runs.get(run.id)


def strange(store: Store, dataset: Dataset) -> NDArray[np.bool_]:
    """The rows that the label calls anomalies."""
    label = dataset.label
    assert label is not None
    found = positives(store.datasets.cells(dataset, [label.name])[label.name].to_numpy(zero_copy_only=False))
    assert found is not None
    return found[0]


@torch.inference_mode()
def explained(store: Store, dataset: Dataset, run: Run) -> float:
    """Share of the pixels' variance that is rebuilt on good images of the test split, moved by two pixels each way."""
    trained = Trained.load(store, run)
    cells = store.datasets.cells(dataset, ["label", "split"]).to_pylist()
    good = [i for i, row in enumerate(cells) if (row["label"], row["split"]) == ("good", "test")]
    images = store.datasets.pieces(dataset)[good]
    places = np.zeros((len(images), 5), np.int32)
    places[:, 3:] = images.shape[1:3]
    missed, variance = 0.0, 0.0
    for away in ((MOVED, 0), (-MOVED, 0), (0, MOVED), (0, -MOVED)):
        rows = trained.of_images.rows(moved(images, *away), places).take(np.arange(len(images)))
        missed += float(((trained.rebuilt(rows) - rows.values) ** 2).mean())
        variance += float(rows.values.var())
    return 1 - missed / variance


def moved(images: NDArray[np.uint8], down: int, right: int) -> NDArray[np.uint8]:
    """Images (N, H, W, C) moved by some pixels, their edge repeated."""
    rows, columns = (
        np.clip(np.arange(side) - by, 0, side - 1) for side, by in zip(images.shape[1:3], (down, right), strict=True)
    )
    return images[:, rows][:, :, columns]


def ranking(store: Store, dataset: Dataset, run: Run) -> float:
    """AUROC."""
    return float(roc_auc_score(strange(store, dataset), store.runs.scores(run).values))


def classes() -> NDArray[np.int64]:
    """What each image of the digits sample shows, in its order (core.datasets.samples.tables.digits)."""
    target = load_digits().target
    rows = np.concatenate([np.flatnonzero(target != 9), np.flatnonzero(target == 9)[:60]])
    return np.asarray(target[np.random.default_rng(0).permutation(rows)])


@torch.inference_mode()
def recognised(store: Store, dataset: Dataset, run: Run) -> float:
    """Share of drawn digits that a classifier of the real ones is sure of, times how evenly it finds the kinds."""
    trained = Trained.load(store, run)
    pieces = store.datasets.pieces(dataset).reshape(dataset.rows, -1) / 255.0
    judge = MLPClassifier((128,), random_state=0, max_iter=300).fit(pieces, classes())
    codes = store.artifacts.get_array(store.space, run.artifacts["codes"])
    seed = run.spec["training"]["seed"]
    variational = run.spec["objective"] == "variational"
    drawn = prior_codes(DRAWN, codes.shape[1], seed) if variational else fitted_codes(codes, DRAWN, seed)
    network = trained.network
    made = network.heads.activate(network.decode(torch.from_numpy(drawn))).numpy()
    shares = judge.predict_proba(trained.of_images.decode(made).reshape(DRAWN, -1) / 255.0)
    counts = np.bincount(shares.argmax(axis=1), minlength=10) / DRAWN
    evenness = -(counts[counts > 0] * np.log(counts[counts > 0])).sum() / math.log(10)
    return float((shares.max(axis=1) >= SURE).mean() * evenness)


def sharpness(store: Store, dataset: Dataset, run: Run) -> float:
    """How often a row's strongest unit alone says what it shows: each unit stands for the digit that it is strongest for most
    often, in half of the rows; the share of the others that it is right about."""
    codes = np.abs(store.artifacts.get_array(store.space, run.artifacts["codes"]))
    strongest = (codes / (codes.std(axis=0) + 1e-9)).argmax(axis=1)
    shown, half = classes(), len(codes) // 2
    counts = np.zeros((codes.shape[1], 10))
    np.add.at(counts, (strongest[:half], shown[:half]), 1)
    return float((counts.argmax(axis=1)[strongest[half:]] == shown[half:]).mean())


FIGURES: dict[str, Callable[[Store, Dataset, Run], float]] = {
    "error_alone": ranking,
    "images": explained,
    "sensor_data": ranking,
    "new_samples": recognised,
    "sharp_features": sharpness,
}


def spread(figures: list[float]) -> str:
    """Mean and spread over seeds."""
    return f"{np.mean(figures):.3f} ± {np.std(figures):.3f}"


if __name__ == "__main__":
    main()
