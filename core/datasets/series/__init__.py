"""A table as a series: its rows in the order of time, unbroken stretches of them, and windows over these."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from core.datasets.series.steps import Steps, steps_of
from core.errors import DatasetRefused
from core.results import Dataset
from core.specs import Windows
from core.storage.store import Store

REGULAR, TOLERANCE = 0.75, 0.1  # share of the steps in time that are as long as the usual one, and what *as long* is
FEWEST_STEPS, WINDOWS = 160, 20  # of the longest stretch; so many windows lie in it side by side at least
USUAL = Windows().length


def steps_in(store: Store, dataset: Dataset, every: float = 0.0) -> Steps:
    """A dataset's rows in the order of time. every: seconds of a step, 0 as they come. Raises DatasetRefused."""
    names = [column.name for column in dataset.columns if column.role in ("time", "group")]
    return steps_of(dataset, store.datasets.cells(dataset, names) if names else pa.table({}), every)


def proposed(store: Store, dataset: Dataset) -> Windows | None:
    """Windows over a dataset's rows, where these are a series: a column of role *time* with regular steps."""
    time = next((column for column in dataset.columns if column.role == "time"), None)
    if time is None or dataset.pictures is not None or not any(column.kind == "number" for column in dataset.features):
        return None
    try:
        steps = steps_in(store, dataset)
    except DatasetRefused:  # no order in these times: no series
        return None
    longest = int(np.diff(steps.starts).max(initial=0))
    if longest < FEWEST_STEPS or not _regular(steps):
        return None
    return Windows(length=max(8, min(USUAL, longest // WINDOWS)))


def _regular(steps: Steps) -> bool:
    apart = np.diff(steps.times)[np.diff(steps.stretch) == 0]
    if len(apart) == 0 or steps.usual <= 0:
        return False
    return bool((np.abs(apart - steps.usual) <= TOLERANCE * steps.usual).mean() >= REGULAR)
