"""Files made to do harm, or only broken, end among the rejects with a reason, and the others are read all the same."""

from __future__ import annotations

import io
import stat
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.datasets.containers import TABLE
from core.datasets.images import archive as archives
from core.datasets.read import read_file
from core.errors import FileRefused, TooLarge
from core.settings import Settings
from core.specs import ReadOptions
from tests.core.datasets.hostile import zipped
from tests.core.datasets.images.drawn import (
    LIMITS,
    column,
    noise,
    pieces,
    png,
    png_chunk,
    png_header,
    ramp,
    read,
    read_bytes,
    said,
    saved,
)

GOOD = {f"good{i}.png": saved(noise(i)) for i in range(3)}
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\nshowpage\n"


def huge_bitmap() -> bytes:
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 50_000, 50_000, 1, 24, 0, 0, 0, 0, 0, 0)


def huge_gif() -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", 50_000, 50_000, 0x80, 0, 0) + bytes(6) + b"," + bytes(20)


def huge_webp() -> bytes:
    size = struct.pack("<I", 16_382)[:3]
    chunk = b"VP8X" + struct.pack("<I", 10) + bytes(4) + size + size
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk + bytes(40)


def huge_tiff() -> bytes:
    tags = [(256, 50_000), (257, 50_000), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 50_000), (279, 100)]
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + body + bytes(200)


def huge_jpeg() -> bytes:
    data = bytearray(saved(ramp(), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 50_000, 50_000)
    return bytes(data)


def bomb() -> bytes:
    """25,000 × 25,000 pixels of black in 80 kB."""
    packed = zlib.compressobj(9)
    rows = b"".join(packed.compress(bytes(3_126)) for _ in range(25_000)) + packed.flush()
    return png(png_header(25_000, 25_000, 1), png_chunk(b"IDAT", rows))


def text_bomb() -> bytes:
    """A PNG whose remark unpacks to 100 MB."""
    remark = b"Comment\0\0" + zlib.compress(bytes(100_000_000))
    rest = png_chunk(b"IDAT", zlib.compress(bytes(21 * 20)))
    return png(png_header(20, 20), png_chunk(b"zTXt", remark), rest)


LAB = saved(Image.new("LAB", (20, 20)), "TIFF")
# what: file, words of the reason
REJECTED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty"),
    "text": (b"no image at all", "it is a text"),
    "eps": (EPS, "PostScript"),
    "eps in binary": (b"\xc5\xd0\xd3\xc6" + bytes(60) + EPS, "PostScript"),
    "svg": (SVG, "SVG"),
    "html": (b"<!DOCTYPE html><html>not found</html>", "it is a text"),
    "pdf": (b"%PDF-1.7\n" + bytes(99), "PDF"),
    "icon": (b"\0\0\1\0\1\0" + bytes(99), "icon"),
    "photoshop": (b"8BPS\0\1" + bytes(99), "Photoshop"),
    "avif": (b"\0\0\0\x1cftypavif" + bytes(99), "AVIF"),
    "jpeg 2000": (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(99), "JPEG 2000"),
    "zip": (zipped({"a.png": saved(noise(0))}), "zip archive"),
    "random": (bytes(range(255, 0, -1)), "those of no image"),
    "BM in a text": (b"BMW and others", "it is a text"),
    "huge png": (png(png_header(50_000, 50_000), png_chunk(b"IDAT", zlib.compress(bytes(99)))), "2,500 million pixels"),
    "huge bitmap": (huge_bitmap(), "2,500 million pixels"),
    "huge gif": (huge_gif(), "2,500 million pixels"),
    "huge webp": (huge_webp(), "16,383 × 16,383, 268 million pixels"),
    "huge tiff": (huge_tiff(), "2,500 million pixels"),
    "huge jpeg": (huge_jpeg(), "2,500 million pixels"),
    "just over": (png(png_header(10_001, 10_000), png_chunk(b"IDAT", zlib.compress(bytes(99)))), "100 million"),
    "bomb": (bomb(), "625 million pixels"),
    "bomb of text": (text_bomb(), "damaged or cut off"),
    "1 × 1": (saved(noise(0, 1, 1)), "1 × 1 pixels: too few"),
    "one line": (saved(noise(0, 1, 90)), "90 × 1 pixels: too few"),
    "cut png": (saved(noise(0))[:-300], "damaged or cut off"),
    "cut jpeg": (saved(noise(0, 90, 90), "JPEG")[:-2_000], "damaged or cut off"),
    "cut gif": (saved(noise(0, channels=1), "GIF")[:-150], "damaged or cut off"),
    "cut webp": (saved(noise(0), "WEBP")[:-100], "damaged or cut off"),
    "cut bitmap": (saved(noise(0), "BMP")[:-100], "damaged or cut off"),
    "cut tiff": (saved(noise(0), "TIFF")[:-100], "damaged or cut off"),
    "cut packed tiff": (saved(noise(0), "TIFF", compression="tiff_lzw")[:-100], "damaged or cut off"),
    "only the first bytes": (b"\x89PNG\r\n\x1a\n", "damaged or cut off"),
    "only the first bytes of webp": (b"RIFF\0\0\0\0WEBP", "its header has no size"),
    "a bit turned": (bytes([*saved(noise(0))[:400], 255, *saved(noise(0))[401:]]), "damaged or cut off"),
    "lab": (LAB, "save it as RGB"),
}


@pytest.mark.parametrize("case", REJECTED)
def test_a_bad_file_is_set_aside_with_its_reason(tmp_path: Path, case: str) -> None:
    data, words = REJECTED[case]
    raw = read(tmp_path, {"good0.png": GOOD["good0.png"], "bad.png": data, "good1.png": GOOD["good1.png"]})
    assert column(raw, "file") == ["good0.png", "good1.png"]
    assert [(reject.line, reject.text) for reject in raw.rejects] == [(2, "bad.png")]
    assert words in raw.rejects[0].reason
    assert "object at 0x" not in raw.rejects[0].reason
    assert np.array_equal(pieces(raw), np.stack([noise(0), noise(1)]))


def test_looking_a_cut_file_over_is_not_enough() -> None:
    with Image.open(io.BytesIO(REJECTED["cut bitmap"][0])) as image:
        image.verify()  # finds nothing: only decoding it tells


def test_all_bad_is_refused_with_the_first_reason(tmp_path: Path) -> None:
    files = {f"{i}.png": saved(noise(i))[:-300] for i in range(3)}
    with pytest.raises(FileRefused, match=r"no image can be read; of the others, “0\.png”: it is damaged or cut off"):
        read(tmp_path, files)


def test_one_good_image_among_bad_ones_is_refused_with_their_reason(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"only one image can be read; of the others, “bad\.png”: the file is empty"):
        read(tmp_path, {"bad.png": b"", "good.png": GOOD["good0.png"]})


def test_three_hundred_sizes_in_one_folder(tmp_path: Path) -> None:
    files = {f"{i:03}.png": saved(noise(i, 4 + i % 60, 4 + i // 3)) for i in range(300)}
    raw = read(tmp_path, files)
    assert raw.rows == 300
    assert pieces(raw).shape == (300, 60, 60, 3)
    assert said(raw, "sizes").startswith("the images have 300 sizes, 4 × 4 to 103 × 63 pixels")


def test_the_largest_image_that_is_read_takes_bounded_memory(tmp_path: Path) -> None:
    white = Image.new("1", (10_000, 10_000), 1)
    path = tmp_path / "x.zip"
    path.write_bytes(zipped({"a.png": saved(white), "b.png": saved(white)}))
    script = (
        "import resource, sys; from pathlib import Path; resource.setrlimit(resource.RLIMIT_AS, (4 * 10**9,) * 2);"
        "from core.datasets.read import read_file; from core.settings import Settings;"
        "raw = read_file(Path(sys.argv[1]), 'x.zip', Settings()); print(raw.rows, raw.rejects, 'torch' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=100)
    assert out.stdout.split() == ["2", "()", "False"], out.stderr


def test_a_huge_image_is_never_decoded(tmp_path: Path) -> None:
    read(tmp_path, GOOD)
    tracemalloc.start()
    raw = read(tmp_path, {**GOOD, "bomb.png": bomb()})
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert raw.rows == 3
    assert most < 20_000_000


def test_warnings_are_errors_only_while_images_are_read(tmp_path: Path) -> None:
    before = Image.MAX_IMAGE_PIXELS
    read(tmp_path, GOOD)
    assert before == Image.MAX_IMAGE_PIXELS
    with pytest.warns(UserWarning, match="still a warning"):
        import warnings

        warnings.warn("still a warning", UserWarning, stacklevel=1)


# --- the archive ---------------------------------------------------------------------------------------------


def linked() -> bytes:
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped([*GOOD.items(), (link, b"/etc/passwd")])


def locked() -> bytes:
    data = bytearray(zipped(GOOD))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def bombs() -> bytes:
    """Bitmaps of black, 190 MB that pack to 0.2."""
    return zipped({f"{i}.bmp": saved(Image.new("RGB", (4_600, 4_600)), "BMP") for i in range(3)})


REFUSED: dict[str, tuple[bytes, str]] = {
    "leads out": (zipped({**GOOD, "../../evil.png": GOOD["good0.png"]}), "leads to a place outside it"),
    "from the root": (zipped({**GOOD, "/etc/evil.png": GOOD["good0.png"]}), "leads to a place outside it"),
    "a drive": (zipped({**GOOD, "C:\\evil.png": GOOD["good0.png"]}), "leads to a place outside it"),
    "link": (linked(), "is a link to another file"),
    "locked": (locked(), "locked with a password"),
    "twice": (zipped(GOOD).replace(b"good1.png", b"good0.png"), "“good0.png” stands twice"),
    "torn": (zipped(GOOD)[:-9], "zip archive is damaged"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_tricks_of_archives_are_refused(tmp_path: Path, case: str) -> None:
    data, words = REFUSED[case]
    with pytest.raises(FileRefused) as refused:
        read_bytes(tmp_path, data)
    assert words in refused.value.what
    assert refused.value.where == "x.zip"
    assert refused.value.fix


def test_images_that_unpack_to_very_much_more_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="the archive unpacks to more than 100 MB"):
        read_bytes(tmp_path, bombs())


def test_more_files_than_any_set_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(archives.FOLDER, entries=2)
    monkeypatch.setattr(archives, "FOLDER", few)
    with pytest.raises(TooLarge, match="more than 2 files"):
        read(tmp_path, GOOD)
    monkeypatch.setattr(archives, "FOLDER", replace(few, directory=50))
    with pytest.raises(TooLarge, match="lists more than 2 files"):
        read(tmp_path, GOOD)


def test_an_archive_of_images_may_have_more_files_than_one_of_tables(tmp_path: Path) -> None:
    one = saved(noise(0, 4, 4, 1))
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(TABLE.entries + 1):
            archive.writestr(zipfile.ZipInfo(f"{i}.png"), one)
    assert read_file(path, "x.zip", LIMITS, ReadOptions(sample_rows=10)).reading.sampled_from == TABLE.entries + 1


def test_a_directory_that_lies_about_sizes_is_not_believed(tmp_path: Path) -> None:
    data = bytearray(zipped({"long.png": saved(noise(0, 90, 90)), **GOOD}))
    for start in (22, data.index(b"PK\x01\x02") + 24):
        data[start : start + 4] = struct.pack("<I", 200)
    raw = read_bytes(tmp_path, bytes(data))
    assert column(raw, "file") == list(GOOD)
    assert "damaged in the archive" in raw.rejects[0].reason


@given(st.integers(0, 10_000), st.integers(0, 255), st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"]))
def test_damage_anywhere_ends_in_a_row_or_in_words(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, form: str
) -> None:
    data = bytearray(saved(ramp(), form))
    data[at % len(data)] = byte
    raw = read(tmp_path_factory.mktemp("x"), {**GOOD, "damaged": bytes(data)}, Settings(), image_size=20)
    assert raw.rows + len(raw.rejects) == 4
    assert np.array_equal(pieces(raw)[:3], np.stack([noise(i) for i in range(3)])) or pieces(raw).shape[-1] == 1
