"""2-D pictures of latent codes: one file a method. `project(codes (N, L), seed) → (N, 2) float32`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.registry import Registry


@dataclass(frozen=True)
class Method:
    """A projection. `instant`: cheap enough to be made with every run."""

    title: str
    instant: bool
    project: Callable[[NDArray[np.float32], int], NDArray[np.float32]]


PROJECTIONS: Registry[Method] = Registry("projection", "core.projections", "METHOD", folders=False)
