"""Images drawn for the tests, packed as people pack them, and read."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.datasets.raw import RawTable
from core.datasets.read import read_file
from core.settings import Settings
from core.specs import ReadOptions
from tests.core.datasets.hostile import zipped

LIMITS = Settings()


def noise(seed: int, height: int = 20, width: int = 20, channels: int = 3) -> NDArray[np.uint8]:
    """Pixels of which no two images are alike; one channel without its axis."""
    drawn = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    return drawn[:, :, 0] if channels == 1 else drawn


def ramp(height: int = 20, width: int = 20) -> NDArray[np.uint8]:
    """Smooth colours that come through JPEG nearly as they are; left is not right, nor is top bottom."""
    top, left = np.mgrid[0:height, 0:width]
    return np.stack([left * 200 // width, top * 200 // height, np.full((height, width), 60)], axis=2).astype(np.uint8)


def saved(pixels: NDArray[Any] | Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """A file of an image."""
    out = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(out, form, **options)
    return out.getvalue()


def png(*chunks: bytes) -> bytes:
    """A PNG file by its chunks, made by hand."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + png_chunk(b"IEND", b"")


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int, bits: int = 8, kind: int = 0) -> bytes:
    """kind: 0 grey, 2 colour."""
    return png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))


def read(folder: Path, files: Mapping[str, bytes | str], limits: Settings = LIMITS, **options: Any) -> RawTable:
    """A zip of these files, read."""
    return read_bytes(folder, zipped(dict(files)), limits, **options)


def read_bytes(folder: Path, data: bytes, limits: Settings = LIMITS, **options: Any) -> RawTable:
    """A file of these bytes, read."""
    path = folder / "x"
    path.write_bytes(data)
    return read_file(path, "x.zip", limits, ReadOptions(**options))


def pieces(raw: RawTable) -> NDArray[np.uint8]:
    assert raw.pictures is not None
    return np.load(raw.pictures.pieces, allow_pickle=False)


def thumbs(raw: RawTable) -> NDArray[np.uint8]:
    assert raw.pictures is not None
    return np.load(raw.pictures.thumbs, allow_pickle=False)


def places(raw: RawTable) -> NDArray[np.int32]:
    assert raw.pictures is not None and raw.pictures.places is not None
    return np.load(raw.pictures.places, allow_pickle=False)


def column(raw: RawTable, name: str) -> list[str | None]:
    found: list[str | None] = raw.cells[name].to_pylist()
    return found


def said(raw: RawTable, words: str) -> str:
    """The one notice with these words."""
    found = [notice for notice in raw.reading.notices if words in notice]
    assert len(found) == 1, raw.reading.notices
    return found[0]
