"""A map of codes by any method, whatever the codes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.latent.neighbours import Index, neighbours_among
from core.latent.placement import place
from core.projections import FEWEST, PROJECTIONS, Codes, Tell
from core.projections.pca import directions
from core.results import Neighbours

LARGEST = 50_000  # rows that are laid out; the rest is placed between its neighbours


def draw(
    name: str,
    codes: Codes,
    *,
    seed: int,
    dimensions: int = 2,
    neighbours: Neighbours | None = None,
    tell: Tell = lambda fraction: None,
) -> NDArray[np.float32]:
    """The map of codes (N, L) by a method, (N, dimensions). The same seed gives the same map.

    Where there are no neighbourhoods (few rows, or all of them alike) it is the codes' PCA. neighbours: of all the codes,
    where they are known already.
    """
    method, codes = PROJECTIONS.get(name), np.ascontiguousarray(codes, np.float32)
    if method.instant or len(codes) < FEWEST or not np.ptp(codes, axis=0).any():
        return directions(codes, dimensions)
    if codes.shape[1] < dimensions:  # some methods want as many numbers as they give
        codes = np.pad(codes, ((0, 0), (0, dimensions - codes.shape[1])))
    if len(codes) <= LARGEST:
        return method.project(codes, neighbours or neighbours_among(codes), seed, dimensions, tell)
    laid = np.sort(np.random.default_rng(seed).choice(len(codes), LARGEST, replace=False))
    rest = np.setdiff1d(np.arange(len(codes)), laid)
    out = np.empty((len(codes), dimensions), np.float32)
    out[laid] = method.project(
        codes[laid], neighbours_among(codes[laid]), seed, dimensions, lambda fraction: tell(0.9 * fraction)
    )
    out[rest] = place(codes[rest], Index.build(codes[laid]), out[laid])
    tell(1.0)
    return out
