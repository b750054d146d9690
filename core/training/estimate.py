"""How long a run will take, before it is started. Needs no torch: pages ask it.

A cost model of one step (fixed overhead and multiply-adds), corrected by what recent runs on this machine
really took.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from typing import Any

from core.datasets.encoding import LEVELS
from core.results import Column
from core.specs import LAYERS, RunSpec

STEP_SECONDS = 7.0e-4  # overhead of one training step
FLOP_SECONDS = 1.0e-10  # one multiply-add, forwards and backwards, on one core
FOREST_SECONDS = 0.5  # baselines, maps and storing: fixed part
ROW_SECONDS = 4.0e-5  # scoring and baselines of one row
CELL_SECONDS = 1.0e-6  # reading and encoding one cell, and the baselines' share of it
STOPS_EARLY = 0.9  # of the epochs, as early stopping ends some runs sooner


def encoded_width(columns: Iterable[Column]) -> int:
    """Columns of the matrix that these features will become, before anything is fitted."""
    width = 0
    for column in columns:
        if column.role != "feature" or column.kind == "constant":
            continue
        if column.kind in ("category", "ordered", "multiple", "coded"):
            width += min(LEVELS, max(1, column.distinct)) + 1
        else:
            width += {"datetime": 5, "text": 5}.get(column.kind, 1)
        width += 1 if column.missing else 0
    return width


def raw_estimate(spec: RunSpec, rows: int, width: int) -> float:
    """Seconds by the cost model alone."""
    family = LAYERS.get(spec.layers)
    plan = family.plan(family.settings.read(spec.layer_settings), max(1, width))
    training = spec.training
    trained = rows * (1 - training.validation_share)
    steps = math.ceil(trained / training.batch_size)
    epoch = steps * (STEP_SECONDS + 3 * plan.parameters * min(training.batch_size, trained) * FLOP_SECONDS)
    rest = FOREST_SECONDS + rows * ROW_SECONDS + rows * width * CELL_SECONDS
    return training.epochs * STOPS_EARLY * epoch + rest


def estimate(spec: RunSpec, rows: int, width: int, history: Iterable[tuple[RunSpec, dict[str, Any]]] = ()) -> float:
    """Seconds from the job's start to its results.

    history: spec and summary of recent finished runs on the same machine.
    """
    ratios = [
        summary["seconds"] / raw_estimate(past, summary["rows_scored"], summary["width"])
        for past, summary in history
        if summary.get("seconds") and not summary.get("stopped") and "rows_scored" in summary
    ]
    correction = min(4.0, max(0.25, statistics.median(ratios))) if ratios else 1.0
    return raw_estimate(spec, rows, width) * correction
