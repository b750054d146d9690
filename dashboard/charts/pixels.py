"""Small images, large enough to see their pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def enlarged(image: NDArray[np.uint8], side: int) -> NDArray[Any]:
    """An image (H, W, C) in whole steps, so that a pixel stays one, to about `side` pixels: (H', W', C), or grey (H', W')."""
    times = max(1, side // max(image.shape[:2]))
    large = image.repeat(times, axis=0).repeat(times, axis=1)
    return large[:, :, 0] if large.shape[2] == 1 else large
