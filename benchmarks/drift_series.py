"""Whether a later stretch of a series still looks like what a run learned: false alarms on contiguous halves, and what is found.

`python -m benchmarks.drift_series [TRIALS]`. Each trial draws a stationary series of six columns and cuts it in the middle, without
a gap: either half is the new one by lot. Windows of 64 steps that share no step are compared, as a scored file's are, each by its code,
its middle row's cells and its score; a PCA of windows, fitted on four fifths of the reference, gives codes and scores, and the last fifth
is held back. Found: one column that is higher by half a standard deviation in the new half, and is named first.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
from scipy.signal import lfilter

from benchmarks.measure import write
from core.drift import DriftReport, Sample, alike, drift

TRIALS, COLUMNS, LENGTH, HELD, CODES = 40, 6, 64, 0.2, 8
WINDOWS = (150,)  # of a half
Drawn = Callable[[np.random.Generator, int], np.ndarray]  # steps → (steps, COLUMNS)


def autoregressive(keep: float) -> Drawn:
    """Each step keeps so much of the one before."""

    def draw(generator: np.random.Generator, steps: int) -> np.ndarray:
        noise = generator.normal(size=(steps + 500, COLUMNS)) * np.sqrt(1 - keep**2)
        return np.asarray(lfilter([1], [1, -keep], noise, axis=0)[500:])

    return draw


def seasonal(period: int) -> Drawn:
    """A wave of so many steps, each column at its own phase, with noise."""

    def draw(generator: np.random.Generator, steps: int) -> np.ndarray:
        phases = 2 * np.pi * (np.arange(steps)[:, None] / period + generator.random(COLUMNS))
        return np.asarray(np.sin(phases) + 0.5 * autoregressive(0.5)(generator, steps))

    return draw


SERIES: dict[str, Drawn] = {
    "white noise": autoregressive(0.0),
    "AR(1), .5": autoregressive(0.5),
    "AR(1), .9": autoregressive(0.9),
    "AR(1), .99": autoregressive(0.99),
    "a season of 96 steps": seasonal(96),
    "a season of 1,440 steps": seasonal(1_440),
}


def trial(draw: Drawn, windows: int, seed: int, by: float = 0.0) -> DriftReport:
    """One comparison of halves. by: how many standard deviations higher the first column of the new one is."""
    generator = np.random.default_rng(seed)
    series = draw(generator, 2 * windows * LENGTH)
    halves = np.split(series, 2)[:: 1 if generator.random() < 0.5 else -1]
    reference, new = (half.copy() for half in halves)
    new[:, 0] += by * series[:, 0].std()
    cut = [half.reshape(windows, -1) for half in (reference, new)]  # (W, LENGTH · COLUMNS)
    held = np.arange(windows) >= windows - int(HELD * windows)
    middle = cut[0][~held].mean(axis=0)
    kept = np.linalg.svd(cut[0][~held] - middle, full_matrices=False)[2][:CODES]
    sides = []
    for half, each in zip((reference, new), cut, strict=True):
        codes = (each - middle) @ kept.T
        scores = ((each - middle - codes @ kept) ** 2).mean(axis=1)
        cells = half[LENGTH // 2 :: LENGTH]
        sides.append(Sample({f"c{i}": cells[:, i] for i in range(COLUMNS)}, codes=codes, scores=scores))
    old = Sample(sides[0].values, codes=sides[0].codes, scores=sides[0].scores, held=held)
    return drift(old, sides[1], seed, alike(np.column_stack(list(old.values.values()))))


def main() -> None:
    """Measure, print, keep."""
    warnings.filterwarnings("ignore")
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    rows, record = [], {}
    for name, draw in SERIES.items():
        for windows in WINDOWS:
            began = time.perf_counter()
            still = [trial(draw, windows, seed) for seed in range(trials)]
            shifted = [trial(draw, windows, seed, 0.5) for seed in range(trials, 2 * trials)]
            alarms, sure = (sum(each.alarm and (each.sure or not strict) for each in still) for strict in (False, True))
            sure_when_shifted = sum(each.alarm and each.sure for each in shifted)
            by = {
                "columns": sum(bool(each.moved) for each in still),
                "codes": sum(each.codes is not None and each.codes.moved for each in still),
                "scores": sum(each.scores is not None and each.scores.moved for each in still),
                "range": sum(each.range is not None and each.range.moved for each in still),
            }
            found = sum(each.moved[:1] == ("c0",) for each in shifted)
            any_alarm = sum(each.alarm for each in shifted)
            record[f"{name}, {windows}"] = {
                "trials": trials, "alarms": alarms, "sure": sure, "sure_when_shifted": sure_when_shifted, "by": by, "found": found, "alarms_when_shifted": any_alarm
            }  # fmt: skip
            told = ", ".join(f"{what} {count}" for what, count in by.items() if count)
            rows.append([name, str(windows), f"{alarms / trials:.0%}", f"{sure / trials:.0%}", told, f"{found / trials:.0%}", f"{any_alarm / trials:.0%}", f"{sure_when_shifted / trials:.0%}"])  # fmt: skip
            print(rows[-1], f"{(time.perf_counter() - began) / trials / 2:.2f} s", flush=True)
    write(
        "drift_series",
        "Whether a later stretch of a series still looks like what a run learned",
        [__doc__ or "", f"{trials} trials each."],
        [
            "series",
            "windows of a half",
            "false alarms",
            "not called likely only",
            "by",
            "column named first",
            "alarm when one moved",
            "not called likely only there",
        ],
        rows,
        record,
    )


if __name__ == "__main__":
    main()
