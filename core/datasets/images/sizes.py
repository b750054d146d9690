"""One size for all images: which one, and where the tiles of a large image lie."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

LEAST, MOST, STEP = 16, 64, 4  # pixels: the sizes that are chosen where the user says nothing
LARGEST_SIDE = 2_048  # pixels: an image of which tiles are cut is first scaled down to it
OVERLAP = 0.25  # of a tile with the next, at least: what lies on an edge lies whole in the neighbour
ODD = 2.0  # times as wide or as high as the others


def chosen_size(widths: NDArray[np.int64], heights: NDArray[np.int64]) -> int:
    """The side of the square that fits half of the images as they are, in pixels, within LEAST and MOST."""
    side = math.ceil(float(np.median(np.maximum(widths, heights))) / STEP) * STEP
    return min(max(side, LEAST), MOST)


def within(width: int, height: int, side: int) -> tuple[int, int]:
    """Width and height at which an image just fits into a square of that side."""
    scale = side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def for_tiles(width: int, height: int) -> tuple[int, int]:
    """Width and height at which tiles are cut from an image."""
    return (width, height) if max(width, height) <= LARGEST_SIDE else within(width, height, LARGEST_SIDE)


def tile_starts(length: int, size: int) -> list[int]:
    """Where the tiles begin along a side, evenly spread from end to end."""
    if length <= size:
        return [0]
    step = max(1, int(size * (1 - OVERLAP)))
    count = math.ceil((length - size) / step) + 1
    return [round(i * (length - size) / (count - 1)) for i in range(count)]


def tiles(width: int, height: int, size: int) -> int:
    """How many tiles an image is cut into."""
    width, height = for_tiles(width, height)
    return len(tile_starts(width, size)) * len(tile_starts(height, size))


def odd_shapes(widths: NDArray[np.int64], heights: NDArray[np.int64]) -> NDArray[np.int64]:
    """The images whose ratio of width to height is far from the others', as places in the arrays."""
    ratio = np.log2(widths / heights)
    return np.flatnonzero(np.abs(ratio - np.median(ratio)) > math.log2(ODD))
