"""Each format and mode comes out as the picture that people see."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.core.datasets.images.drawn import (
    column,
    noise,
    pieces,
    png,
    png_chunk,
    png_header,
    ramp,
    read,
    said,
    saved,
)

SIDE = 20


def colour(raw_files: dict[str, bytes], folder: Path) -> np.ndarray:
    return pieces(read(folder, raw_files, image_colour="colour", image_size=SIDE))


def grey(raw_files: dict[str, bytes], folder: Path, **options: object) -> np.ndarray:
    return pieces(read(folder, raw_files, image_colour="grey", image_size=SIDE, **options))[:, :, :, 0]


def two(data: bytes) -> dict[str, bytes]:
    return {"a": data, "b.png": saved(noise(99))}


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("PNG", {}),
        ("PNG", {"interlace": 1}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_lossless_formats_come_through_to_the_bit(tmp_path: Path, form: str, options: dict[str, object]) -> None:
    raw = read(tmp_path, two(saved(noise(0), form, **options)), image_size=SIDE)
    assert np.array_equal(pieces(raw)[0], noise(0))
    assert column(raw, "format")[0] == {"WEBP": "WebP"}.get(form, form)
    assert column(raw, "colour")[0] == "colour"


@pytest.mark.parametrize(
    ("form", "options"), [("JPEG", {"quality": 95, "subsampling": 0}), ("JPEG", {"progressive": True}), ("WEBP", {})]
)
def test_lossy_formats_come_through_nearly(tmp_path: Path, form: str, options: dict[str, object]) -> None:
    found = colour(two(saved(ramp(), form, **options)), tmp_path)[0].astype(int)
    assert np.abs(found - ramp()).mean() < 6


def test_palettes_become_their_colours(tmp_path: Path) -> None:
    image = Image.fromarray(ramp()).quantize(32)
    for form in ("PNG", "GIF", "BMP", "TIFF"):
        raw = read(tmp_path, two(saved(image, form)), image_size=SIDE)
        assert np.array_equal(pieces(raw)[0], np.asarray(image.convert("RGB")))
        assert column(raw, "colour")[0] == "palette"


def test_black_and_white(tmp_path: Path) -> None:
    bits = noise(3, channels=1) > 127
    for form in ("PNG", "TIFF", "BMP"):
        assert np.array_equal(grey(two(saved(Image.fromarray(bits), form)), tmp_path)[0], bits * 255)


def test_transparency_is_laid_on_white_and_said(tmp_path: Path) -> None:
    pixels = np.dstack([noise(0), np.full((SIDE, SIDE), 255, np.uint8)])
    pixels[:5, :, 3] = 0
    pixels[5:10, :, 3] = 51  # a fifth
    for form, options in (("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True, "exact": True})):
        raw = read(tmp_path, two(saved(pixels, form, **options)), image_size=SIDE)
        found = pieces(raw)[0]
        assert (found[:5] == 255).all()
        expected = 255 * 0.8 + noise(0)[5:10] * 0.2
        assert np.abs(found[5:10] - expected).max() <= 1
        assert np.array_equal(found[10:], noise(0)[10:])
        assert column(raw, "colour")[0] == "colour with transparency"
        assert said(raw, "transparent") == "1 image is transparent in part; they were laid on white: a"


def test_transparency_of_grey_and_of_palettes(tmp_path: Path) -> None:
    pixels = np.dstack([noise(0, channels=1), np.zeros((SIDE, SIDE), np.uint8)])
    assert (grey(two(saved(pixels)), tmp_path)[0] == 255).all()
    image = Image.fromarray(np.zeros((SIDE, SIDE), np.uint8), "P")
    image.putpalette([10, 20, 30])
    for form in ("PNG", "GIF"):
        assert (colour(two(saved(image, form, transparency=0)), tmp_path)[0] == 255).all()
        assert (colour(two(saved(image, form)), tmp_path)[0] == (10, 20, 30)).all()
    assert (colour(two(saved(image, "PNG", transparency=b"\x00")), tmp_path)[0] == 255).all()


def test_colours_of_print_are_turned_and_said(tmp_path: Path) -> None:
    cmyk = Image.new("CMYK", (SIDE, SIDE), (0, 255, 255, 0))  # red
    for form in ("JPEG", "TIFF"):
        raw = read(tmp_path, two(saved(cmyk, form)), image_size=SIDE)
        assert np.abs(pieces(raw)[0].astype(int) - (255, 0, 0)).max() <= 3
        assert column(raw, "colour")[0] == "CMYK"
        assert "1 image is in the colours of print" in said(raw, "CMYK")


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_by_the_range_of_all(tmp_path: Path, form: str) -> None:
    first = np.linspace(1_000, 3_000, SIDE * SIDE).reshape(SIDE, SIDE).astype(np.uint16)
    second = first // 2
    raw = read(tmp_path, {"a": saved(first, form), "b": saved(second, form)}, image_size=SIDE)
    found = pieces(raw)[:, :, :, 0]
    assert raw.pictures is not None and raw.pictures.pictures.channels == 1
    for image, values in zip(found, (first, second), strict=True):
        assert np.array_equal(image, np.rint((values - 500.0) * 255 / 2_500))
    assert "500 … 3000" in said(raw, "more than 8 bits")
    assert column(raw, "colour") == ["16-bit grey"] * 2


def test_floats_and_long_integers_are_scaled_too(tmp_path: Path) -> None:
    floats = np.linspace(-1.5, 2.5, SIDE * SIDE).reshape(SIDE, SIDE).astype(np.float32)
    found = grey({"a": saved(floats, "TIFF"), "b": saved(floats[::-1].copy(), "TIFF")}, tmp_path)
    assert np.array_equal(found[0], np.rint((floats.astype(float) + 1.5) * 255 / 4))
    assert np.array_equal(found[1], found[0][::-1])
    integers = np.arange(SIDE * SIDE, dtype=np.int32).reshape(SIDE, SIDE) * 1_000
    found = grey({"a": saved(integers, "TIFF"), "b": saved(integers, "TIFF")}, tmp_path)
    assert np.array_equal(found[0], np.rint(integers * 255 / integers.max()))


def test_a_float_that_is_no_number_is_a_reject(tmp_path: Path) -> None:
    floats = np.ones((SIDE, SIDE), np.float32)
    floats[3, 3] = np.nan
    raw = read(tmp_path, {"nan.tif": saved(floats, "TIFF"), **two(saved(noise(0))), "c.png": saved(noise(5))})
    assert [(reject.text, reject.reason) for reject in raw.rejects] == [
        ("nan.tif", "some of its pixels are no finite numbers")
    ]


def test_one_value_throughout_is_black(tmp_path: Path) -> None:
    same = np.full((SIDE, SIDE), 700, np.uint16)
    assert (grey({"a": saved(same), "b": saved(same)}, tmp_path) == 0).all()


def turned(orientation: int, form: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 100, "subsampling": 0} if form == "JPEG" else {"lossless": True} if form == "WEBP" else {}
    return saved(ramp(16, 24), form, exif=exif, **options)


SEEN = {  # what a camera means: rows and columns as they are to be seen
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: a.transpose(1, 0, 2)[:, ::-1],
    7: lambda a: a.transpose(1, 0, 2)[::-1, ::-1],
    8: lambda a: a.transpose(1, 0, 2)[::-1],
}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", SEEN)
def test_images_are_turned_as_the_camera_noted(tmp_path: Path, form: str, orientation: int) -> None:
    raw = read(tmp_path, two(turned(orientation, form)), image_size=24, image_colour="colour")
    expected = SEEN[orientation](ramp(16, 24)).astype(int)
    height, width = expected.shape[:2]
    assert (column(raw, "width")[0], column(raw, "height")[0]) == (str(width), str(height))
    top, left = (24 - height) // 2, (24 - width) // 2
    found = pieces(raw)[0, top : top + height, left : left + width].astype(int)
    assert np.abs(found - expected).max() <= (4 if form == "JPEG" else 0)
    assert any("EXIF" in notice for notice in raw.reading.notices) == (orientation > 1)


def test_what_the_camera_noted_may_be_damaged(tmp_path: Path) -> None:
    data = turned(6, "WEBP")
    at = data.index(b"MM\0*")
    broken = data[:at] + b"\xff" * 8 + data[at + 8 :]
    raw = read(tmp_path, two(broken), image_size=24)
    assert raw.rows == 2
    assert said(raw, "is damaged") == "1 image is read as stored: what the camera noted of their turning is damaged: a"


@pytest.mark.parametrize("form", ["GIF", "WEBP", "TIFF", "PNG"])
def test_of_several_frames_the_first_is_read_and_that_is_said(tmp_path: Path, form: str) -> None:
    frames = [Image.fromarray(np.full((SIDE, SIDE), value, np.uint8)) for value in (40, 200, 90)]
    options = {"lossless": True} if form == "WEBP" else {}
    data = saved(frames[0], form, save_all=True, append_images=frames[1:], **options)
    raw = read(tmp_path, two(data), image_size=SIDE, image_colour="grey")
    assert (pieces(raw)[0] == 40).all()
    assert "the first" in said(raw, "animated" if form == "GIF" else "frames or pages")


def test_a_name_is_not_believed(tmp_path: Path) -> None:
    raw = read(tmp_path, {"a.png": saved(ramp(), "JPEG"), "b.jpg": saved(noise(0)), "c.gif": saved(noise(1), "GIF")})
    assert column(raw, "format") == ["JPEG", "PNG", "GIF"]
    assert said(raw, "another format") == (
        "2 images are of another format than the name says; it goes by the content: a.png, b.jpg"
    )


def test_colour_of_sixteen_bits_keeps_its_upper_eight(tmp_path: Path) -> None:
    data = png_of_sixteen_bits(noise(0).astype(np.uint16) * 256 + 77)
    raw = read(tmp_path, two(data), image_size=SIDE)
    assert np.array_equal(pieces(raw)[0], noise(0))
    assert "the upper 8" in said(raw, "16 bits")


def png_of_sixteen_bits(pixels: np.ndarray) -> bytes:
    """Pillow writes none in colour."""
    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return png(png_header(width, height, 16, 2), png_chunk(b"IDAT", zlib.compress(rows)))
