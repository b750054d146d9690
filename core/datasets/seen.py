"""What a network will see of a dataset, before anything is fitted."""

from __future__ import annotations

from collections.abc import Iterable

from core.datasets.encoding import expected_inputs
from core.datasets.series.steps import channels
from core.datasets.typed import one_by_one
from core.results import Column, Dataset
from core.settings import Settings
from core.specs import Plan, RunSpec, refuse_unfit

MATRIX_CELL, TEXT_CELL = 60, 20  # bytes in memory, at the worst moment of a training: of an input, of a source cell


def piece_of(spec: RunSpec, dataset: Dataset) -> str:
    """What the network sees at once, in a word."""
    if dataset.pictures is not None:
        return "tile" if dataset.pictures.pieces > dataset.rows else dataset.item
    return "window" if spec.windows is not None else dataset.item


def seen_columns(spec: RunSpec, dataset: Dataset) -> tuple[Column, ...]:
    """The columns that the network sees: of a series not those of time and group."""
    return dataset.features if spec.windows is None else channels(dataset, spec.windows)


def encoded_width(columns: Iterable[Column]) -> int:
    """Columns of the matrix that these features will become."""
    return sum(expected_inputs(column) for column in columns)


def plan_for(spec: RunSpec, dataset: Dataset) -> Plan:
    """The network that a spec makes for a dataset. Raises SettingsRefused where it can't work on it."""
    refuse_unfit(spec, dataset)
    return spec.plan(shape_of(spec, dataset))


def shape_of(spec: RunSpec, dataset: Dataset) -> tuple[int, ...]:
    """Of a row as the network will see it (core.results.Layout)."""
    if dataset.pictures is not None:
        return dataset.pictures.height, dataset.pictures.width, dataset.pictures.channels
    width = max(1, encoded_width(seen_columns(spec, dataset)))
    return (spec.windows.length, width) if spec.windows is not None else (width,)


def stays_on_disk(spec: RunSpec, dataset: Dataset, deployment: Settings) -> bool:
    """Whether a table is read from disk while it trains, since it would take more memory than it may.

    Images always are; of a series the steps are in memory, and the windows over them are not.
    """
    if dataset.pictures is not None or spec.windows is not None:
        return False
    columns = dataset.features
    needed = dataset.rows * (encoded_width(columns) * MATRIX_CELL + len(columns) * TEXT_CELL)
    return needed > deployment.train_memory and one_by_one(columns)
