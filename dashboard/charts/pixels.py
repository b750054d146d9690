"""Small images, large enough to see their pixels."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw


def enlarged(image: NDArray[np.uint8], side: int) -> NDArray[Any]:
    """An image (H, W, C) in whole steps, so that a pixel stays one, to about `side` pixels: (H', W', C), or grey (H', W')."""
    times = max(1, side // max(image.shape[:2]))
    large = image.repeat(times, axis=0).repeat(times, axis=1)
    return large[:, :, 0] if large.shape[2] == 1 else large


def png(image: NDArray[np.uint8]) -> bytes:
    """An image, (H, W, 1) or (H, W, 3), as a file."""
    out = io.BytesIO()
    Image.fromarray(image if image.shape[2] == 3 else image[:, :, 0]).save(out, "PNG")
    return out.getvalue()


def framed(image: NDArray[np.uint8], box: NDArray[np.floating[Any]], colour: str) -> NDArray[np.uint8]:
    """The image in colour with a box, (4,) left, top, right, bottom in shares of it, drawn as a frame, (H, W, 3)."""
    made = Image.fromarray(np.repeat(image, 3 // image.shape[2], axis=2))
    height, width = image.shape[:2]
    left, top, right, bottom = (float(share) for share in np.clip(box, 0, 1))
    ImageDraw.Draw(made).rectangle(
        (left * (width - 1), top * (height - 1), right * (width - 1), bottom * (height - 1)), outline=colour
    )
    return np.asarray(made)
