"""A table as a series: its rows in the order of time, unbroken stretches of them, and windows over these."""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa

from core.datasets.series.steps import Steps, axes, steps_of
from core.datasets.series.windows import unseen
from core.errors import DatasetRefused
from core.results import Column, Dataset
from core.specs import Windows
from core.storage.store import Store
from core.words import so_many

REGULAR, TOLERANCE = 0.75, 0.1  # share of the steps in time that are as long as the usual one, and what *as long* is
FEWEST_STEPS, WINDOWS = 160, 20  # of the longest stretch; so many windows lie in it side by side at least
GUESSES = 3  # columns that may say whose a row is, which are tried where no column has the role
USUAL = Windows().length


def steps_in(store: Store, dataset: Dataset, windows: Windows) -> Steps:
    """A dataset's rows in the order of time. Raises DatasetRefused, SettingsRefused."""
    names = [column.name for column in axes(dataset, windows) if column is not None]
    return steps_of(dataset, store.datasets.cells(dataset, names) if names else pa.table({}), windows)


def proposed(store: Store, dataset: Dataset) -> Windows | None:
    """Windows over a dataset's rows, where these are a series: times with regular steps, perhaps several of them.

    The time is the column with that role, else the only column of dates; the group the column with that role, else the
    first of few names under which the steps are regular.
    """
    if dataset.pictures is not None or not any(column.kind == "number" for column in dataset.features):
        return None
    dates = [column for column in dataset.features if column.kind == "datetime"]
    times = [column for column in dataset.columns if column.role == "time"] or (dates if len(dates) == 1 else [])
    if not times:
        return None
    by_role = [column for column in dataset.columns if column.role == "group"]
    groups = [""] if by_role else ["", *(column.name for column in dataset.columns if _may_group(column, dataset))]
    for time, group in product(times[:1], groups[: GUESSES + 1]):
        windows = Windows(time="" if time.role == "time" else time.name, group=group)
        try:
            steps = steps_in(store, dataset, windows)
        except DatasetRefused:  # no order in these times: no series
            continue
        longest = int(np.diff(steps.starts).max(initial=0))
        if longest >= FEWEST_STEPS and _regular(steps):
            return windows.model_copy(update={"length": max(8, min(USUAL, longest // WINDOWS))})
    return None


def shortcomings(steps: Steps, windows: Windows) -> list[str]:
    """What windows over these steps leave out, and what they are not."""
    said = []
    if windows.every == 0 and steps.by_time and not _regular(steps):
        said.append(
            "the times do not follow one another evenly, and a window counts rows, not minutes, unless they are resampled"
        )
    if out := int(unseen(steps, windows.length)[steps.step[steps.step >= 0]].sum()):
        said.append(f"{so_many(out, 'row', 'lies', 'lie')} in stretches shorter than a window, hence without a score")
    return said


def _may_group(column: Column, dataset: Dataset) -> bool:
    """Whether each of its values may be the name of a series of its own."""
    names = column.role in ("feature", "identifier") and column.kind in ("category", "coded", "ordered")
    return names and 1 < column.distinct <= dataset.rows // FEWEST_STEPS


def _regular(steps: Steps) -> bool:
    """Whether times mostly follow each other evenly. Rows at one time, of several series, are not even."""
    apart = np.diff(steps.times)[np.diff(steps.stretch) == 0]
    if len(apart) == 0 or steps.usual <= 0:
        return False
    return bool((np.abs(apart - steps.usual) <= TOLERANCE * steps.usual).mean() >= REGULAR)
