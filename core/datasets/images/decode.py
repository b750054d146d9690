"""One file's bytes to pixels of the size that all images get, with what tells it from others.

Each image is decoded, turned as EXIF says, brought to grey or RGB in 8 bits, and resized; in that order, but that a
JPEG is decoded at a fraction of its size where that is enough.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.datasets.images import sizes
from core.datasets.images.alike import TINY, difference_hash
from core.datasets.images.formats import DEEP, deep_values, opened

THUMB = 64  # pixels, the side of the small picture of an image
WHITE = (255, 255, 255)
BLOCK = 1_000_000  # pixels scaled from 16 bits at once
SHARPER = 2.0  # times the wanted size, to which an image is first reduced in a quick way
Bytes = NDArray[np.uint8]
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Plan:
    """What becomes of every image: by which rule it gets to size × size pixels, in how many channels.

    low, high: the values of images of more than 8 bits that become 0 and 255.
    """

    rule: Literal["fit", "fill", "tiles"]
    size: int
    channels: int
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Decoded:
    """An image as it is stored: P pieces of one size, a small picture of the whole, and what it is known by."""

    pieces: Bytes  # (P, H, W, C)
    thumb: Bytes  # (64, 64, C)
    places: NDArray[np.int32]  # (P, 4): top, left, and the image's height and width when it was cut
    content: str  # first 16 hexadecimal digits of the file's sha256
    difference: int  # 64-bit difference hash
    tiny: Bytes  # (16,): the image in 4 × 4 pixels of grey
    padded: bool


def decode(data: bytes, plan: Plan) -> Decoded:
    """A whole file. Raises Unreadable."""
    with opened(io.BytesIO(data)) as (image, header):
        wanted = sizes.LARGEST_SIDE if plan.rule == "tiles" else max(plan.size, THUMB)
        least = min(header.width, header.height) / max(header.width, header.height)
        if header.format == "JPEG":
            wanted_longest = wanted / least if plan.rule == "fill" else wanted
            longest = round(SHARPER * wanted_longest)
            image.draft(None, sizes.within(*image.size, longest))
        image.load()
        flat = _flat(image, header.colour, plan)
        if header.format != "TIFF" and header.orientation in TURNS:  # Pillow has turned a TIFF by itself
            flat = flat.transpose(TURNS[header.orientation])
    return from_image(flat, (header.width, header.height), plan, hashlib.sha256(data).hexdigest()[:16])


def from_image(flat: Image.Image, whole: tuple[int, int], plan: Plan, content: str) -> Decoded:
    """An image in 8 bits, grey or RGB. `whole`: its width and height in full, which `flat` may be a fraction of."""
    small = _resized(flat, sizes.within(*whole, THUMB))
    thumb, padded = _square(_array(small), THUMB)
    if plan.rule == "fit":
        if plan.size == THUMB:
            piece = thumb
        else:
            piece, padded = _square(_array(_resized(flat, sizes.within(*whole, plan.size))), plan.size)
        pieces, places = piece[None], np.asarray([[0, 0, *reversed(sizes.within(*whole, plan.size))]], np.int32)
    elif plan.rule == "fill":
        pieces, padded = _array(_middle(flat, plan.size))[None], False
        places = np.asarray([[0, 0, plan.size, plan.size]], np.int32)
    else:
        pieces, places, padded = _tiles(_array(_resized(flat, sizes.for_tiles(*whole))), plan.size)
    grey = small.convert("L")
    tiny = np.asarray(grey.resize((TINY, TINY), Image.Resampling.BOX)).reshape(-1)
    return Decoded(pieces, thumb, places, content, difference_hash(grey), tiny, padded)


def _flat(image: Image.Image, colour: str, plan: Plan) -> Image.Image:
    """The image in 8 bits, grey or RGB as the plan says, what is transparent on white."""
    mode = "L" if plan.channels == 1 else "RGB"
    if colour in DEEP:
        return Image.fromarray(_scaled(deep_values(image), plan.low, plan.high)).convert(mode)
    if image.has_transparency_data:
        clear = image if image.mode == "RGBA" else image.convert("RGBA")
        image = Image.new("RGB", image.size, WHITE)
        image.paste(clear, mask=clear)
    if image.mode in ("CMYK", "P", "PA", "YCbCr"):
        image = image.convert("RGB")
    return image if image.mode == mode else image.convert(mode)


def _scaled(values: NDArray[np.generic], low: float, high: float) -> Bytes:
    """Values of more than 8 bits, low → 0 and high → 255; all the same where there is no range."""
    out = np.zeros(values.shape, np.uint8)
    if high <= low:
        return out
    rows = max(1, BLOCK // values.shape[1])
    for start in range(0, len(values), rows):
        block = (values[start : start + rows].astype(np.float64) - low) * (255 / (high - low))
        out[start : start + rows] = np.rint(block)
    return out


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """At another size: Lanczos where it gets smaller; where it gets larger no ripples are added."""
    if image.size == size:
        return image
    smaller = size[0] <= image.width and size[1] <= image.height
    how = Image.Resampling.LANCZOS if smaller else Image.Resampling.BILINEAR
    return image.resize(size, how, reducing_gap=SHARPER if smaller else None)


def _middle(image: Image.Image, size: int) -> Image.Image:
    """The largest square in the middle, at that size."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return _resized(image.crop((left, top, left + side, top + side)), (size, size))


def _array(image: Image.Image) -> Bytes:
    """(H, W, C)."""
    pixels = np.asarray(image)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def _square(pixels: Bytes, least: int) -> tuple[Bytes, bool]:
    """Padded on all sides to at least so many pixels in height and width; whether that was needed."""
    height, width, channels = pixels.shape
    if height >= least and width >= least:
        return pixels, False
    out = np.empty((max(height, least), max(width, least), channels), np.uint8)
    out[:] = border_colour(pixels)
    top, left = (out.shape[0] - height) // 2, (out.shape[1] - width) // 2
    out[top : top + height, left : left + width] = pixels
    return out, True


def border_colour(pixels: Bytes) -> Bytes:
    """The median colour along an image's border, (C,): padding in it makes no edge that the image has not."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colour: Bytes = np.median(border, axis=0).astype(np.uint8)
    return colour


def _tiles(pixels: Bytes, size: int) -> tuple[Bytes, NDArray[np.int32], bool]:
    """Overlapping squares that cover an image (H, W, C), and where they lie."""
    height, width = pixels.shape[:2]
    padded, was = _square(pixels, size)
    places = [
        (top, left, height, width) for top in sizes.tile_starts(height, size) for left in sizes.tile_starts(width, size)
    ]
    pieces = np.stack([padded[top : top + size, left : left + size] for top, left, _, _ in places])
    return pieces, np.asarray(places, np.int32), was
