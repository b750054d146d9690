"""Faults of six kinds in drawn sensor series: the share of faulty stretches found at one false stretch a day.

`python -m benchmarks.series [SEEDS]`. Twice: fitted on a week without faults and asked about another with thirty, and
fitted on all that it is asked about. Beside the autoencoders a PCA of windows, scored as they are, and as is usual.
"""

from __future__ import annotations

import os
import sys
import time

import numpy as np
import torch

from benchmarks.measure import write
from core.datasets.encoding import Encoder, WindowEncoder
from core.datasets.encoding.windows import WindowRows
from core.datasets.samples.series import DAY, DAYS, FAULTS, NAMES, Fault, with_faults
from core.datasets.series.steps import Steps
from core.datasets.series.windows import split_by_time, window_starts, within
from core.models.base import build
from core.results import Column, Course, Table
from core.scoring.events import spans
from core.scoring.material.parts import pca_of
from core.scoring.material.series import COMPARED, by_pca
from core.scoring.trained import Trained
from core.scoring.windows import Errors, Ordinary, look
from core.specs import RunSpec, Windows, for_series
from core.training.loop import Trainer

MINUTES, EACH, LENGTHS = DAYS * DAY, 5, (20, 150)  # of the series; faults of a kind, and of each
NETWORKS = ("convolutional_1d", "gru", "fully_connected")
WIDTHS = (16, 38, 64, 96)  # components of a PCA


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    start = int(os.environ.get("FIRST_SEED", "100"))
    names = [
        *NETWORKS,
        *(f"PCA {width}" for width in WIDTHS),
        *(f"PCA {width}, mean squared error" for width in WIDTHS),
    ]
    found = np.zeros((2, seeds, len(names), len(FAULTS)))
    seconds = np.zeros(len(NETWORKS))
    for seed in range(seeds):
        readings, faults = with_faults(np.random.default_rng(start + seed), EACH, LENGTHS, 65)
        for inside in (False, True):
            scores, took = all_scores(readings, inside, seed)
            seconds += took / seeds / 2
            for i, score in enumerate(scores):
                found[int(inside), seed, i] = share_found(score, faults)
            shown = dict(zip(names, found[int(inside), seed].mean(axis=1).round(3).tolist(), strict=True))
            print(start + seed, "faults inside" if inside else "clean", shown, flush=True)
    mean = found.mean(axis=3)  # (2, seeds, methods)
    rows = [
        [name, *(f"{mean[kind, :, i].mean():.3f} ± {mean[kind, :, i].std():.3f}" for kind in (0, 1)),
         *(f"{found[0, :, i, k].mean():.2f}" for k in range(len(FAULTS)))]
        for i, name in enumerate(names)
    ]  # fmt: skip
    write(
        "series",
        "Faults of six kinds in drawn sensor series",
        [
            f"Six channels, {MINUTES:,} minutes, {EACH * len(FAULTS)} faults of {len(FAULTS)} kinds in the second week; share of "
            f"faulty stretches found at one false stretch a healthy day; {seeds} seeds, one thread.",
            "Training took " + ", ".join(f"{s:.1f} s ({n})" for n, s in zip(NETWORKS, seconds, strict=True)) + ".",
            "By kind: fitted on the clean week.",
        ],
        ["method", "fitted on a clean week", "faults inside", *FAULTS],
        rows,
        {"found": {name: mean[:, :, i].tolist() for i, name in enumerate(names)}},
    )


def all_scores(readings: np.ndarray, inside: bool, seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Each method's score of every minute, (MINUTES,), and the seconds that the networks took."""
    windows = Windows()
    columns = tuple(Column(name, "number", "feature", "") for name in NAMES)
    table = Table(columns, dict(zip(NAMES, readings.T, strict=True)), np.arange(MINUTES).astype(str))
    order = np.arange(MINUTES)
    steps = Steps(order, order, order.astype(float), np.zeros(MINUTES, np.int64), False)
    taken = order < (MINUTES if inside else MINUTES // 2)
    spec = RunSpec(windows=windows, assume_clean=not inside)
    encoder = WindowEncoder(length=windows.length, step=Encoder.fit(table, np.flatnonzero(taken), spec.numbers))
    data = encoder.rows(encoder.step.encode(table), window_starts(steps, windows.length, windows.step))
    learned, held = split_by_time(steps, taken, spec.training.validation_share, windows.length)
    fitted, watched = (within(data.starts, windows.length, part) for part in (learned, held))
    scores, seconds = [], []
    for layers in NETWORKS:
        began = time.perf_counter()
        errors = by_network(spec.model_copy(update={"layers": layers}).checked(), encoder, data, fitted, watched, seed)
        seconds.append(time.perf_counter() - began)
        scores.append(Ordinary.fit(errors, steps.starts, learned).relative(errors, steps.starts).max(axis=1))
    plain = []
    for width in WIDTHS:
        errors = Errors.of(encoder, data, by_pca(data, pca_of(data, fitted, width, COMPARED)))
        scores.append(Ordinary.fit(errors, steps.starts, learned).relative(errors, steps.starts).max(axis=1))
        plain.append(np.convolve(errors.squared.sum(axis=1), np.ones(windows.length) / windows.length, "same"))
    return scores + plain, np.asarray(seconds)


def by_network(
    spec: RunSpec, encoder: WindowEncoder, data: WindowRows, fitted: np.ndarray, watched: np.ndarray, seed: int
) -> Errors:
    """What it can't rebuild at each minute."""
    return look(learned_windows(spec, encoder, data, fitted, watched, seed), data)[0]


def learned_windows(
    spec: RunSpec, encoder: WindowEncoder, data: WindowRows, fitted: np.ndarray, watched: np.ndarray, seed: int
) -> Trained:
    """A network that learned from windows, as a run's."""
    torch.manual_seed(seed)
    network = build(spec, encoder.layout)
    training = for_series(len(fitted)).model_copy(update={"seed": seed})
    trainer = Trainer(network, data, fitted, watched, training, torch.device("cpu"))
    for _ in trainer.epochs():
        pass
    trainer.use_best()
    return Trained(encoder, network, spec)


def share_found(scores: np.ndarray, faults: list[Fault]) -> np.ndarray:
    """For each kind, the share of its stretches with a flagged minute, (6,), at the lowest threshold that leaves at most
    one false stretch a healthy day. A minute within a window of a fault is neither healthy nor faulty."""
    length = Windows().length
    week = np.arange(MINUTES) >= MINUTES // 2
    healthy = week.copy()
    for fault in faults:
        healthy[max(0, fault.first - length) : fault.stop + length] = False
    course = Course(
        np.arange(MINUTES), np.cumsum(np.diff(healthy, prepend=False) != 0), np.arange(MINUTES), False, length
    )
    allowed = max(1, round(healthy.sum() / DAY))
    ordered = np.sort(scores[healthy])[::-1]
    lowest = ordered[0]
    for value in ordered[: len(ordered) // 4]:
        if len(spans(course, healthy & (scores >= value))) > allowed:
            break
        lowest = value
    hit = {kind: [] for kind in FAULTS}
    for fault in faults:
        hit[fault.kind].append(bool((scores[fault.first : fault.stop] >= lowest).any()))
    return np.asarray([np.mean(hit[kind]) for kind in FAULTS])


if __name__ == "__main__":
    main()
