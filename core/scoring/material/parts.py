"""What materials share: rows to train and to validate on by chance, and a PCA of rows that are never whole in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from core.datasets.encoding import Encoder
from core.datasets.encoding.scaling import HUGE
from core.datasets.typed import numeric
from core.errors import SettingsRefused
from core.results import NUMERIC, Dataset, Encoded, Layout, Rows, Table
from core.scoring.trained import Trained
from core.specs import RunSpec, refuse_unfit
from core.storage.store import Store
from core.words import so_many


@dataclass(frozen=True)
class Split:
    """Rows of the dataset, each in order: to train on and to validate on. No row is in both, some may be in none."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]

    @classmethod
    def of(cls, store: Store, dataset: Dataset, spec: RunSpec, kept: NDArray[np.int64]) -> Split:
        """The kept rows on two sides, as the spec says. Raises SettingsRefused where it can't be done."""
        refuse_unfit(spec, dataset)
        training = spec.training
        held = int(training.validation_share * len(kept))
        order = np.random.default_rng(training.seed).permutation(kept)
        if held and training.validation == "by time":
            times = _of_role(store, dataset, "time")[kept]
            order = kept[np.argsort(-times, kind="stable")]  # the latest first; rows without a time last
        if held and training.validation == "by group":
            groups = _of_role(store, dataset, "group")[order]
            _, first, number = np.unique(groups, return_index=True, return_inverse=True)
            rank = np.argsort(np.argsort(first))[number]  # groups in the order in which they were drawn
            order = order[np.argsort(rank, kind="stable")]
            ends = np.flatnonzero(np.diff(np.sort(rank), append=rank.max() + 1)) + 1  # rows up to the end of each group
            if len(ends) < 2:
                raise SettingsRefused(
                    "all rows are of one group: none can be kept to validate on",
                    where="validation",
                    fix="choose random, or leave fewer rows out",
                )
            held = int(ends[:-1][np.argmin(np.abs(ends[:-1] - held))])
        return cls(np.sort(order[held:]), np.sort(order[:held]))


def _of_role(store: Store, dataset: Dataset, role: str) -> NDArray[Any]:
    """The cells of the column of that role: moments or numbers as numbers, NaN where there is none; else as text, (N,)."""
    column = next(column for column in dataset.columns if column.role == role)
    texts = store.datasets.cells(dataset, [column.name])[column.name].to_numpy(zero_copy_only=False)
    if role == "time" and column.kind in NUMERIC:
        return numeric(column, texts)
    _, codes = np.unique([text or "" for text in texts], return_inverse=True)
    return np.asarray(codes, np.float64)


@dataclass(frozen=True)
class Far:
    """The dataset's rows with a cell beyond what a network's numbers reach, by column; only columns that have one."""

    infinite: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    huge: dict[str, NDArray[np.int64]] = field(default_factory=dict)  # finite all the same

    @classmethod
    def of(cls, cells: Table, rows: NDArray[np.int64]) -> Far:
        """rows: that of each cell, (M,)."""
        numbers = {column.name for column in cells.columns if column.kind == "number"}
        infinite: dict[str, NDArray[np.int64]] = {}
        huge: dict[str, NDArray[np.int64]] = {}
        for name, values in cells.values.items():
            if values.dtype.kind == "f":
                sizes = np.abs(values)
                infinite[name] = rows[np.isinf(sizes)]
                huge[name] = rows[np.isfinite(sizes) & (sizes > HUGE)] if name in numbers else rows[:0]
        return cls(*({name: at for name, at in found.items() if len(at)} for found in (infinite, huge)))

    def and_then(self, more: Far) -> Far:
        """With those of further rows."""
        return Far(_joined(self.infinite, more.infinite), _joined(self.huge, more.huge))

    def in_words(self) -> list[str]:
        """What a reader should know of them."""
        return [*_in_words(self.infinite, "an infinite value", "infinite values"),
                *_in_words(self.huge, "a value beyond 3.4e38", "values beyond 3.4e38")]  # fmt: skip


def _joined(some: dict[str, NDArray[np.int64]], more: dict[str, NDArray[np.int64]]) -> dict[str, NDArray[np.int64]]:
    none = np.empty(0, np.int64)
    return {name: np.append(some.get(name, none), more.get(name, none)) for name in {**some, **more}}


def _in_words(found: dict[str, NDArray[np.int64]], one: str, several: str) -> list[str]:
    said = []
    for name, at in found.items():
        many = one if len(at) == 1 else f"{len(at):,} {several}, the first"
        said.append(f"“{name}” has {many} in row {at[0] + 1:,}: taken as farther off than all others")
    return said


def unused_in_words(dataset: Dataset, encoder: Encoder) -> list[str]:
    """Which features a fitted encoding passes over, where it does."""
    unused = [column.name for column in dataset.features if column.name not in encoder.layout.columns]
    return [f"not used, because they do not vary: {', '.join(unused[:10])}"] if unused else []


def without_values(encoder: Encoder, data: Encoded) -> int:
    """How many rows have no value in any column that the network looks at."""
    cells = np.setdiff1d(np.arange(data.layout.width), list(encoder.markers))
    return int((~data.observed[:, cells].any(axis=1)).sum())


def without_values_in_words(rows: int) -> list[str]:
    """What a reader should know of them: to the network they are like the middle of all."""
    said = "no value in any column that is looked at: nothing can be told of how strange"
    return [f"{so_many(rows, 'row', 'has', 'have')} {said} {'it is' if rows == 1 else 'they are'}"] if rows else []


def number_cells(dataset: Dataset, layout: Layout) -> NDArray[np.int64]:
    """The cells of a row that number columns are compared by, in order."""
    names = {column.name for column in dataset.features if column.kind == "number"}
    return Layout(tuple(block for block in layout.blocks if block.column in names)).squared


def pca_of(data: Rows, rows: NDArray[np.int64], width: int, most: int) -> PCA:
    """A PCA of some rows of the data, evenly spaced ones of them where there are more than `most`."""
    values = data.take(rows[:: max(1, len(rows) // most)]).compared
    return PCA(min(width, *values.shape), svd_solver="randomized", random_state=0).fit(values)


def beside_pca(
    trained: Trained,
    data: Rows,
    fitted: NDArray[np.int64],
    held: NDArray[np.int64],
    width: int,
    most: int,
    cells: NDArray[np.int64],
) -> dict[str, float | None]:
    """error_network and error_pca: mean squared error on some of the held rows of the data, in these of their cells, of a
    PCA of some of the fitted ones. None where there is nothing to compare."""
    if len(held) == 0 or len(fitted) < 2 or len(cells) == 0:
        return {"error_network": None, "error_pca": None}
    asked = data.take(held[:: max(1, len(held) // most)])
    pca = pca_of(data, fitted, width, most)
    network_error, pca_error = (
        float(((out - asked.values) ** 2)[:, cells][asked.observed[:, cells]].mean(dtype=np.float64))
        for out in (trained.expected_of(asked), pca.inverse_transform(pca.transform(asked.compared)))
    )
    return {"error_network": network_error, "error_pca": pca_error}
