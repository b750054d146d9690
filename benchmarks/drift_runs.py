"""Whether a file still looks like what a run learned, by real runs as the app makes them: the recommended detector with its explainer.

`python -m benchmarks.drift_runs [TRIALS]`. False alarms: a run learns from one random half of a table and scores the other. Found:
five columns that follow from two factors, two of which are each shuffled in the new rows: every column is as before, how they
go together is not. What the errors say alone stands beside, by the test of them before it is adjusted for the others.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.drift import tables
from benchmarks.measure import write
from core.datasets.ingest import ingest
from core.drift import DriftReport
from core.jobs.tasks import score, train
from core.jobs.work import Work
from core.settings import Settings
from core.specs import RunSpec, ScoreWith, suited
from core.storage.database import migrate
from core.storage.jobs import Fence, claim
from core.storage.records import from_json
from core.storage.store import Store

TRIALS = 20
TABLES = ("breast cancer", "orders", "cardio")
ROWS = 1_500
Sides = tuple[pd.DataFrame, pd.DataFrame]


def halves(frame: pd.DataFrame, seed: int) -> Sides:
    order = np.random.default_rng(seed).permutation(len(frame))
    middle = len(order) // 2
    return frame.iloc[order[:middle]], frame.iloc[order[middle:]]


def shuffled(seed: int) -> Sides:
    generator = np.random.default_rng(seed)
    weights = generator.normal(size=(2, 5))
    sides = [generator.normal(size=(ROWS, 2)) @ weights + 0.25 * generator.normal(size=(ROWS, 5)) for _ in range(2)]
    for column in (1, 3):
        sides[1][:, column] = generator.permutation(sides[1][:, column])
    learned, new = (pd.DataFrame(side.round(4), columns=list("abcde")) for side in sides)
    return learned, new


def compared(store: Store, sides: Sides) -> DriftReport:
    """What the job that scores the second with a run on the first says of them."""
    datasets = []
    for name, side in zip(("learned.csv", "new.csv"), sides, strict=True):
        path = store.settings.home / name
        side.to_csv(path, index=False)
        datasets.append(ingest(store, path, name))
    learned, new = datasets
    run = store.runs.submit(learned.id, suited(RunSpec(), learned))
    _work_off(store, "train", train.run)
    made = store.runs.score_with(ScoreWith(run_id=run.id), new.id)
    _work_off(store, "score", score.run)
    address = store.runs.get(made.id).artifacts["drift"]
    return from_json(DriftReport, store.artifacts.get_json(store.space, address))


def _work_off(store: Store, kind: str, task: Callable[[Work], object]) -> None:
    job = claim(store.engine, "here", 600, kinds=(kind,))
    if job is None:
        raise RuntimeError(f"no job of kind {kind} waits")
    task(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    for waiting in store.jobs.find(("queued",)):  # maps and refits that nobody looks at
        store.jobs.request(waiting.id, "cancel")


def main() -> None:
    """Measure, print, keep."""
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    named = {name.partition(":")[0]: frame for name, frame in tables()}
    cases: list[tuple[str, str, Callable[[int], Sides]]] = [
        ("false alarms", name, lambda seed, frame=named[name]: halves(frame, seed))  # type: ignore[misc]
        for name in TABLES
    ]
    cases.append(("found", f"two of five columns shuffled, {ROWS:,} rows a side", shuffled))
    rows: list[list[str]] = []
    record: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        deployment = Settings(home=Path(folder) / "home")
        migrate(deployment)
        store = Store.open(deployment)
        for what, case, sides in cases:
            began = time.perf_counter()
            reports = [compared(store, sides(seed)) for seed in range(trials)]
            alarms = sum(each.alarm for each in reports)
            errors = [each.scores for each in reports if each.scores is not None]
            low = sum(each.p <= 0.05 for each in errors)
            held = int(np.median([each.held for each in reports]))
            no_fit = sum(each.verdict == "the model no longer fits" for each in reports)
            rows.append([what, case, *(f"{number} of {trials}" for number in (alarms, no_fit, low)), str(held)])
            record[f"{what}, {case}"] = {"trials": trials, "alarms": alarms, "no fit": no_fit, "errors": low}
            print(rows[-1], f"{(time.perf_counter() - began) / trials:.1f} s", flush=True)
        store.close()
    write(
        "drift_runs",
        "Whether a file still looks like what a run learned, by real runs",
        [__doc__ or ""],
        ["what", "case", "alarms", "the model no longer fits", "errors alone, p ≤ .05", "rows held back"],
        rows,
        record,
    )


if __name__ == "__main__":
    main()
