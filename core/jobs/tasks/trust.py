"""Job *trust*: how far a stored map can be believed, point by point and as a whole, and what another seed would change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import NotFound
from core.jobs.tasks.project import codes_of, neighbours_of
from core.jobs.work import Work
from core.latent.alignment import align, drift
from core.latent.believed import Believed, SeedFloor, Trust
from core.latent.drawing import draw
from core.latent.trust import distortion, trust
from core.projections import PROJECTIONS
from core.results import Projection
from core.storage.records import to_json

SEEDED = 10_000  # rows on which another seed is tried


def run(work: Work) -> None:
    """args: run_id, projection_id. Ends the job itself."""
    args, store = work.job.args, work.store
    this = store.runs.get(args["run_id"])
    found = next((each for each in store.projections.of_run(this.id) if each.id == args["projection_id"]), None)
    if found is None:
        raise NotFound("the map is gone", where=this.name, fix="draw it again")
    codes = codes_of(work, this, found.level)
    points = np.asarray(store.artifacts.get_array(store.space, found.address))
    work.progress(0.0, "comparing neighbours")
    neighbours, added = neighbours_of(work, this, codes, found.level)
    torn = distortion(neighbours, codes, points)
    seed = int(found.settings.get("seed", 0))
    figures = trust(codes, points, seed, check=lambda done: work.tell(0.1 + 0.4 * done, "comparing distances"))
    method = PROJECTIONS.get(found.method)
    floor = None if method.instant or figures.reason else seed_floor(work, found, codes, points, figures, seed)
    work.check()
    work.fence.finish_trust(
        found.id,
        this.id,
        space_id=store.space,
        trust=to_json(Believed, Believed(figures, floor)),
        distortion_address=store.artifacts.put_array(store.space, torn),
        artifacts=added,
    )


def seed_floor(
    work: Work,
    found: Projection,
    codes: NDArray[np.float32],
    points: NDArray[np.float32],
    figures: Trust,
    seed: int,
) -> SeedFloor:
    """What the next seed makes of the same codes; of many rows, two seeds of some of them."""

    def drawn(codes: NDArray[np.float32], seed: int, begun: float) -> NDArray[np.float32]:
        share = 0.2
        return draw(
            found.method,
            codes,
            seed=seed,
            dimensions=found.dimensions,
            tell=lambda done: work.tell(begun + share * done, "drawing it again with another seed"),
        )

    if len(codes) > SEEDED:
        some = np.sort(np.random.default_rng(seed).choice(len(codes), SEEDED, replace=False))
        codes, points = codes[some], drawn(codes[some], seed, 0.55)
        figures = trust(codes, points, seed)
    again = drawn(codes, seed + 1, 0.75)
    other = trust(codes, again, seed)
    differences = {
        name: abs(other.figures[name].value - figure.value)
        for name, figure in figures.figures.items()
        if name in other.figures
    }
    return SeedFloor(drift(align(again, points), points), differences, len(codes))
