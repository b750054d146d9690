"""A run whose results are stored, made without training, so that storage tests need no torch."""

from __future__ import annotations

import numpy as np

from core.results import Dataset, Metric, Run
from core.specs import RunSpec
from core.storage.jobs import Fence, claim
from core.storage.store import Store


def finished_run(store: Store, dataset: Dataset, name: str = "first", seed: int = 0) -> Run:
    """A succeeded run with scores, a threshold and a map, through the same fenced writes that a worker uses."""
    run = store.runs.submit(dataset.id, RunSpec(), name=name)
    job = claim(store.engine, "s-test", 60)
    assert job is not None
    assert job.id == run.job_id
    fence = Fence(store.engine, job.id, job.attempt)
    generator = np.random.default_rng(seed)
    put, space, rows = store.artifacts.put_array, store.space, dataset.rows
    columns = [column.name for column in dataset.features]
    errors = generator.random((rows, len(columns))).astype(np.float32)
    fence.record(space, run.id, [Metric(1, 10, "train", 1.0), Metric(2, 20, "train", 0.5)])
    fence.finish_run(
        run.id,
        space_id=space,
        author="",  # nobody's choice yet
        summary={"columns": columns, "baselines": ["PCA"]},
        artifacts={
            "scores": put(space, errors.sum(axis=1, dtype=np.float64)),
            "column_errors": put(space, errors),
            "splits": put(space, np.zeros(rows, np.uint8)),
            "codes": put(space, errors[:, :2]),
        },
        threshold={"method": "quantile", "parameters": {"share": 0.05}, "value": 1.5, "flagged": 3},
        projections_of=[{"method": "pca", "settings": {}, "address": put(space, errors[:, :2] * 2)}],
    )
    return store.runs.get(run.id)
