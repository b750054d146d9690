"""A series: the rows of a table in the order of time, looked at in windows; what is said is said of each row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from core.datasets.encoding import Encoder, WindowEncoder
from core.datasets.encoding.encoder import is_encoded
from core.datasets.encoding.windows import WindowRows
from core.datasets.series import shortcomings, steps_in
from core.datasets.series.steps import Steps, axis_names, channels, firsts, resampled
from core.datasets.series.windows import refuse_few, split_by_time, taken, unseen, window_starts, within
from core.datasets.typed import typed_table
from core.errors import DatasetRefused
from core.results import Column, Course, Dataset, Table
from core.scoring.baselines import Baselines, Took, timed
from core.scoring.blocks import finite
from core.scoring.material.parts import Far, Split, beside_pca, pca_of
from core.scoring.trained import Output, Trained
from core.scoring.windows import Block, Errors, Ordinary, look
from core.specs import RunSpec, Windows
from core.storage.runs import COURSE_ARRAYS
from core.storage.store import Store

COMPARED = 5_000  # windows that a PCA of equal width is fitted on
MUCH = 1.5  # times the median score of the rows trained on: more is said
SIMPLE_WINDOWS, PATCHES = 20_000, 8  # how many windows the simple methods see, and into how many means each is cut


class Series:
    """core.scoring.material.Material of a series."""

    def __init__(self, store: Store, dataset: Dataset, spec: RunSpec, kept: NDArray[np.int64]) -> None:
        self.dataset, self.windows = dataset, windows_of(spec)
        self.steps = steps_in(store, dataset, self.windows)
        self.starts = window_starts(self.steps, self.windows.length, self.windows.step)
        length, mine = self.windows.length, taken(self.steps, kept, dataset.rows)
        self.learned, held = split_by_time(self.steps, mine, spec.training.validation_share, length)
        self.split = Split(_rows(self.steps, self.learned), _rows(self.steps, held))
        refuse_few(self.starts, length, self.learned, dataset.name)
        cells = table_of_steps(store, dataset, channels(dataset, self.windows), self.steps)
        self.late, self.drift = _late(cells, self.learned), 1.0
        self.far = Far.of(cells, firsts(self.steps))
        step = Encoder.fit(cells, np.flatnonzero(self.learned), spec.numbers)
        self.encoder = WindowEncoder(length=length, step=step)
        self.data = self.encoder.rows(step.encode(cells), self.starts)

    def rows_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        return within(self.starts, self.windows.length, taken(self.steps, items, self.dataset.rows))

    def output(self, trained: Trained) -> Output:
        errors, codes = look(trained, self.data)
        ordinary = Ordinary.fit(errors, self.steps.starts, self.learned)
        named = axis_names(self.dataset, self.windows)
        found = series_output(
            ordinary, errors, codes, self.steps, self.starts, self.windows.length, self.dataset.rows, named
        )
        self.drift = _drift(found.scores, self.split.train)
        return found

    def baselines(self, width: int, seed: int, took: Took | None = None) -> NDArray[np.float64]:
        """PCA is scored as the network is; the other two look at means over an eighth of a window each."""
        fitted = self.simple(width, seed, took)
        return fitted.scores(self.encoder, self.data, self.steps, self.dataset.rows, own=True)

    def simple(self, width: int, seed: int, took: Took | None = None) -> Simple:
        """The simple methods, fitted on the steps to train on. took: is told how many seconds each took."""
        took = {} if took is None else took
        fitted = self.rows_of(self.split.train)
        with timed(took, "PCA"):
            pca = pca_of(self.data, fitted, width, COMPARED)
            rebuilt = Errors.of(self.encoder, self.data, by_pca(self.data, pca))
            ordinary = Ordinary.fit(rebuilt, self.steps.starts, self.learned)
        few = _few(self.data)
        rows = np.flatnonzero(np.isin(few, fitted))
        of_windows = Baselines.fit(_patches(self.data, few)[rows], rows, width, seed, {})
        return Simple(pca, ordinary, of_windows, rebuilt, took)

    def beside_pca(self, trained: Trained, width: int) -> dict[str, float | None]:
        """On numbers only, in windows that were held back."""
        fitted, held = self.rows_of(self.split.train), self.rows_of(self.split.validation)
        return beside_pca(trained, self.data, fitted, held, width, COMPARED, self.data.layout.squared)

    def notices(self) -> list[str]:
        length = self.windows.length
        said = [
            f"{len(self.data):,} windows of {length:,} {'steps' if self.windows.every else 'rows'}, each seen by the network "
            "as a whole",
            *self.steps.notices,
        ]
        unused = [
            column.name
            for column in channels(self.dataset, self.windows)
            if column.name not in self.encoder.layout.columns
        ]
        if unused:
            said.append(f"not used, because they do not vary in the rows trained on: {', '.join(unused[:10])}")
        if late := [name for name in self.late if name in unused]:
            said.append(f"these do vary in other rows, where the network does not look at them: {', '.join(late[:10])}")
        if self.drift > MUCH:
            said.append(
                f"rows that were not trained on score {self.drift:.1f} times higher (the median): the series changes over "
                "time, or has too few rows, and what is flagged there may only be new"
            )
        return [*said, *self.far.in_words(), *shortcomings(self.steps, self.windows)]

    def summary(self) -> dict[str, Any]:
        of_run = {
            "length": self.windows.length,
            "stride": self.windows.step,
            **axis_names(self.dataset, self.windows),
        }
        return series_summary(self.data, self.steps, of_run)


def series_summary(data: WindowRows, steps: Steps, of_run: dict[str, Any]) -> dict[str, Any]:
    """What the pages need to know of a file's windows. of_run: length, stride, and the columns of time and group."""
    return {
        "windows": {
            **of_run,
            "number": len(data),
            "stretches": len(steps.starts) - 1,
            "by_time": steps.by_time,
            "every": steps.usual if steps.by_time else None,
        }
    }


@dataclass(frozen=True)
class Simple:
    """The simple methods, fitted on windows of a series. rebuilt: what the PCA makes of those."""

    pca: PCA
    ordinary: Ordinary
    of_windows: Baselines
    rebuilt: Errors
    took: Took

    def scores(
        self, encoder: WindowEncoder, data: WindowRows, steps: Steps, rows: int, own: bool = False
    ) -> NDArray[np.float64]:
        """PCA, IsolationForest and kNN of each of so many rows of a dataset, (N, 3), from its windows. own: of those that they
        were fitted on, so that no window is its own neighbour."""
        with timed(self.took, "PCA"):
            rebuilt = self.rebuilt if own else Errors.of(encoder, data, by_pca(data, self.pca))
            worst = self.ordinary.relative(rebuilt, steps.starts).max(axis=1)
        few = _few(data)
        numbers = np.arange(len(few)) if own else np.full(len(few), -1)
        of_windows = self.of_windows.scores(_patches(data, few), numbers)
        # Of the small windows the PCA's time is not asked for.
        self.took.update({name: seconds for name, seconds in self.of_windows.took.items() if name != "PCA"})
        middles = data.starts[few] + encoder.length // 2
        simple = [np.interp(np.arange(len(steps)), middles, of_windows[:, i]) for i in (1, 2)]
        by_step = np.column_stack([worst, *simple])
        by_step[~rebuilt.seen] = by_step.min(axis=0)
        return to_rows(by_step, steps, rows, by_step.min(axis=0))


def _few(data: WindowRows) -> NDArray[np.int64]:
    """The windows that forest and neighbours see: all, of very many some."""
    return np.arange(0, len(data), max(1, len(data) // SIMPLE_WINDOWS))


def _patches(data: WindowRows, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Windows as means over an eighth of their length, (R, 8·D)."""
    length, width = data.layout.shape
    begins = np.linspace(0, length, min(PATCHES, length), endpoint=False).astype(int)
    sizes = np.diff(begins, append=length)[:, None]
    parts = []
    for first in range(0, len(rows), 1_000):
        values = data.take(rows[first : first + 1_000]).compared.reshape(-1, length, width)
        parts.append((np.add.reduceat(values, begins, axis=1) / sizes).reshape(len(values), -1))
    return np.concatenate(parts).astype(np.float32)


def by_pca(data: WindowRows, pca: PCA) -> Iterator[Block]:
    """What it makes of all windows."""
    for first in range(0, len(data), 256):
        part = data.take(slice(first, first + 256))
        made = pca.inverse_transform(pca.transform(part.compared)).astype(np.float32)
        observed = None if data.whole else torch.from_numpy(part.observed.astype(np.float32))
        yield data.starts[first : first + 256], torch.from_numpy(made), torch.from_numpy(part.values), observed


def _drift(scores: NDArray[np.float64], trained: NDArray[np.int64]) -> float:
    """How much higher the median score is of rows that were not trained on; 1 where there are none."""
    others = np.delete(scores, trained)
    others = others[others > 0]
    middle = float(np.median(scores[trained]))
    return float(np.median(others)) / middle if len(others) and middle > 0 else 1.0


def _late(cells: Table, learned: NDArray[np.bool_]) -> list[str]:
    """The columns with a value outside of the learned steps that is in none of them."""
    found = []
    for name, values in cells.values.items():
        inside = values[learned]
        if len(inside) and all(value == inside[0] for value in inside) and any(value != inside[0] for value in values):
            found.append(name)
    return found


def windows_of(spec: RunSpec) -> Windows:
    """The windows of a spec that has some."""
    if spec.windows is None:
        raise ValueError("this run looks at rows by themselves")
    return spec.windows


def table_of_steps(store: Store, dataset: Dataset, columns: tuple[Column, ...], steps: Steps) -> Table:
    """The cells of columns that a network sees, one row a step; one column's text is in memory at a time."""
    keys = np.arange(dataset.rows).astype(str)
    values: dict[str, NDArray[Any]] = {}
    used = tuple(column for column in columns if is_encoded(column))
    for column in used:
        one = typed_table(store.datasets.cells(dataset, [column.name]), (column,), keys)
        values.update(resampled(one, steps).values)
    return Table(used, values, np.arange(len(steps)).astype(str))


def _rows(steps: Steps, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    real = steps.step >= 0
    return np.sort(steps.rows[real][chosen[steps.step[real]]])


def to_rows(values: NDArray[Any], steps: Steps, rows: int, otherwise: NDArray[Any] | float = 0.0) -> NDArray[Any]:
    """What is known of each step, (M, …), for each of the dataset's rows, (N, …)."""
    out = np.empty((rows, *values.shape[1:]), values.dtype)
    out[:] = otherwise
    real = steps.step >= 0
    out[steps.rows[real]] = values[steps.step[real]]
    return out


def rows_of_series(store: Store, dataset: Dataset, trained: Trained) -> tuple[WindowRows, Steps]:
    """A dataset's windows as a finished run sees them, and its steps. Raises DatasetRefused where no window lies in it."""
    windows, encoder = windows_of(trained.spec), trained.of_series
    steps = steps_in(store, dataset, windows)
    starts = window_starts(steps, windows.length, windows.step)
    if len(starts) == 0:
        raise DatasetRefused(
            f"no stretch of it is as long as a window of {windows.length:,}",
            where=dataset.name,
            fix="choose a file with longer stretches",
        )
    names = encoder.step.layout.columns
    seen = tuple(replace(dataset.column(name), role="feature") for name in names)
    return encoder.rows(encoder.step.encode(table_of_steps(store, dataset, seen, steps)), starts), steps


def windows_through(dataset: Dataset, trained: Trained, ordinary: Ordinary, data: WindowRows, steps: Steps) -> Output:
    """A dataset's windows through a finished run."""
    windows = windows_of(trained.spec)
    errors, codes = look(trained, data)
    named = axis_names(dataset, windows)
    return series_output(ordinary, errors, codes, steps, data.starts, windows.length, dataset.rows, named)


def series_output(
    ordinary: Ordinary,
    errors: Errors,
    codes: NDArray[np.float32],
    steps: Steps,
    starts: NDArray[np.int64],
    length: int,
    rows: int,
    named: dict[str, str],
) -> Output:
    """Scores of the dataset's rows, and what is kept to look at them in time. named: as `axis_names`."""
    relative, sides = ordinary.relative_and_sides(errors, steps.starts)
    by_row = to_rows(relative, steps, rows)
    arrays: dict[str, NDArray[Any]] = {
        "ordinary": ordinary.array(),
        "sides": to_rows(sides, steps, rows),
        "window_rows": firsts(steps)[starts + length // 2],
    }
    real = steps.step >= 0
    real[real] = ~unseen(steps, length)[steps.step[real]]
    step = steps.step[real]
    course = Course(steps.rows[real], steps.stretch[step], steps.times[step], steps.by_time, length, **named)
    return Output(
        finite(by_row.max(axis=1).astype(np.float64)), by_row, codes, {**arrays, **course_arrays(course)}, course
    )


def course_arrays(course: Course) -> dict[str, NDArray[Any]]:
    """As they are kept with a run."""
    return dict(zip(COURSE_ARRAYS, (course.rows, course.stretch, course.times), strict=True))
