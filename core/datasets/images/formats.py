"""Which files are images that are read, and what their headers say. A name says nothing here, the first bytes do.

Pillow is only ever asked for the one format that the first bytes are of: no other decoder of it, and no program that
one of them calls, meets a stranger's file. What it warns of is an error.
"""

from __future__ import annotations

import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import BmpImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

PIXELS = 100_000_000  # of an image, by its header: decoded it takes four bytes each
IMAGE_BYTES = 500_000_000  # of a file that is one image
LEAST_SIDE = 4  # pixels; below it there is nothing to see
HEAD = 64  # bytes that tell a format
EXIF_ORIENTATION = 0x0112
# Registered by being imported.
PLUGINS = (BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
NAMES = ("PNG", "JPEG", "WebP", "BMP", "TIFF", "GIF")
SUFFIXES = {
    "PNG": (".png", ".apng"),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "WebP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
}
ALL_SUFFIXES = tuple(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
BITMAP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)  # bytes of the second header of a bitmap, one a version
COLOURS = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey with transparency",
    "La": "grey with transparency",
    "P": "palette",
    "PA": "palette",
    "RGB": "colour",
    "RGBX": "colour",
    "YCbCr": "colour",
    "RGBA": "colour with transparency",
    "RGBa": "colour with transparency",
    "CMYK": "CMYK",
    "I;16": "16-bit grey",
    "I;16L": "16-bit grey",
    "I;16B": "16-bit grey",
    "I;16N": "16-bit grey",
    "I": "32-bit grey",
    "F": "floating-point grey",
}
DEEP = ("16-bit grey", "32-bit grey", "floating-point grey")
DEEP_COLOUR = "16-bit colour"
GREYS = ("black and white", "grey", "grey with transparency", *DEEP)
# What is often found among images, or under an image's name, and is none that is read.
OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%!PS", "a PostScript drawing (EPS)"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript drawing (EPS)"),
    (b"%PDF-", "a PDF document"),
    (b"8BPS", "a Photoshop file"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 image"),
    (b"\xffO\xffQ", "a JPEG 2000 image"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL image"),
    (b"DICM", "a DICOM image"),
)


class Unreadable(Exception):
    """A file that is no image, or one that can't be decoded; its message is the reason. It becomes a reject."""


@dataclass(frozen=True)
class Header:
    """What a file says of its image. Width and height are those of the image as it is to be seen."""

    format: str
    width: int
    height: int
    colour: str  # one of COLOURS, or DEEP_COLOUR
    orientation: int  # by EXIF, 1 … 8; 0 where what it says can't be read
    several: bool  # whether there are other frames or pages
    transparent: bool


def format_of(head: bytes) -> str:
    """The format by the first HEAD bytes, one of NAMES; empty for a file that is not read."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "TIFF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP"
    # Two letters alone may begin a text.
    if head.startswith(b"BM") and len(head) >= 18 and int.from_bytes(head[14:18], "little") in BITMAP_HEADERS:
        return "BMP"
    return ""


def what_else(head: bytes) -> str:
    """Why a file that `format_of` does not know is no image that is read."""
    read = "PNG, JPEG, WebP, BMP, TIFF and GIF are read"
    if not head:
        return "the file is empty"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        return f"it is a drawing (SVG) or XML, not an image of pixels; {read}"
    if head[4:8] == b"ftyp":
        return f"it is an AVIF or HEIC image, or a film; {read}"
    for magic, what in OTHERS:
        if head.startswith(magic):
            return f"it is {what}, whatever its name says; {read}"
    if b"\0" not in head:
        try:
            head.decode()
        except UnicodeDecodeError:
            pass
        else:
            return f"it is a text, not an image; {read}"
    return f"its first bytes are those of no image; {read}"


@contextmanager
def strict() -> Iterator[None]:
    """Make errors of Pillow's warnings, for all threads of the process, as long as the context lasts."""
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("error", RuntimeWarning)  # that of the decompression bomb
        # Remarks on tags that no pixel depends on; cameras and microscopes write what they like there.
        warnings.filterwarnings("ignore", message="Metadata Warning|Corrupt EXIF data", category=UserWarning)
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


@contextmanager
def opened(file: IO[bytes]) -> Iterator[tuple[Image.Image, Header]]:
    """An image whose header was found good; nothing of it is decoded yet. Raises Unreadable.

    Whatever goes wrong within the context is Unreadable, too: a decoder of strangers' bytes may raise anything.
    """
    head = file.read(HEAD)
    name = format_of(head)
    if not name:
        raise Unreadable(what_else(head))
    if name == "WebP":  # Pillow makes room for the whole image as it opens it
        _check_size(*_webp_size(head))
    try:
        with Image.open(file, formats=[name]) as image:
            yield image, _header(image, name)
    except Unreadable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        pixels = re.search(r"\d+", str(error))
        millions = f"{int(pixels[0]) / 1e6:,.0f}" if pixels else f"more than {PIXELS // 1_000_000}"
        raise Unreadable(f"it has {millions} million pixels; the limit is {PIXELS // 1_000_000} million") from error
    except MemoryError as error:
        raise Unreadable("decoding it takes more memory than there is") from error
    except Exception as error:
        raise Unreadable(f"it is damaged or cut off ({_said(error)})") from error


def _said(error: Exception) -> str:
    """What a decoder said, without the addresses of objects, so that the same file gives the same words."""
    text = " ".join(str(error).split())
    return "no image can be made out" if not text or " object at 0x" in text else text[:100]


def _header(image: Image.Image, name: str) -> Header:
    orientation = _orientation(image, name)
    width, height = image.size
    if orientation >= 5 and name != "TIFF":
        width, height = height, width
    _check_size(width, height)
    if image.mode not in COLOURS:
        raise Unreadable(f"its colours are of a kind that is not read ({image.mode}); save it as RGB")
    colour = COLOURS[image.mode]
    if colour.startswith("colour") and any(";16" in str(tile[3]) for tile in getattr(image, "tile", ())):
        colour = DEEP_COLOUR
    several = name != "JPEG" and bool(getattr(image, "is_animated", False))
    return Header(name, width, height, colour, orientation, several, image.has_transparency_data)


def _check_size(width: int, height: int) -> None:
    if width * height > PIXELS:
        raise Unreadable(
            f"it has {width:,} × {height:,}, {width * height / 1e6:,.0f} million pixels; "
            f"the limit is {PIXELS // 1_000_000} million"
        )
    if min(width, height) < LEAST_SIDE:
        raise Unreadable(f"it has {width:,} × {height:,} pixels: too few to see anything")


def _orientation(image: Image.Image, name: str) -> int:
    if name == "GIF" or (name == "PNG" and "exif" not in image.info):  # Pillow would decode it to look behind it
        return 1
    try:
        value = image.getexif().get(EXIF_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - the image is good without it: it is seen as it is stored, which a notice says
        return 0
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _webp_size(head: bytes) -> tuple[int, int]:
    """Width and height by the first chunk of a WebP file. Raises Unreadable."""
    try:
        kind, body = head[12:16], head[20:]
        if kind == b"VP8X":
            return (
                int.from_bytes(body[4:7], "little") + 1,
                int.from_bytes(body[7:10], "little") + 1,
            )
        if kind == b"VP8L":
            bits = struct.unpack_from("<I", body, 1)[0]
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        if kind == b"VP8 ":
            width, height = struct.unpack_from("<HH", body, 6)
            return width & 0x3FFF, height & 0x3FFF
    except struct.error as error:
        raise Unreadable("it is damaged or cut off (its header has no size)") from error
    raise Unreadable("it is damaged or cut off (its header has no size)")


def deep_values(image: Image.Image) -> NDArray[Any]:
    """The values of an image of more than 8 bits, (H, W). Raises Unreadable where one is no finite number."""
    values = np.asarray(image)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise Unreadable("some of its pixels are no finite numbers")
    return values


def header_of(file: IO[bytes]) -> tuple[Header, tuple[float, float] | None]:
    """The header, and of an image of more than 8 bits the least and the greatest value. Raises Unreadable."""
    with opened(file) as (image, header):
        if header.colour not in DEEP:
            return header, None
        values = deep_values(image)
        return header, (float(values.min()), float(values.max()))
