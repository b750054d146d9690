"""Rows with their scores as CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

import numpy as np
from numpy.typing import NDArray

from core.results import Dataset, Run, Scores
from core.storage.store import Store

FORMULA = ("=", "+", "-", "@", "\t", "\r")
TOP = 3


def neutralise(cell: str) -> str:
    """A cell that no spreadsheet runs: what begins like a formula, and is no plain number, gets an apostrophe."""
    if not cell.lstrip().startswith(FORMULA) and not cell.startswith(FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell


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
) -> bytes:
    """Rows in the given order: source cells, score, percentile, flag, top_columns; UTF-8 with a header.

    flagged: (N,) over all rows; all given rows are flagged by default.
    """
    cells = store.datasets.cells(dataset).take(rows)
    names = cells.column_names
    ordered = np.sort(scores.values)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    taken = set(names)
    ours = [
        name if name not in taken else f"hourglass_{name}" for name in ("score", "percentile", "flag", "top_columns")
    ]
    writer.writerow([neutralise(name) for name in names] + ours)
    columns = [cells[name].to_pylist() for name in names]
    for place, row in enumerate(rows.tolist()):
        score = float(scores.values[row])
        percentile = 100.0 * float(np.searchsorted(ordered, score, side="right")) / len(ordered)
        is_flagged = True if flagged is None else bool(flagged[row])
        top = "; ".join(top_columns(scores.column_errors[row], scores.columns))
        source = [neutralise(column[place] or "") for column in columns]
        writer.writerow([*source, repr(score), f"{percentile:.3f}", int(is_flagged), neutralise(top)])
    return out.getvalue().encode()
