"""Images of one kind as one case: off from what was expected at the same place, on the same side, by about as much. Needs what a run
keeps of its images; the model is not asked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.triage.cases import LEAST_GUILT, Cases, grouped, guilty, side_of, sided
from core.triage.sentence import where_in_image

FLOOR = 0.5  # of the mean over all places: how far off is usual of a place at least
WIDE = 0.3  # of the image, how far what is wrong lies from its middle on average, from which on it has no place
NEXT = 0.5  # of the guiltiest place, how guilty one is that a name speaks of
MUCH = 0.25  # of all places
SAID = {1: "brighter than expected", -1: "darker than expected", 0: "unlike what was expected"}
NONE = "nothing stands out"


def image_cases(rows: NDArray[np.int64], scores: NDArray[np.float64], maps: NDArray[np.float32]) -> Cases:
    """Flagged images, (F,) positions among all, as cases.

    scores: (F,); maps: (N, 2, G, G), of all images, as `core.scoring.pictures.Looked` has them: images that were not flagged say
    what is usual of each place.
    """
    rows = np.asarray(rows, np.int64)
    if len(rows) == 0:
        return Cases(np.empty(0, np.int64), ())
    grid = maps.shape[2]
    others = np.setdiff1d(np.arange(len(maps)), rows)
    usual = np.median(_off(maps[others if len(others) else rows])[1], axis=0)
    brighter, off = _off(maps[rows])  # (F, G·G) each
    size = np.log1p(off / np.maximum(usual + FLOOR * usual.mean(), LEAST_GUILT))
    side = np.clip(brighter / np.maximum(off, LEAST_GUILT), -1, 1)
    guilt = guilty(off, size)

    def told(some: NDArray[np.int64]) -> tuple[str, tuple[str, ...]]:
        return _name(guilt[some], side[some], grid), ()

    return grouped(rows, scores, sided(guilt, side, size), told)


def _off(maps: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much brighter than expected each place is, and how far off, (K, G·G), each with its neighbours: the same fault is not
    always at the same place to a pixel."""
    padded = np.pad(np.asarray(maps, np.float64), ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    across = (padded[..., :-2] + 2 * padded[..., 1:-1] + padded[..., 2:]) / 4
    both = (across[..., :-2, :] + 2 * across[..., 1:-1, :] + across[..., 2:, :]) / 4  # (K, 2, G, G)
    flat = both.reshape(len(maps), 2, -1)
    return flat[:, 0], flat[:, 1]


def _name(guilt: NDArray[np.float64], side: NDArray[np.float64], grid: int) -> str:
    """Where most of what is wrong lies, and on which side it is. guilt, side: (K, G·G)."""
    mean = guilt.mean(axis=0)
    if mean.sum() == 0:
        return NONE
    kept = (
        mean >= NEXT * mean.max()
    )  # what a mark does to the rest of its image is a little everywhere, and says nothing of it
    said = SAID[side_of(guilt[:, kept], side[:, kept])]
    weights = np.where(kept, mean, 0.0).reshape(grid, grid)
    weights /= weights.sum()
    middles = (np.arange(grid) + 0.5) / grid
    x, y = float(weights.sum(axis=0) @ middles), float(weights.sum(axis=1) @ middles)
    away = (middles[:, None] - y) ** 2 + (middles - x) ** 2
    if float((weights * away).sum()) ** 0.5 <= WIDE:
        return f"{said} {where_in_image((x, y, x, y))}"
    return f"{said} {'over much of the image' if kept.mean() >= MUCH else 'in several places'}"
