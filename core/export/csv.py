"""Rows with their scores as CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.results import Dataset, Event, Run, Scores
from core.storage.store import Store
from core.words import count

# What a spreadsheet takes for the start of a formula; the wide forms where its language is Japanese or Chinese.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# The same after what another spreadsheet takes for the end of a cell.
SEPARATED = re.compile(r"([;|]\s*|(?<=\S) *\t\s*)([=@＝＠]|[+\-＋－](?![\d.,]+\s*([;\t|]|$)))")
INVISIBLE = "\ufeff\u200b"
NUMBER = re.compile(
    r"[-+]?[\d.,' \u00a0\u202f]*\d[\d.,' \u00a0\u202f]*(e[-+]?\d+)?\s*%?|[-+]?inf(inity)?", re.IGNORECASE
)
AT_ONCE = 1_000  # rows between two words on how far a file is
Tell = Callable[[float, str], None]
OURS = ("score", "percentile", "flag", "top_columns")
TOP = 3


def nobody(_fraction: float, _message: str) -> None:
    """Where nobody waits to hear how far it is."""


def so_far(done: int) -> str:
    """How far a file is, in words."""
    return f"{count(done, 'row')} written"


def neutralise(cell: str) -> str:
    """A cell that no spreadsheet runs: what begins like a formula, and is no plain number, gets an apostrophe."""
    if SEPARATED.search(cell):
        cell = SEPARATED.sub(r"\1'\2", cell)
    if cell[:1].isalnum():  # nearly every cell
        return cell
    bare = cell.strip().lstrip(INVISIBLE).lstrip()
    if not bare.startswith(FORMULA) and not cell.startswith(FORMULA):
        return cell
    return cell if NUMBER.fullmatch(bare) else "'" + cell


def top_columns(errors: NDArray[np.float32], names: tuple[str, ...]) -> list[str]:
    """The columns with the largest part of a row's score, at most three."""
    order = np.argsort(-errors, kind="stable")[:TOP]
    return [names[i] for i in order if errors[i] > 0]


def flagged_csv(
    store: Store,
    run: Run,
    dataset: Dataset,
    scores: Scores,
    rows: NDArray[np.int64],
    flagged: NDArray[np.bool_] | None = None,
    *,
    numbered: bool = False,
    events: NDArray[np.int64] | None = None,
    again: NDArray[np.float64] | None = None,
    tell: Tell = nobody,
) -> bytes:
    """Rows in the given order: source cells, score, percentile, flag, top_columns; UTF-8 with a header.

    flagged: (N,) over all rows; all given rows are flagged by default. numbered: each row's number in the
    dataset, from 1, stands first. events: (N,) of a series, the number of the event that each row lies in, 0 for none. Rows
    of a series that were not looked at have no score, percentile and flag. again: (R,) of the given rows, in what share of
    further trainings each is flagged too (core.scoring.stability), NaN where that was not measured. tell: as
    core.jobs.work.Work.tell.
    """
    names = [column.name for column in dataset.columns]
    cells = store.datasets.some_rows(dataset, rows, names)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    number = [_free("row", names)] if numbered else []
    more = [_free("event", names)] if events is not None else []
    more += [_free("came_again", names)] if again is not None else []
    writer.writerow(number + [neutralise(name) for name in names] + [_free(name, names) for name in OURS] + more)
    columns = [cells[name].to_pylist() for name in names]
    scored, percent = scores.scored, scores.percentiles
    safe = tuple(neutralise(name) for name in scores.columns)  # each: a spreadsheet may split at the semicolons
    for place, row in enumerate(rows.tolist()):
        if place % AT_ONCE == 0:
            tell(place / len(rows), so_far(place))
        is_flagged = True if flagged is None else bool(flagged[row])
        top = "; ".join(top_columns(scores.column_errors[row], safe))
        source = [row + 1] if numbered else []
        source += [neutralise(column[place] or "") for column in columns]
        after: list[object] = [int(events[row]) or ""] if events is not None else []
        after += [] if again is None else ["" if np.isnan(again[place]) else f"{again[place]:g}"]
        figures: list[object] = [repr(float(scores.values[row])), f"{percent[row]:.3f}", int(is_flagged)]
        writer.writerow([*source, *(figures if scored[row] else ["", "", ""]), top, *after])
    return out.getvalue().encode()


def events_csv(store: Store, dataset: Dataset, scores: Scores, found: tuple[Event, ...]) -> bytes:
    """Events of a series in the given order: from, to and peak as the file writes its times (row numbers where it has
    none), rows, score at the peak, columns with their multiples of what is usual; UTF-8 with a header."""
    time, group = (scores.course.time, scores.course.group) if scores.course is not None else ("", "")
    shown = [column.name for column in dataset.columns if column.name == group or column.role == "label"]
    names = [*([time] if time else []), *shown]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["event", "from", "to", "peak", "rows", "score", "columns", *(neutralise(name) for name in shown)])
    if not found:
        return out.getvalue().encode()
    ends = np.asarray([[event.first, event.last, event.peak] for event in found], np.int64)
    cells = {
        name: np.asarray(column.to_pylist(), object).reshape(ends.shape)
        for name in names
        for column in [store.datasets.some_rows(dataset, ends.ravel(), [name])[name]]
    }
    for i, event in enumerate(found):
        when = [neutralise(cell or "") for cell in cells[time][i]] if time else (ends[i] + 1).tolist()
        columns = "; ".join(f"{neutralise(name)} {error:.4g}" for name, error in event.columns)
        about = [neutralise(cells[name][i, 2] or "") for name in shown]
        writer.writerow([i + 1, *when, event.rows, repr(event.score), columns, *about])
    return out.getvalue().encode()


def table_csv(table: pa.Table) -> bytes:
    """A whole table, UTF-8 with a header; missing cells are empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([neutralise(name) for name in table.column_names])
    for batch in table.to_batches(max_chunksize=10_000):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            writer.writerow(["" if cell is None else neutralise(str(cell)) for cell in row])
    return out.getvalue().encode()


def _free(name: str, taken: list[str]) -> str:
    """Our column's name, made different from those of the source."""
    while name in taken:
        name = f"hourglass_{name}"
    return name
