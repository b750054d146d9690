"""Some rows of a series, one after the other: what stood there, what the network expects, and how far it is usually off."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.series.steps import Steps, resampled
from core.datasets.typed import typed_table
from core.errors import InputRefused
from core.results import Course, Run
from core.scoring.matching import columns_of_run
from core.scoring.trained import Trained
from core.scoring.windows import Ordinary, expected, numbers
from core.storage.store import Store

MOST = 5_000  # rows


def stretch(store: Store, trained: Trained, run: Run, first: int, last: int, columns: list[str]) -> dict[str, Any]:
    """Rows first … last by their place in time, for some columns: actual, expected, low and high, each a list a column.

    Numbers are numbers, None where missing or infinite, and `infinite` has the places of the latter; low and high enclose
    what is usual around the expected value. All else is text, without them. Raises InputRefused for more than 5,000 rows, or rows of two stretches.
    """
    course = store.runs.course(run)
    if course is None or not 0 <= first <= last < len(course.rows) or last - first >= MOST:
        raise InputRefused(f"ask for at most {MOST:,} rows of a series", where="rows", fix="ask for fewer")
    if course.stretch[first] != course.stretch[last]:
        raise InputRefused("these rows belong to two stretches of time", where="rows", fix="ask for one of them")
    dataset = store.datasets.get(run.dataset_id)
    encoder = trained.of_series
    windows = run.summary["windows"]
    step = _step(course, trained)
    places, starts = _around(course, first, last, windows["length"], windows["stride"], step)
    rows = course.rows[places]
    names = list(encoder.step.layout.columns)
    cells = store.datasets.some_rows(dataset, rows, names)
    kinds = tuple(columns_of_run(store, run, dataset, names))
    step = step[places] - step[places[0]]
    steps = Steps(np.arange(len(rows)), step, np.zeros(int(step[-1]) + 1), np.zeros(int(step[-1]) + 1, np.int64), True)
    table = resampled(typed_table(cells, kinds, rows.astype(str)), steps)
    made = expected(trained, encoder.rows(encoder.step.encode(table), starts))
    ordinary = Ordinary.of_array(store.artifacts.get_array(store.space, run.artifacts["ordinary"]))
    shown = step[(places >= first) & (places <= last)]
    out: dict[str, Any] = {"columns": {}}
    decoded = encoder.decode(made)
    low, high = _band(trained, made, ordinary)
    for name in columns:
        actual = table.values[name]
        out["columns"][name] = {
            "actual": _plain(actual[shown]),
            "expected": _plain(decoded[name][shown]),
            "low": _plain(low[name][shown]) if name in low else None,
            "high": _plain(high[name][shown]) if name in high else None,
            "infinite": _infinite(actual[shown]),
        }
    return out


def _step(course: Course, trained: Trained) -> NDArray[np.int64]:
    """Which step each place of the course belongs to: rows that were resampled share one, (K,)."""
    if trained.spec.windows is None or not trained.spec.windows.every:
        return np.arange(len(course.rows))
    new = (np.diff(course.times, prepend=np.nan) != 0) | (np.diff(course.stretch, prepend=-1) != 0)
    return np.cumsum(new) - 1


def _around(
    course: Course, first: int, last: int, length: int, stride: int, step: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places that all windows over some places see, and where these windows begin among their steps."""
    mine = np.flatnonzero(course.stretch == course.stretch[first])
    begin, end = int(step[mine[0]]), int(step[mine[-1]]) + 1  # steps of the stretch
    if end - begin < length:
        raise InputRefused(
            f"this stretch is shorter than a window of {length:,} steps: the network did not look at it",
            where="rows",
            fix="choose a row of another stretch",
        )
    starts = np.arange(begin, end - length + 1, stride)
    starts = starts if starts[-1] == end - length else np.append(starts, end - length)
    starts = starts[(starts + length > step[first]) & (starts <= step[last])]
    places = mine[(step[mine] >= starts[0]) & (step[mine] < starts[-1] + length)]
    return places, starts - starts[0]


def _band(
    trained: Trained, made: NDArray[np.float32], ordinary: Ordinary
) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    encoder = trained.of_series
    which, cells = numbers(encoder.step.layout)
    below, above = made.copy(), made.copy()
    below[:, cells] -= ordinary.band[which]
    above[:, cells] += ordinary.band[which]
    names = [encoder.step.layout.columns[i] for i in which]
    low, high = encoder.decode(below), encoder.decode(above)
    plain = [name for name in names if low[name].dtype.kind == "f"]  # an order's levels are no numbers to read
    return {name: low[name] for name in plain}, {name: high[name] for name in plain}


def _infinite(cells: NDArray[Any]) -> list[int]:
    return np.flatnonzero(np.isinf(cells)).tolist() if cells.dtype.kind == "f" else []


def _plain(cells: NDArray[Any]) -> list[Any]:
    if cells.dtype.kind == "f":
        return [float(cell) if np.isfinite(cell) else None for cell in cells]
    return [None if cell is None else str(cell) for cell in cells]
