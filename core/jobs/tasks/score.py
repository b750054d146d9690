"""Job *score*: another file's rows through a finished run, columns matched by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.datasets.match import same_columns
from core.datasets.typed import typed_table
from core.jobs.work import Work
from core.scoring.trained import Trained


def run(work: Work) -> dict[str, Any]:
    """args: run_id, dataset_id. The result holds the addresses of scores and column errors."""
    store = work.store
    this = store.runs.get(work.job.args["run_id"])
    dataset = store.datasets.get(work.job.args["dataset_id"])
    trained_on = store.datasets.get(this.dataset_id)
    work.progress(0.1, "matching columns")
    trained = Trained.load(store, this)
    names = trained.encoder.layout.columns
    same_columns(dataset, names)
    # Read under the kinds that the run was trained with, whatever this file alone would suggest.
    columns = tuple(replace(trained_on.column(name), role="feature") for name in names)
    table = typed_table(store.datasets.cells(dataset, list(names)), columns, store.datasets.row_keys(dataset))
    work.progress(0.4, "scoring every row")
    output = trained.output(table)
    return {
        "run_id": this.id,
        "dataset_id": dataset.id,
        "scores": store.artifacts.put_array(store.space, output.scores),
        "column_errors": store.artifacts.put_array(store.space, output.column_errors),
    }
