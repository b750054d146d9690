"""Job *score*: another file's rows through a finished run, columns matched by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from core.datasets.match import same_columns
from core.datasets.series.steps import axes
from core.jobs.tasks.scored_run import score_as_run
from core.jobs.work import Work
from core.results import Dataset, Run
from core.scoring.fresh import refuse_other_size
from core.scoring.matching import read_as
from core.scoring.material.large_table import table_in_parts
from core.scoring.material.series import score_series, windows_of
from core.scoring.pictures import picture_output
from core.scoring.trained import Output, Trained
from core.scoring.windows import Ordinary
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
    if trained.looks_at_images:
        scored = _images(store, trained, dataset)
    elif trained.looks_at_series:
        scored = _series(store, this, trained, dataset, trained_on)
    else:
        scored = _table(store, trained, dataset, trained_on)
    work.progress(0.4, "scoring every row")
    output = scored()
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


def _table(store: Store, trained: Trained, dataset: Dataset, trained_on: Dataset) -> Callable[[], Output]:
    names = trained.encoder.layout.columns
    same_columns(dataset, names)
    # Read under the kinds that the run was trained with, whatever this file alone would suggest; numbers as it writes them.
    columns = tuple(read_as(trained_on.column(name), dataset, {}) for name in names)
    return lambda: joined(trained.output(part) for part in table_in_parts(store, dataset, columns))


def joined(parts: Iterable[Output]) -> Output:
    """What the network makes of rows that came in parts."""
    scores, errors, codes = zip(*((part.scores, part.column_errors, part.codes) for part in parts), strict=True)
    return Output(np.concatenate(scores), np.concatenate(errors), np.concatenate(codes))


def _series(store: Store, this: Run, trained: Trained, dataset: Dataset, trained_on: Dataset) -> Callable[[], Output]:
    """Windows over the other file's rows, by its columns that are named as the run's time and group."""
    roles = [column for column in axes(trained_on, windows_of(trained.spec)) if column is not None]
    same_columns(dataset, [*trained.encoder.layout.columns, *(column.name for column in roles)])
    as_learned = replace(
        dataset, columns=(*roles, *(trained_on.column(name) for name in trained.encoder.layout.columns))
    )
    ordinary = Ordinary.of_array(store.artifacts.get_array(store.space, this.artifacts["ordinary"]))
    return lambda: score_series(store, as_learned, trained, ordinary)


def _images(store: Store, trained: Trained, dataset: Dataset) -> Callable[[], Output]:
    refuse_other_size(trained, dataset)
    pieces, places = store.datasets.pieces(dataset), store.datasets.places(dataset)
    return lambda: picture_output(trained, trained.of_images.rows(pieces, places), places, dataset.rows)
