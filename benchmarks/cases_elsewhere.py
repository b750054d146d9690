"""Whether copies of one fault become one case where there are no cells: among images, and among events of a series.

`python -m benchmarks.cases_elsewhere [SEEDS]`. Images: a network learns from 1,500 digits; into 800 others go six faults drawn anew (a
bright stamp, a dark blot, a bar, a patch of noise, of half the contrast, upside down in one quarter), each into 5 to 30 images, jittered by
up to two pixels, and single ones beside them. As many images are flagged as were made wrong and 2 % more. Series: a network learns
from a week of a drawn pump with six channels; in the next one lie three repeated faults, of two columns
together, and of one column upwards and downwards, levels or drifts, each 5 to 11 times, and single ones. As many events are flagged as there are faults. Over pairs of wrong ones that are flagged: precision and recall
as in `benchmarks.cases`. Beside it: groups by HDBSCAN of codes, k-means of error maps or shares that is told how many faults there are,
and the place, or column, with the largest error.
"""

from __future__ import annotations

import gzip
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from benchmarks.cases import HEALTHY, by_hdbscan, pairs
from benchmarks.measure import write
from benchmarks.one_class import IMAGES, image_spec, learned_images
from benchmarks.series import learned_windows
from core.datasets.encoding import Encoder, WindowEncoder
from core.datasets.samples.series import DAY, NAMES, machine
from core.datasets.series.steps import Steps
from core.datasets.series.windows import split_by_time, window_starts, within
from core.results import Column, Scores, Table
from core.scoring.events import spans
from core.scoring.material.series import series_output
from core.scoring.pictures import picture_output
from core.scoring.trained import Output
from core.scoring.windows import Ordinary, look
from core.specs import RunSpec, Windows
from core.thresholds import cut_at
from core.triage.event_cases import event_cases
from core.triage.image_cases import image_cases

LEARNED, ASKED, OWN = 1_500, 800, 0.02  # images; share of the own flags
FEWEST, MOST, SINGLE = 5, 30, 10  # copies of a fault, and faults that come once
JITTER = 2  # pixels
WEEK, LENGTH = 7 * DAY, 60
TIMES, ALONE = (5, 12), 4  # how often each repeated fault of a series comes, and faults that come once
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Fault:
    """What is wrong with an image, and where: top and left of its square, in pixels."""

    kind: str
    top: int
    left: int
    strength: float


KINDS = ("stamp", "blot", "bar", "noise", "pale", "upside down")


def drawn_fault(kind: str, generator: np.random.Generator) -> Fault:
    """One at a place of its own."""
    top, left = generator.integers(JITTER, 28 - 8 - JITTER, 2).tolist()
    return Fault(kind, top, left, float(generator.uniform(0.7, 1.0)))


def spoilt(image: np.ndarray, fault: Fault, generator: np.random.Generator) -> np.ndarray:
    """An image (28, 28) with a fault, jittered."""
    out = image.astype(np.float64).copy()
    top, left = (
        fault.top + generator.integers(-JITTER, JITTER + 1),
        fault.left + generator.integers(-JITTER, JITTER + 1),
    )
    box = (slice(top, top + 8), slice(left, left + 8))
    strength = 255 * fault.strength
    if fault.kind == "stamp":
        out[top : top + 6, left : left + 6] = strength
    elif fault.kind == "blot":
        y, x = np.mgrid[:28, :28]
        out[
            np.hypot(y - 14 - (fault.top - 10) / 3, x - 14 - (fault.left - 10) / 3) < 5 + generator.uniform(-0.5, 0.5)
        ] = 0
    elif fault.kind == "bar":
        out[top : top + 2] = strength
    elif fault.kind == "noise":
        out[box] = np.clip(out[box] + generator.normal(0, strength / 2, (8, 8)), 0, 255)
    elif fault.kind == "pale":
        out = 128 + (out - 128) * 0.5
    else:
        rows, columns = (slice(0, 14) if at < 10 else slice(14, 28) for at in (fault.top, fault.left))
        out[rows, columns] = out[rows, columns][::-1]
    return np.clip(out, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Found:
    """What was flagged: faults (F,), HEALTHY for none; what each method has to go by."""

    fault: Labels
    ours: Callable[[], Labels]
    codes: np.ndarray  # (F, L)
    parts: np.ndarray  # (F, P): error map, or each column's error
    kinds: tuple[str, ...]


def of_images(seed: int) -> Found:
    """One draw of images."""
    generator = np.random.default_rng(seed)
    with gzip.open(IMAGES) as file:
        table = np.loadtxt(file, delimiter=",")
    pixels = table[generator.permutation(len(table))[: LEARNED + ASKED], :784].astype(np.uint8).reshape(-1, 28, 28)
    fault, kinds = np.full(len(pixels), HEALTHY), list[str]()
    free = generator.permutation(np.arange(LEARNED, len(pixels))).tolist()
    plan = [(kind, int(generator.integers(FEWEST, MOST + 1))) for kind in KINDS]
    plan += [(str(generator.choice(KINDS)), 1) for _ in range(SINGLE)]
    for kind, copies in plan:
        one = drawn_fault(kind, generator)
        for _ in range(copies):
            row = free.pop()
            pixels[row] = spoilt(pixels[row], one, generator)
            fault[row] = len(kinds)
        kinds.append(kind if copies > 1 else "")
    output = through_images(pixels[..., None], seed)
    mine = slice(LEARNED, None)  # what was held back
    scores, fault = output.scores[mine], fault[mine]
    rows = np.flatnonzero(scores >= cut_at(scores, int((fault != HEALTHY).sum() + OWN * ASKED)))
    maps = output.arrays["residual_maps"][mine]
    return Found(
        fault[rows],
        lambda: image_cases(rows, scores[rows], maps).numbers,
        output.codes[mine][rows],
        maps[rows, 1].reshape(len(rows), -1),
        tuple(kinds),
    )


def through_images(pieces: np.ndarray, seed: int) -> Output:
    """A run's output for all of them, learned from the first."""
    spec = image_spec(pieces, LEARNED, RunSpec())
    trained, rows, places = learned_images(pieces, LEARNED, spec, seed)
    return picture_output(trained, rows, places, len(pieces))


SORTS = ("level", "drift", "spikes", "stuck")


def break_channel(values: np.ndarray, sort: str, side: float, by: float, generator: np.random.Generator) -> np.ndarray:
    """Some minutes of a channel with a fault."""
    length = len(values)
    if sort == "level":
        return values + side * by
    if sort == "drift":
        return values + side * 1.5 * by * np.linspace(0, 1, length)
    if sort == "spikes":
        return values + (generator.random(length) < 0.15) * side * 2 * by
    return np.full(length, values[0])


def of_series(seed: int) -> Found:
    """One draw of a series."""
    generator = np.random.default_rng(1_000 + seed)
    readings = machine(generator, 2 * WEEK)
    plan: list[tuple[list[int], str, float, float, int]] = []
    first, second, third = generator.permutation(len(NAMES))[:3].tolist()
    side = float(generator.choice([-1, 1]))
    for columns, way in (
        ([first, second], side),
        ([third], 1.0),
        ([third], -1.0),
    ):  # the last two differ in the side alone
        times = int(generator.integers(*TIMES))
        plan.append((columns, str(generator.choice(SORTS[:2])), way, float(generator.uniform(0.6, 1.2)), times))
    for _ in range(ALONE):
        columns, sort = generator.choice(len(NAMES), 1).tolist(), str(generator.choice(SORTS))
        plan.append((columns, sort, float(generator.choice([-1, 1])), float(generator.uniform(0.6, 1.2)), 1))
    turns = generator.permutation(np.repeat(np.arange(len(plan)), [each[4] for each in plan]))
    slot, fault = WEEK // len(turns), np.full(2 * WEEK, HEALTHY)
    for i, number in enumerate(turns):
        columns, sort, side, by, _ = plan[number]
        length = int(generator.integers(30, 91))
        first = WEEK + i * slot + int(generator.integers(65, slot - length - 65))
        where = slice(first, first + length)
        for column in columns:
            readings[where, column] = break_channel(readings[where, column], sort, side, by, generator)
        fault[where] = number
    scores, sides, output = through_series(readings, seed)
    lowest, course = _threshold(scores, len(turns)), scores.course
    assert course is not None
    found = spans(course, scores.values >= lowest)
    rows = np.asarray([first + int(scores.values[first : last + 1].argmax()) for first, last in found.tolist()])
    mine = [int(np.bincount(here[here >= 0]).argmax()) if len(here := fault[a : b + 1]) and (here >= 0).any() else HEALTHY
            for a, b in found.tolist()]  # fmt: skip
    parts = np.stack([np.asarray(scores.column_errors[a : b + 1]).max(axis=0) for a, b in found.tolist()])
    middles = output.arrays["window_rows"]
    windows = [int(np.abs(middles - row).argmin()) for row in rows]
    return Found(
        np.asarray(mine),
        lambda: event_cases(rows, scores, sides, found).numbers,
        output.codes[windows],
        parts,
        tuple(each[1] if each[4] > 1 else "" for each in plan),
    )


def _threshold(scores: Scores, events: int) -> float:
    """The highest at which so many events of the second week are flagged."""
    assert scores.course is not None
    for value in np.sort(scores.values)[::-1][:: max(1, len(scores.values) // 4_000)]:
        if len(spans(scores.course, scores.values >= value)) >= events:
            return float(value)
    return float(scores.values.max())


def through_series(readings: np.ndarray, seed: int) -> tuple[Scores, np.ndarray, Output]:
    """A run's scores and sides of all minutes, learned from the first week."""
    minutes, windows = len(readings), Windows(length=LENGTH)
    columns = tuple(Column(name, "number", "feature", "") for name in NAMES)
    table = Table(columns, dict(zip(NAMES, readings.T, strict=True)), np.arange(minutes).astype(str))
    order = np.arange(minutes)
    steps = Steps(order, order, order.astype(float), np.zeros(minutes, np.int64), False)
    spec = RunSpec(windows=windows, layers="convolutional_1d", assume_clean=True).checked()
    taken = order < WEEK
    encoder = WindowEncoder(length=LENGTH, step=Encoder.fit(table, np.flatnonzero(taken), spec.numbers))
    data = encoder.rows(encoder.step.encode(table), window_starts(steps, LENGTH, windows.step))
    learned, held = split_by_time(steps, taken, spec.training.validation_share, LENGTH)
    fitted, watched = (within(data.starts, LENGTH, part) for part in (learned, held))
    errors, codes = look(learned_windows(spec, encoder, data, fitted, watched, seed), data)
    ordinary = Ordinary.fit(errors, steps.starts, learned)
    output = series_output(ordinary, errors, codes, steps, data.starts, LENGTH, minutes, {})
    values = np.where(taken, 0.0, output.scores)
    scores = Scores(
        "", order.astype(str), values, NAMES, output.column_errors, np.zeros(minutes, np.uint8), output.course
    )
    return scores, output.arrays["sides"], output


def told_how_many(found: Found) -> Labels:
    """k-means of shares, told how many faults are flagged."""
    shares = found.parts / np.maximum(found.parts.sum(axis=1, keepdims=True), 1e-300)
    groups = max(1, len(set(found.fault.tolist()) - {HEALTHY}))
    return KMeans(min(groups, len(shares)), n_init=3, random_state=0).fit_predict(shares).astype(np.int64)


METHODS: dict[str, Callable[[Found], Labels]] = {
    "cases": lambda found: found.ours(),
    "largest error": lambda found: found.parts.argmax(axis=1),
    "k-means of shares": told_how_many,
    "HDBSCAN of codes": lambda found: by_hdbscan(found.codes.astype(np.float64)),
}


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    rows, record = [], {}
    for what, draw in (("images", of_images), ("series", of_series)):
        figures: dict[str, list[tuple[float, ...]]] = {name: [] for name in METHODS}
        for seed in range(seeds):
            found = draw(seed)
            wrong = found.fault != HEALTHY
            for name, method in METHODS.items():
                began = time.perf_counter()
                groups = method(found)
                took = time.perf_counter() - began
                count = len(np.unique(groups)) / len(groups)
                figures[name].append((*pairs(groups[wrong], found.fault[wrong]), count, took))
            shown = {name: np.round(each[-1][:2], 3).tolist() for name, each in figures.items()}
            print(what, seed, f"{len(wrong)} flagged, {wrong.sum()} wrong", shown, flush=True)
        for name, each in figures.items():
            precision, recall, count, took = (float(x) for x in np.nanmean(each, axis=0))
            both = 2 * precision * recall / (precision + recall)
            record[f"{what}, {name}"] = {"precision": precision, "recall": recall, "F": both, "seconds": took}
            shown_figures = [f"{x:.3f}" for x in (precision, recall, both)]
            rows.append([what, name, *shown_figures, f"{100 * count:.0f}", f"{took:.2f}"])
    write(
        "cases_elsewhere",
        "Flagged images and events as cases, on injected faults",
        [
            f"{seeds} draws each: means. Precision and recall of *in one case* over pairs of wrong ones that are flagged; cases for 100 "
            "flagged; seconds."
        ],
        ["of", "method", "precision", "recall", "F", "cases", "seconds"],
        rows,
        record,
    )


if __name__ == "__main__":
    main()
