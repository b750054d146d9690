"""The training doctor over healthy runs, of which few may raise an alarm, and over runs that were made ill on purpose.

`python -m benchmarks.doctor [SEEDS]`. An alarm is a finding that calls the result wrong or doubtful. Healthy are data,
family and settings that a careful user would choose; each seed draws other weights and other validation rows.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine

from benchmarks.measure import write
from core.datasets.samples import SAMPLES
from tests.core.training.examined import findings, names
from tests.core.training.ill import ILL, bent, low_rank

SHARED = Path(__file__).parents[2] / "shared" / "data"
GOAL = 0.05


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rows: list[list[str]] = []
    record: dict[str, Any] = {"healthy": [], "provoked": []}
    alarms = 0
    for healthy in HEALTHY:
        began = time.time()
        found = [findings(healthy.data(), healthy.model, seed, **healthy.settings) for seed in range(seeds)]
        raised = [names(each, "wrong", "doubtful") for each in found]
        hints = [names(each, "hint") for each in found]
        alarms += sum(map(bool, raised))
        record["healthy"].append({"run": healthy.title, "alarms": raised, "hints": hints})
        rows.append([healthy.title, f"{sum(map(bool, raised))} of {seeds}", _told(raised), _told(hints)])
        print(rows[-1], f"{time.time() - began:.1f} s", flush=True)
    share = alarms / (seeds * len(HEALTHY))
    hits = 0
    for ill in ILL:
        raised = [names(findings(ill.data(), ill.model, seed, **ill.settings)) for seed in range(seeds)]
        told = sum(ill.name in each for each in raised)
        hits += told
        record["provoked"].append({"finding": ill.name, "raised": told, "of": seeds, "all": raised})
        rows.append([f"*{ill.name}*, provoked", f"{told} of {seeds}", _told(raised), ""])
        print(rows[-1], flush=True)
    record |= {"alarm_share": share, "goal": GOAL, "provoked_share": hits / (seeds * len(ILL))}
    notes = [
        f"{len(HEALTHY)} healthy runs × {seeds} seeds: an alarm in {share:.1%} of them (goal: at most {GOAL:.0%}). "
        f"Provoked runs in which the finding was raised: {hits} of {seeds * len(ILL)}.",
        "Alarms are findings that call a result wrong or doubtful; hints are what could be better.",
    ]
    header = ["run", "alarm, or found", "findings (runs)", "hints (runs)"]
    write("doctor", "The training doctor", notes, header, rows, record)


@dataclass(frozen=True)
class Healthy:
    """Data, family and settings that suit each other."""

    title: str
    data: Callable[[], Any]
    model: str = "vanilla"
    settings: dict[str, Any] = field(default_factory=dict)


def _told(found: list[list[str]]) -> str:
    every = sorted({name for each in found for name in each})
    return ", ".join(f"{name} ({sum(name in each for each in found)})" for name in every)


def sample(name: str) -> pd.DataFrame:
    """A sample's features."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.csv"
        SAMPLES[name].write(path)
        return pd.read_csv(path).drop(columns=[SAMPLES[name].label, "order_id"], errors="ignore")


def shared(name: str, most: int = 3_000) -> np.ndarray:
    """Normal rows of a table among the shared data."""
    with np.load(SHARED / "adbench" / f"{name}.npz") as file:
        rows = file["X"][file["y"] == 0]
    return np.asarray(rows[np.random.default_rng(0).permutation(len(rows))[:most]], np.float64)


def mnist() -> np.ndarray:
    """1,500 images as tables of 196 pixels: each is the mean of four."""
    with gzip.open(SHARED / "mnist_5k.csv.gz") as file:
        images = np.loadtxt(file, delimiter=",", max_rows=1_500)[:, :784].reshape(-1, 14, 2, 14, 2)
    small = images.mean(axis=(2, 4)).reshape(-1, 196)
    return np.asarray(small[:, small.std(axis=0) > 1])


LONG = {"epochs": 300, "patience": 30, "learning_rate": 3e-3, "schedule": "one cycle"}
HEALTHY = (
    Healthy("breast cancer, vanilla", lambda: load_breast_cancer().data, settings={**LONG, "bottleneck": 4}),
    Healthy("breast cancer, variational", lambda: load_breast_cancer().data, "variational", LONG),
    Healthy("breast cancer, contractive", lambda: load_breast_cancer().data, "contractive", LONG),
    Healthy(
        "wine, vanilla, weight decay", lambda: load_wine().data, settings={**LONG, "hidden_width": 32, "batch_size": 16}
    ),
    Healthy("wine, denoising", lambda: load_wine().data, "denoising", {**LONG, "bottleneck": 3, "batch_size": 16}),
    Healthy("diabetes, vanilla", lambda: load_diabetes().data, settings=LONG),
    Healthy("diabetes, stacked", lambda: load_diabetes().data, "stacked", {**LONG, "depth": 2}),
    Healthy("digits, vanilla", lambda: load_digits().data, settings={**LONG, "epochs": 100, "hidden_width": 128}),
    Healthy("digits, sparse", lambda: load_digits().data, "sparse", {**LONG, "epochs": 100}),
    Healthy("digits, masked", lambda: load_digits().data, "masked", {**LONG, "epochs": 100}),
    Healthy("orders with gaps, vanilla", lambda: sample("orders"), settings={**LONG, "epochs": 100}),
    Healthy("orders with gaps, masked", lambda: sample("orders"), "masked", {**LONG, "epochs": 100}),
    Healthy("low rank, vanilla", lambda: low_rank(1_000), settings={"bottleneck": 3, "learning_rate": 3e-3}),
    Healthy("low rank, variational", lambda: low_rank(1_000), "variational", {"learning_rate": 3e-3, "epochs": 100}),
    Healthy(
        "bent, denoising", lambda: bent(2_000), "denoising", {"bottleneck": 3, "strength": 0.1, **LONG, "epochs": 100}
    ),
    Healthy("bent, stacked", lambda: bent(2_000), "stacked", {"bottleneck": 3, **LONG, "epochs": 100}),
    Healthy("thyroid, vanilla", lambda: shared("38_thyroid"), settings={**LONG, "epochs": 100}),
    Healthy("pen digits, vanilla", lambda: shared("28_pendigits"), settings={**LONG, "epochs": 100}),
    Healthy("cardiotocography, sparse", lambda: shared("6_cardio"), "sparse", {**LONG, "epochs": 100}),
    Healthy("MNIST at 14 × 14, vanilla", mnist, settings={**LONG, "epochs": 60, "hidden_width": 256, "bottleneck": 16}),
)


if __name__ == "__main__":
    main()
