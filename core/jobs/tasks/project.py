"""Job *project*: one map of a run's codes, stored."""

from __future__ import annotations

import numpy as np

from core.errors import TrainingFailed
from core.jobs.work import Work
from core.projections import PROJECTIONS


def run(work: Work) -> None:
    """args: run_id, method, seed. Ends the job itself."""
    args = work.job.args
    this = work.store.runs.get(args["run_id"])
    codes = np.asarray(work.store.runs.embedding(this).codes)
    if not np.isfinite(codes).all():
        raise TrainingFailed("some codes are not finite numbers", where=this.name, fix="train again with a lower rate")
    work.progress(0.1, f"arranging {len(codes):,} rows")
    points = PROJECTIONS.get(args["method"]).project(codes, int(args["seed"]))
    if not np.isfinite(points).all():
        raise TrainingFailed("the map has points that are not finite", where=this.name, fix="try another projection")
    work.check()
    work.fence.finish_projection(
        this.id,
        space_id=work.store.space,
        method=args["method"],
        settings={"seed": args["seed"]},
        address=work.store.artifacts.put_array(work.store.space, points),
    )
