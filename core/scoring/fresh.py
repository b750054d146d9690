"""Another file's rows as a finished run sees them: of a table by the names of its columns, of images by their size, of a series in
the run's windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.match import same_columns
from core.datasets.series.steps import axes
from core.drift import rows_to_compare
from core.errors import DatasetRefused, InputRefused
from core.results import Column, Dataset, Run, Table
from core.scoring.baselines import Baselines
from core.scoring.matching import Matched, Renamed, as_learned, matched, read_as, refuse_meaningless
from core.scoring.material import Material
from core.scoring.material.images import Images
from core.scoring.material.series import Series, rows_of_series, series_summary, windows_of, windows_through
from core.scoring.pictures import picture_output, small
from core.scoring.reference import ARRAYS as OF_IMAGES
from core.scoring.trained import Output, Trained
from core.scoring.windows import Ordinary
from core.storage.store import Store
from core.words import count

FITTED_ON = 50_000  # rows that the simple methods learn from, at most
NOBODY = -1  # the number of a row that is among none of those learned from


@dataclass(frozen=True)
class Fresh:
    """Rows that were scored, and what else is to be known of them.

    learned: the run's columns as they are read here; found: what became of each; simple: what the simple methods say, (N, 3), and
    how long each took, fitted on what the run learned from; table: the cells, where there are some; errors: of a table how badly the
    network rebuilds some rows, (K,) each, whatever gives the score; artifacts: of the model, that whoever asks it about these rows
    needs.
    """

    output: Output
    learned: tuple[Column, ...]
    found: tuple[Matched, ...]
    simple: Callable[[Material, int, int], tuple[NDArray[np.float64], dict[str, float]]]
    table: Table | None = None
    errors: Callable[[NDArray[np.int64]], NDArray[np.float64]] | None = None
    artifacts: tuple[str, ...] = ()
    summary: dict[str, Any] = field(default_factory=dict)


def look_at(
    store: Store, model: Run, trained: Trained, dataset: Dataset, trained_on: Dataset, renamed: Renamed
) -> Fresh:
    """A file's rows through a run. renamed: of a table, what learned columns are called there.

    Raises DatasetRefused, InputRefused where they can't be looked at, or not so that it means something.
    """
    if trained.looks_at_images:
        return _images(store, trained, dataset)
    if trained.looks_at_series:
        return _series(store, model, trained, dataset, trained_on)
    return _table(store, trained, dataset, trained_on, renamed)


def _table(store: Store, trained: Trained, dataset: Dataset, trained_on: Dataset, renamed: Renamed) -> Fresh:
    then = tuple(trained_on.column(name) for name in trained.encoder.layout.columns)
    found = matched(store, then, dataset, renamed)
    learned = tuple(read_as(column, dataset, renamed) for column in then)
    refuse_meaningless(found, dataset.source_name)
    table = as_learned(store, dataset, learned, found)
    encoded = trained.of_tables.encode(table)

    def simple(material: Material, width: int, seed: int) -> tuple[NDArray[np.float64], dict[str, float]]:
        rows = _some(material.rows_of(material.split.train), seed)
        fitted = Baselines.fit(material.data.take(rows).compared, rows, width, seed, None, material.data.layout.scale)
        return fitted.scores(encoded.compared, np.full(len(encoded), NOBODY)), fitted.took

    def errors(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return trained.errors(encoded.take(rows))

    return Fresh(trained.of_encoded(encoded), learned, found, simple, table, errors)


def _images(store: Store, trained: Trained, dataset: Dataset) -> Fresh:
    refuse_other_size(trained, dataset)
    pieces, places = store.datasets.pieces(dataset), store.datasets.places(dataset)
    data = trained.of_images.rows(pieces, places)

    def simple(material: Material, width: int, seed: int) -> tuple[NDArray[np.float64], dict[str, float]]:
        assert isinstance(material, Images)  # noqa: S101  (a model of images learned from images)
        rows = _some(material.rows_of(material.split.train), seed)
        fitted = Baselines.fit(small(material.data)[rows], rows, width, seed)
        return material.worst_of(
            fitted.scores(small(data), np.full(len(data), NOBODY)), places, dataset.rows
        ), fitted.took

    return Fresh(picture_output(trained, data, places, dataset.rows), (), (), simple, artifacts=OF_IMAGES)


def refuse_other_size(trained: Trained, dataset: Dataset) -> None:
    """Raises DatasetRefused where the images are not of the size, or colours, that the run learned from."""
    height, width, channels = trained.of_images.layout.row_shape
    here = dataset.pictures
    if here is None:
        raise DatasetRefused(
            "the run looks at images, and this is a table", where=dataset.name, fix="choose a run on a table"
        )
    if here.shape != (height, width, channels):
        raise DatasetRefused(
            f"its images are {here.height} × {here.width} with {count(here.channels, 'colour')}, the run's were "
            f"{height} × {width} with {channels}",
            where=dataset.name,
            fix="read the images again at that size, in grey or colour as the run's",
        )


def _series(store: Store, model: Run, trained: Trained, dataset: Dataset, trained_on: Dataset) -> Fresh:
    """Windows over the other file's rows, by its columns that are named as the run's time and group."""
    roles = [column for column in axes(trained_on, windows_of(trained.spec)) if column is not None]
    names = trained.encoder.layout.columns
    same_columns(dataset, [*names, *(column.name for column in roles)])
    then = tuple(trained_on.column(name) for name in names)
    found = matched(store, (*then, *roles), dataset, {})
    if lacking := [each.column for each in found if each.lacking]:
        raise InputRefused(
            f"{', '.join(lacking[:5])} can't be read as the run learned {'it' if len(lacking) == 1 else 'them'}",
            where=dataset.source_name,
            fix="upload a file with the same columns, or train on this one",
        )
    learned = tuple(read_as(column, dataset, {}) for column in then)
    read = replace(
        dataset, columns=(*(replace(read_as(each, dataset, {}), role=each.role) for each in roles), *learned)
    )
    ordinary = Ordinary.of_array(store.artifacts.get_array(store.space, model.artifacts["ordinary"]))
    windows = rows_of_series(store, read, trained)

    def simple(material: Material, width: int, seed: int) -> tuple[NDArray[np.float64], dict[str, float]]:
        assert isinstance(material, Series)  # noqa: S101  (a model of series learned from one)
        fitted = material.simple(width, seed)
        return fitted.scores(trained.of_series, *windows, dataset.rows), fitted.took

    return Fresh(
        windows_through(read, trained, ordinary, *windows),
        learned,
        found,
        simple,
        as_learned(store, dataset, learned, found),
        summary=series_summary(*windows, model.summary["windows"]),
    )


def _some(rows: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    return rows[rows_to_compare(len(rows), seed, FITTED_ON)]
