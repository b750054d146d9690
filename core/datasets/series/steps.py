"""The rows of a table in the order of time, cut into stretches where a group ends or time has a gap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from core.datasets.typed import numeric
from core.errors import DatasetRefused, SettingsRefused
from core.registry import nearest
from core.results import NUMERIC, Column, Dataset, Table
from core.specs import Windows
from core.words import so_many

GAP = 5.0  # times the usual step of a group: a longer one is a gap, which no window bridges


@dataclass(frozen=True)
class Steps:
    """What the windows lie over: M steps of time, each one row (or, resampled, the mean of some).

    rows: the dataset's rows by group and time. A row without a time, or without a group, comes last and is no step:
    its `step` is -1.
    """

    rows: NDArray[np.int64]  # (N,)
    step: NDArray[np.int64]  # (N,) the step of each of `rows`
    times: NDArray[np.float64]  # (M,) seconds since 1970; or what a column of numbers says, or the row's number
    stretch: NDArray[np.int64]  # (M,) which unbroken stretch each step lies in, 0 … S − 1
    by_time: bool  # whether times are moments
    notices: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.times)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each stretch begins, and where the last one ends, (S + 1,)."""
        begins = np.flatnonzero(np.diff(self.stretch, prepend=-1))
        return np.append(begins, len(self.stretch))

    @property
    def usual(self) -> float:
        """The usual time from one step to the next, in seconds; 1 where times are no moments."""
        if not self.by_time:
            return 1.0
        apart = np.diff(self.times)[np.diff(self.stretch) == 0]
        apart = apart[apart > 0]
        return float(np.median(apart)) if len(apart) else 1.0


def axes(dataset: Dataset, windows: Windows) -> tuple[Column | None, Column | None]:
    """The columns of time and of group: those that are said, else those with the role. Raises SettingsRefused."""

    def found(said: str, role: str) -> Column | None:
        if not said:
            return next((column for column in dataset.columns if column.role == role), None)
        names = [column.name for column in dataset.columns]
        if said not in names:
            raise SettingsRefused(f"there is no column named “{said}”", where=role, fix=nearest(said, names))
        return dataset.column(said)

    time, group = found(windows.time, "time"), found(windows.group, "group")
    if windows.time and time is not None and time.kind not in NUMERIC:
        raise SettingsRefused(
            f"“{time.name}” holds no times: it is read as {time.kind}",
            where="time",
            fix="choose a column of dates or numbers, or give it that kind on the Data page",
        )
    return time, group


def axis_names(dataset: Dataset, windows: Windows) -> dict[str, str]:
    """The names of the columns of time and of group, "" where there is none."""
    time, group = axes(dataset, windows)
    return {"time": time.name if time is not None else "", "group": group.name if group is not None else ""}


def channels(dataset: Dataset, windows: Windows) -> tuple[Column, ...]:
    """The columns that are looked at: features, but for those that say when and whose."""
    said = {column.name for column in axes(dataset, windows) if column is not None}
    return tuple(column for column in dataset.features if column.name not in said)


def steps_of(dataset: Dataset, cells: pa.Table, windows: Windows) -> Steps:
    """The steps of a dataset in the order of time. cells: its columns of time and group at least (`axes`).

    Raises DatasetRefused where there is no order in the times, SettingsRefused.
    """
    (time, group), every = axes(dataset, windows), windows.every
    rows = dataset.rows
    codes, nameless = np.zeros(rows, np.int64), np.zeros(rows, bool)
    if group is not None:
        codes, nameless = _codes(cells[group.name])
    if time is None or time.kind not in NUMERIC:
        if every:
            raise DatasetRefused(
                "without times there is nothing to resample by",
                where=dataset.name,
                fix="give the column that holds the times the role time, on the Data page",
            )
        steps = _ordered(codes, np.arange(rows, dtype=np.float64), nameless)
        steps = replace(steps, by_time=False)
        order = "the rows are taken in the order of the file" + ("" if group else ", as one series")
        return replace(steps, notices=(order, *_nameless(nameless, group.name if group else "")))
    times = numeric(time, cells[time.name].to_numpy(zero_copy_only=False))
    unread = np.isnan(times)
    steps = _ordered(codes, times, nameless | unread)
    notices = [*_nameless(nameless, group.name if group else ""), *_unread(unread, time.name)]
    if len(steps) > 1 and not (np.diff(steps.times)[_within(codes, steps)] > 0).any():
        raise DatasetRefused(
            "all rows have the same time: there is no order in them",
            where=f"{dataset.name}, column {time.name}",
            fix="give another column the role time, or none: then the rows' own order counts",
        )
    notices += _disorder(codes, times, steps, time.name)
    if time.kind == "datetime" and any(mark in time.form for mark in ("%z", " UTC", " GMT")):
        notices.append(f"the times of “{time.name}” are shown in UTC")
    if every:
        steps = _binned(steps, codes, every, dataset.name)
    gaps = _gaps(steps, codes, every)
    said = (*notices, *_said(int(gaps.sum()), every))
    return replace(_cut(steps, codes, gaps), by_time=time.kind == "datetime", notices=said)


def _codes(texts: pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """A number for each group by its first row, (N,), and where there is none."""
    encoded = texts.combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, codes < 0


def _ordered(codes: NDArray[np.int64], times: NDArray[np.float64], out: NDArray[np.bool_]) -> Steps:
    order = np.lexsort((times, codes, out))  # stable: rows of one time stay as the file has them
    taken = len(order) - int(out.sum())
    step = np.where(np.arange(len(order)) < taken, np.arange(len(order)), -1)
    rows = order[:taken]
    stretch = np.cumsum(np.diff(codes[rows], prepend=codes[rows][:1]) != 0) if taken else np.empty(0, np.int64)
    return Steps(order, step, times[rows], stretch, True)


def _within(codes: NDArray[np.int64], steps: Steps) -> NDArray[np.bool_]:
    """Whether the next step is of the same group, (M − 1,)."""
    return np.asarray(np.diff(codes[firsts(steps)]) == 0)


def firsts(steps: Steps) -> NDArray[np.int64]:
    """The first row of each step, (M,)."""
    _, first = np.unique(steps.step[steps.step >= 0], return_index=True)
    return steps.rows[steps.step >= 0][first]


def _binned(steps: Steps, codes: NDArray[np.int64], every: float, name: str) -> Steps:
    """Rows of a group within the same `every` seconds are one step. A step that no row falls into is a gap."""
    rows = steps.rows[: len(steps)]
    begin = np.floor(steps.times / every)
    new = (np.diff(begin, prepend=np.nan) != 0) | (np.diff(codes[rows], prepend=-2) != 0)
    step = np.cumsum(new) - 1
    made = int(step[-1]) + 1 if len(step) else 0
    if made < 2:
        raise DatasetRefused(
            f"all rows fall into one step of {every:g} seconds", where=name, fix="choose a shorter step, or none"
        )
    every_step = np.append(step, np.full(len(steps.rows) - len(step), -1))
    return replace(steps, step=every_step, times=begin[new] * every, stretch=steps.stretch[new])


def _cut(steps: Steps, codes: NDArray[np.int64], gaps: NDArray[np.bool_]) -> Steps:
    """A new stretch behind each gap and each group."""
    if len(steps) == 0:
        return steps
    return replace(steps, stretch=np.concatenate([[0], np.cumsum(gaps | ~_within(codes, steps))]))


def _gaps(steps: Steps, codes: NDArray[np.int64], every: float) -> NDArray[np.bool_]:
    """Where the next step of the same group comes late, (M − 1,)."""
    group = codes[firsts(steps)]
    apart, within = np.diff(steps.times), np.diff(group) == 0
    if every:
        return np.asarray(within & (apart > 1.5 * every))
    late = np.zeros(len(apart), bool)
    begins = np.flatnonzero(np.diff(group, prepend=-2))
    for first, last in zip(begins, np.append(begins[1:], len(group)), strict=True):
        mine = apart[first : last - 1]
        forward = mine[mine > 0]
        if len(forward):
            late[first : last - 1] = mine > GAP * np.median(forward)
    return late


def _disorder(codes: NDArray[np.int64], times: NDArray[np.float64], steps: Steps, name: str) -> list[str]:
    known = ~np.isnan(times)
    latest = pd.Series(times[known]).groupby(codes[known]).cummax().to_numpy()
    back = int((times[known] < latest).sum())
    twice = int(((np.diff(steps.times) == 0) & _within(codes, steps)).sum())
    said = []
    if back:
        said.append(
            f"{so_many(back, 'row', 'stands', 'stand')} behind a later one of the same series: the rows are taken in the order of “{name}”"
        )
    if twice:
        said.append(
            f"{so_many(twice, 'row', 'has', 'have')} the same time as the one before; these stay in the order of the file"
        )
    return said


def _said(gaps: int, every: float) -> list[str]:
    one = "a gap" if gaps == 1 else f"{gaps:,} gaps"
    long = "steps without a row" if every else f"more than {GAP:g} usual steps"
    return [f"{one} in time ({long}), over which no window reaches"] * (gaps > 0)


def _nameless(nameless: NDArray[np.bool_], name: str) -> list[str]:
    count = int(nameless.sum())
    return [f"{so_many(count, 'row', 'has', 'have')} nothing in “{name}”, hence no series and no score"] * (count > 0)


def _unread(unread: NDArray[np.bool_], name: str) -> list[str]:
    count = int(unread.sum())
    return [f"{so_many(count, 'row', 'has', 'have')} no time in “{name}”, hence no score"] * (count > 0)


def resampled(table: Table, steps: Steps) -> Table:
    """The rows as steps, (M,): numbers, yes or no and times by their mean, all else by its last known cell."""
    taken = steps.step >= 0
    rows, step = steps.rows[taken], steps.step[taken]
    if len(rows) == len(steps):
        return table.take(rows)
    begins = np.flatnonzero(np.diff(step, prepend=-1))
    values: dict[str, NDArray[Any]] = {}
    for column in table.columns:
        cells = table.values[column.name][rows]
        values[column.name] = _means(cells, begins) if column.kind in NUMERIC else _last(cells, begins)
    return Table(table.columns, values, table.row_keys[rows[begins]])


def _means(cells: NDArray[np.float64], begins: NDArray[np.int64]) -> NDArray[np.float64]:
    known = ~np.isnan(cells)
    sums = np.add.reduceat(np.where(known, cells, 0.0), begins)
    counts = np.add.reduceat(known.astype(np.float64), begins)
    return np.asarray(np.divide(sums, counts, out=np.full(len(begins), np.nan), where=counts > 0))


def _last(cells: NDArray[np.object_], begins: NDArray[np.int64]) -> NDArray[np.object_]:
    known = np.asarray([cell is not None for cell in cells], bool)
    place = np.maximum.reduceat(np.where(known, np.arange(len(cells)), -1), begins)
    out = np.empty(len(begins), object)
    out[:] = [cells[at] if at >= 0 else None for at in place]
    return out
