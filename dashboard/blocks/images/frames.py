"""Where a box lies on the square thumbnail of an image, and what of the image the network sees it in.

What the network sees is the image with its border (fit), its middle (fill), or the image alone (tiles); a thumbnail is
always the image with the border that makes it a square.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.results import Dataset
from dashboard import load, state

Boxes = NDArray[np.float64]  # (K, 4): left, top, right, bottom


def in_thumbs(dataset: Dataset, rows: NDArray[np.int64], boxes: NDArray[np.floating]) -> Boxes:
    """Boxes in shares of what the network sees of some images, one each, (K, 4), in shares of their thumbnails."""
    start, length = _seen(dataset, rows)
    return np.asarray(start + length * boxes)


def from_thumb(dataset: Dataset, row: int, boxes: Boxes) -> Boxes:
    """Boxes on one image's thumbnail, (K, 4), in shares of what the network sees of it; what lies outside is cut."""
    start, length = _seen(dataset, np.asarray([row]))
    cut = np.clip((boxes - start) / length, 0, 1)
    return cut[(cut[:, 2] > cut[:, 0]) & (cut[:, 3] > cut[:, 1])]


def _seen(dataset: Dataset, rows: NDArray[np.int64]) -> tuple[Boxes, Boxes]:
    """Where on the thumbnail what is seen begins, and how long it is, across, down, across, down: (K, 4) each."""
    if dataset.pictures is None or dataset.pictures.rule == "fit":
        return np.zeros((len(rows), 4)), np.ones((len(rows), 4))
    size = load.rows_frame(state.store(), dataset, rows, ("width", "height")).to_numpy().astype(np.float64)  # (K, 2)
    square = size.max(axis=1, keepdims=True)
    seen = np.broadcast_to(size.min(axis=1, keepdims=True), size.shape) if dataset.pictures.rule == "fill" else size
    return np.tile((square - seen) / 2 / square, 2), np.tile(seen / square, 2)
