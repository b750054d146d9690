"""What a network will see of a dataset, before anything is fitted."""

from __future__ import annotations

from collections.abc import Iterable

from core.datasets.encoding import expected_inputs
from core.datasets.series.steps import channels
from core.results import Column, Dataset
from core.specs import Plan, RunSpec, refuse_unfit


def piece_of(spec: RunSpec, dataset: Dataset) -> str:
    """What the network sees at once, in a word."""
    if spec.windows is not None:
        return "window"
    tiled = dataset.pictures is not None and dataset.pictures.pieces > dataset.rows
    return "tile" if tiled else dataset.item


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
