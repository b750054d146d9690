"""Pictures of latent codes: one file a method.

`project(codes (N, L), neighbours, seed, dimensions, tell) → (N, dimensions) float32` for 2 or 3 dimensions; `tell` hears
how far it is, from 0 to 1, and may raise to end it. What a method need not think of is thought of in `core.latent.drawing`:
few rows, rows that are all alike, codes of one number, and more rows than are laid out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.registry import Registry
from core.results import Neighbours

FEWEST = 50  # rows from which there are neighbourhoods to lay out; fewer are shown as their PCA

Codes = NDArray[np.float32]
Tell = Callable[[float], None]


@dataclass(frozen=True)
class Method:
    """A projection. summary: what it shows, in a sentence. instant: cheap enough to be made with every run."""

    title: str
    summary: str
    instant: bool
    project: Callable[[Codes, Neighbours, int, int, Tell], NDArray[np.float32]]


PROJECTIONS: Registry[Method] = Registry("projection", "core.projections", "METHOD", folders=False)
