"""Job *score*: another file's rows through a finished run, columns matched by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from core.datasets.match import same_columns
from core.jobs.tasks.scored_run import score_as_run
from core.jobs.work import Work
from core.results import Dataset
from core.scoring.fresh import look_at
from core.scoring.matching import read_as
from core.scoring.material.large_table import table_in_parts
from core.scoring.trained import Output, Trained
from core.storage.runs import COURSE_ARRAYS
from core.storage.store import Store


def run(work: Work) -> dict[str, Any] | None:
    """args: run_id, dataset_id; into: the run that it becomes, where it does. Else the result holds the addresses of scores and
    column errors."""
    if "into" in work.job.args:
        score_as_run(work)
        return None
    store = work.store
    this = store.runs.get(work.job.args["run_id"])
    dataset = store.datasets.get(work.job.args["dataset_id"])
    trained_on = store.datasets.get(this.dataset_id)
    work.progress(0.1, "matching columns")
    trained = Trained.load(store, this)
    work.progress(0.4, "scoring every row")
    if trained.looks_at_images or trained.looks_at_series:
        output = look_at(store, this, trained, dataset, trained_on, {}).output
    else:
        output = _table(store, trained, dataset, trained_on)
    return {
        "run_id": this.id,
        "dataset_id": dataset.id,
        "scores": store.artifacts.put_array(store.space, output.scores),
        "column_errors": store.artifacts.put_array(store.space, output.column_errors),
        **{
            name: store.artifacts.put_array(store.space, array)
            for name, array in output.arrays.items()
            if name in COURSE_ARRAYS
        },
    }


def _table(store: Store, trained: Trained, dataset: Dataset, trained_on: Dataset) -> Output:
    """As `look_at` does, but of a table that need not fit in memory."""
    names = trained.encoder.layout.columns
    same_columns(dataset, names)
    # Read under the kinds that the run was trained with, whatever this file alone would suggest; numbers as it writes them.
    columns = tuple(read_as(trained_on.column(name), dataset, {}) for name in names)
    return joined(trained.output(part) for part in table_in_parts(store, dataset, columns))


def joined(parts: Iterable[Output]) -> Output:
    """What the network makes of rows that came in parts."""
    scores, errors, codes = zip(*((part.scores, part.column_errors, part.codes) for part in parts), strict=True)
    return Output(np.concatenate(scores), np.concatenate(errors), np.concatenate(codes))
