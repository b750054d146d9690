"""How long a run will take and what memory its network needs, before it is started. Needs no torch: pages ask it.

A cost model of one step (fixed overhead and multiply-adds) and of the epochs that a training usually takes before
it stops by itself, corrected by what recent runs on this machine really took. `make bench` holds it against the truth.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from typing import Any

from core.datasets.seen import encoded_width as encoded_width
from core.results import Device
from core.specs import LAYERS, RECOMMENDED, Plan, RunSpec

# One thread of a usual machine that does other things too.
STEP_SECONDS = 2.2e-4  # overhead of one training step
FLOP_SECONDS = 6.0e-11  # one multiply-add, forwards and backwards
EPOCH_SECONDS = 1.5e-3  # validation, keeping the best weights, writing the metrics down
FIXED_SECONDS = 0.27  # reading, baselines, maps and storing: fixed part
ROW_SECONDS = 4.0e-5  # scoring and baselines of one row
CELL_SECONDS = 1.0e-6  # reading and encoding one cell, and the baselines' share of it
# The recommended detector (core.scoring.recommended): steps of so many rows whatever their number, more of clean ones; weights
# a column and others.
DETECTOR_STEPS, DETECTOR_STEPS_CLEAN, DETECTOR_ROWS, DETECTOR_WEIGHTS = 600, 1_000, 64, (256, 8_192)
USUAL_BEST_EPOCH = 50  # after which the validation loss no longer falls; patience is waited for beyond it

# Bytes of memory that a weight takes while it is trained: itself, its gradient, the optimiser's two means, the best one so
# far and the one that takes its place. A checkpoint of them is written from the machine's own memory, which holds it twice.
TRAINED_BYTES, CHECKPOINT_BYTES = 24, 24
UNIT_BYTES = 8  # of each unit for each row of a batch, at least: what it gives, and its slope


def weight_bytes(device: Device) -> int:
    """What one weight takes of a device's memory, at the worst moment of a training."""
    return TRAINED_BYTES + (CHECKPOINT_BYTES if device.name == "cpu" else 0)


def batch_bytes(spec: RunSpec, plan: Plan, rows: int) -> int:
    """The least that a batch takes while the network learns from it. bfloat16, which images may be computed in, takes half."""
    whole = spec.training.precision == "float32" or (
        spec.training.precision == "auto" and "table" in LAYERS.get(spec.layers).suits
    )
    return rows * sum(plan.widths) * plan.members * (UNIT_BYTES if whole else UNIT_BYTES // 2)


def usual_epochs(spec: RunSpec) -> int:
    """How many epochs a run takes until early stopping ends it. A guess: it depends on the rows."""
    training = spec.training
    if training.validation_share == 0:
        return training.epochs
    return min(training.epochs, USUAL_BEST_EPOCH + training.patience)


def raw_estimate(spec: RunSpec, rows: int, shape: tuple[int, ...], epochs: int | None = None) -> float:
    """Seconds by the cost model alone, for that many epochs or the usual number."""
    plan, width = spec.plan(shape), math.prod(shape)
    training = spec.training
    trained = rows * (1 - training.validation_share)
    steps = math.ceil(trained / training.batch_size)
    products = plan.parameters * plan.members * plan.shared * min(training.batch_size, trained)
    step = STEP_SECONDS + 3 * products * FLOP_SECONDS
    return (epochs or usual_epochs(spec)) * (EPOCH_SECONDS + steps * step) + _around_it(spec, rows, width)


def _around_it(spec: RunSpec, rows: int, width: int) -> float:
    """Seconds of all that is not the run's own training."""
    return FIXED_SECONDS + rows * ROW_SECONDS + rows * width * CELL_SECONDS + _detector(spec, width)


def _detector(spec: RunSpec, width: int) -> float:
    """Seconds that the recommended detector learns, where the score comes from it."""
    if spec.scorer != RECOMMENDED:
        return 0.0
    each, others = DETECTOR_WEIGHTS
    steps = DETECTOR_STEPS_CLEAN if spec.assume_clean else DETECTOR_STEPS
    return steps * (STEP_SECONDS + 3 * DETECTOR_ROWS * (each * width + others) * FLOP_SECONDS)


def estimate(
    spec: RunSpec,
    rows: int,
    shape: tuple[int, ...],
    history: Iterable[tuple[RunSpec, dict[str, Any]]] = (),
    epochs: int | None = None,
) -> float:
    """Seconds from the job's start to its results, of that many epochs or of the usual number.

    shape: of a row (core.results.Layout); history: spec and summary of recent finished runs on the same machine.
    """
    ratios = [
        summary["seconds"]
        / raw_estimate(past, summary.get("pieces", summary["rows_scored"]), _shape(summary), summary.get("epochs"))
        for past, summary in history
        if summary.get("seconds") and "rows_scored" in summary
    ]
    correction = min(4.0, max(0.25, statistics.median(ratios))) if ratios else 1.0
    seconds = raw_estimate(spec, rows, shape, epochs) * correction
    if not spec.training.minutes:
        return seconds
    return min(seconds, 60 * spec.training.minutes + correction * _around_it(spec, rows, math.prod(shape)))


def _shape(summary: dict[str, Any]) -> tuple[int, ...]:
    return tuple(summary.get("shape") or [summary["width"]])  # runs that were stored before there were shapes
