"""Job *project*: one map of a run's codes, stored."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import TrainingFailed
from core.jobs.tasks.placed import map_to_place_on, placed
from core.jobs.work import Work
from core.latent.drawing import draw
from core.latent.neighbours import neighbours_among
from core.projections import PROJECTIONS
from core.results import Neighbours, Run, level_codes

STORED = ("neighbours", "neighbour_distances")  # artifacts of a run


def run(work: Work) -> None:
    """args: run_id, method, seed, dimensions, and level of a stacked run where it is not the bottleneck's. Ends the job itself.

    A map that was drawn before of the same codes, in this run or another, is not drawn again. Rows that were scored only are
    placed on the map of the run that learned, where it has one of that sort.
    """
    args, store = work.job.args, work.store
    this = store.runs.get(args["run_id"])
    level, dimensions = args.get("level"), int(args.get("dimensions", 2))
    settings = {"seed": int(args["seed"]), "dimensions": dimensions} | ({} if level is None else {"level": int(level)})
    codes = codes_of(work, this, level)
    if level is None and (on := map_to_place_on(store, this, args["method"], dimensions)) is not None:
        work.progress(0.2, f"placing {len(codes):,} rows on the map of the run that learned")
        (made,), under = placed(store, on[0], codes, [on[1]])
        work.check()
        work.fence.finish_projection(this.id, space_id=store.space, artifacts=under, **made)
        return
    found = _drawn_before(work, this, args["method"], settings)
    added: dict[str, str] = {}
    if found is None or level is None:
        work.progress(0.1, f"looking for the nearest of {len(codes):,} rows")
        neighbours, added = neighbours_of(work, this, codes, level)
    if found is None:
        title = PROJECTIONS.get(args["method"]).title
        work.progress(0.2, f"{title}: arranging {len(codes):,} rows")
        points = draw(
            args["method"],
            codes,
            seed=settings["seed"],
            dimensions=dimensions,
            neighbours=neighbours,
            tell=lambda fraction: work.tell(0.2 + 0.75 * fraction, f"{title}: arranging {len(codes):,} rows"),
        )
        if not np.isfinite(points).all():
            raise TrainingFailed(
                "the map has points that are not finite", where=this.name, fix="try another projection"
            )
        found = store.artifacts.put_array(store.space, points)
    work.check()
    work.fence.finish_projection(
        this.id, space_id=store.space, method=args["method"], settings=settings, address=found, artifacts=added
    )


def codes_of(work: Work, this: Run, level: int | None) -> NDArray[np.float32]:
    """The codes of a run's rows, or what a level of a stacked network makes of them, (N, L). Raises TrainingFailed."""
    store = work.store
    if level is None:
        codes = np.asarray(store.runs.embedding(this).codes)
    elif (address := this.artifacts.get(level_codes(level))) is not None:
        codes = np.asarray(store.artifacts.get_array(store.space, address))
    else:
        raise TrainingFailed(f"nothing is kept of level {level}", where=this.name, fix="choose a level that it has")
    if not np.isfinite(codes).all():
        raise TrainingFailed("some codes are not finite numbers", where=this.name, fix="train again with a lower rate")
    return codes


def neighbours_of(
    work: Work, this: Run, codes: NDArray[np.float32], level: int | None
) -> tuple[Neighbours, dict[str, str]]:
    """The nearest rows of each, as they were stored with the run; and what is to be stored with it, where they were not. Those of
    a level are not stored."""
    store = work.store
    if level is not None:
        return neighbours_among(codes), {}
    for run_ in _alike(work, this):
        if set(STORED) <= set(run_.artifacts):
            addresses = {name: run_.artifacts[name] for name in STORED}
            rows, distances = (np.asarray(store.artifacts.get_array(store.space, each)) for each in addresses.values())
            return Neighbours(rows, distances), {} if run_.id == this.id else addresses
    found = neighbours_among(codes)
    arrays = (found.rows, found.distances)
    return found, {
        name: store.artifacts.put_array(store.space, each) for name, each in zip(STORED, arrays, strict=True)
    }


def _alike(work: Work, this: Run) -> list[Run]:
    """The run, and others of exactly the same codes."""
    return [this, *work.store.runs.with_artifact("codes", this.artifacts["codes"])]


def _drawn_before(work: Work, this: Run, method: str, settings: dict[str, Any]) -> str | None:
    """Where a map of exactly these codes lies that was drawn in the same way."""
    store = work.store
    for run_ in _alike(work, this) if "level" not in settings else [this]:
        for projection in store.projections.of_run(run_.id):
            if projection.method == method and projection.settings == settings:
                return projection.address
    return None
