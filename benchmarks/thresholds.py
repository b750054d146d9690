"""A change of the threshold's method, with all that is counted for it, on one thread.

`python -m benchmarks.thresholds`
"""

from __future__ import annotations

import numpy as np

from benchmarks.measure import timed, write
from core.scoring.workbench import curves, weigh
from core.thresholds import THRESHOLDS, Given

ROWS, TIMES, GOAL_MS = 100_000, 50, 300


def drawn() -> Given:
    """One row in twenty an anomaly, all of them known; a tenth of the healthy ones held back."""
    generator = np.random.default_rng(0)
    anomaly = generator.random(ROWS) < 0.05
    scores = np.where(anomaly, generator.gamma(4, 2, ROWS), generator.gamma(2, 1, ROWS))
    return Given(scores, calibration=(generator.random(ROWS) < 0.1) & ~anomaly, truth=anomaly.astype(np.int8))


def main() -> None:
    """Measure, print, keep."""
    given = drawn()
    work = {name: (lambda name=name: weigh(given, name, {}, present=6.0), TIMES) for name in THRESHOLDS}
    work["ROC and precision–recall with bands and areas, once a score and a truth"] = (lambda: curves(given), TIMES)
    rows, record = [], {}
    for name, (each, times) in work.items():
        each()
        turns = [timed(each) for _ in range(times)]
        figures = {
            f"{clock}_ms_p{share}": round(
                float(np.percentile([getattr(turn, clock) for turn in turns], share)) * 1e3, 1
            )
            for clock in ("wall", "cpu")
            for share in (50, 95)
        }
        rows.append([name, *(f"{figure:,.0f}" for figure in figures.values())])
        record[name] = figures
    write(
        "thresholds",
        f"A change of the threshold's method on {ROWS:,} rows",
        [
            f"Goal for each method: under {GOAL_MS} ms. Counted: the cut, what enters and leaves, the spread of the number over "
            "50 resamples, the confusion with its intervals, cross-fitted where it is tuned. One thread, "
            f"{TIMES} times. Where others use the machine, as its load average tells, CPU says what it "
            "costs."
        ],
        ["what", "wall, p50, ms", "wall, p95", "CPU, p50", "CPU, p95"],
        rows,
        record,
    )


if __name__ == "__main__":
    main()
