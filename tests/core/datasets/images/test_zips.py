"""A zip of images becomes one row an image, and arrays of one size."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.datasets.ingest import ingest
from core.datasets.read import read_file
from core.errors import Cancelled, FileRefused, TooLarge, TooManyRows
from core.settings import Settings
from core.storage.store import Store
from tests.core.datasets.images.drawn import LIMITS, column, noise, pieces, ramp, read, read_bytes, said, saved, thumbs


def many(count: int = 12, **shape: int) -> dict[str, bytes]:
    return {f"{i:05}.png": saved(noise(i, **shape)) for i in range(count)}


def test_each_image_is_a_row_with_what_is_known_of_it(tmp_path: Path) -> None:
    files = {"b/z.png": saved(noise(0, 30, 18)), "a/y.bmp": saved(noise(1, 24, 24), "BMP"), "a/x.png": saved(noise(2))}
    raw = read(tmp_path, files)
    assert raw.columns == (
        *("file", "folder", "label", "width", "height", "format", "colour", "bytes", "content", "looks_like"),
    )
    assert column(raw, "file") == ["b/z.png", "a/y.bmp", "a/x.png"]
    assert column(raw, "folder") == column(raw, "label") == ["b", "a", "a"]
    assert column(raw, "width") == ["18", "24", "20"]
    assert column(raw, "height") == ["30", "24", "20"]
    assert column(raw, "format") == ["PNG", "BMP", "PNG"]
    assert column(raw, "bytes") == [str(len(data)) for data in files.values()]
    assert column(raw, "looks_like") == [None, None, None]
    assert raw.lines.tolist() == [1, 2, 3]
    assert raw.pictures is not None
    roles = dict.fromkeys(raw.columns, "ignored") | {"file": "identifier", "label": "label"}
    assert raw.pictures.roles == roles
    assert raw.pictures.pictures.pieces == len(pieces(raw)) == len(thumbs(raw)) == 3


def test_pixels_of_the_chosen_size_come_through_as_they_are(tmp_path: Path) -> None:
    raw = read(tmp_path, many(height=28, width=28))
    assert np.array_equal(pieces(raw), np.stack([noise(i, 28, 28) for i in range(12)]))
    assert thumbs(raw).shape == (12, 64, 64, 3)


@pytest.mark.parametrize(("side", "size"), [(10, 16), (18, 20), (20, 20), (27, 28), (61, 64), (300, 64)])
def test_the_size_is_the_median_side_in_steps_of_four(tmp_path: Path, side: int, size: int) -> None:
    files = many(3, height=side, width=side - 2) | {"large.png": saved(noise(9, 400, 400))}
    raw = read(tmp_path, files)
    assert pieces(raw).shape == (4, size, size, 3)


def test_a_chosen_size_and_grey_are_kept_to(tmp_path: Path) -> None:
    raw = read(tmp_path, many(), image_size=8, image_colour="grey")
    assert pieces(raw).shape == (12, 8, 8, 1)
    assert raw.reading.chosen == {"image_size": 8, "image_colour": "grey"}


def test_grey_in_files_of_colour_is_grey(tmp_path: Path) -> None:
    files = {f"{i}.png": saved(np.repeat(noise(i, channels=1)[:, :, None], 3, axis=2)) for i in range(20)}
    assert pieces(read(tmp_path, files)).shape[-1] == 1
    coloured = {f"c{i}.png": saved(noise(i)) for i in range(2)}
    assert pieces(read(tmp_path, files | coloured)).shape[-1] == 1  # a few are not enough
    assert pieces(read(tmp_path, files | coloured | {"c3.png": saved(noise(3))})).shape[-1] == 3


def test_fit_pads_with_the_colour_of_the_border_and_says_so(tmp_path: Path) -> None:
    wide = np.full((10, 40, 3), (200, 30, 90), np.uint8)
    wide[3:7, 10:30] = 0
    raw = read(tmp_path, {f"{i}.png": saved(wide) for i in range(3)}, image_size=40)
    piece = pieces(raw)[0]
    assert np.array_equal(piece[15:25], wide)
    assert (piece[:15] == (200, 30, 90)).all() and (piece[25:] == (200, 30, 90)).all()
    assert "colour of their border" in said(raw, "no square")


def test_fill_cuts_the_middle(tmp_path: Path) -> None:
    wide = np.zeros((16, 48, 3), np.uint8)
    wide[:, 16:32] = noise(0, 16, 16)
    raw = read(tmp_path, {f"{i}.png": saved(wide) for i in range(2)}, image_size=16, image_rule="fill")
    assert np.array_equal(pieces(raw)[0], noise(0, 16, 16))
    assert "cut off" in said(raw, "the middle")


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_large_image_is_brought_down_without_a_shift(tmp_path: Path, form: str) -> None:
    options = {"quality": 95} if form == "JPEG" else {}
    files = {f"{i}.x": saved(ramp(1_200, 1_200), form, **options) for i in range(2)}
    found = pieces(read(tmp_path, files))[0].astype(int)
    assert np.abs(found - ramp(64, 64)).max() <= 6


def test_label_and_split_come_from_the_folders_of_an_industrial_set(tmp_path: Path) -> None:
    names = ["train/good/0", "train/good/1", "test/good/0", "test/scratch/0", "test/scratch/1"]
    masks = {f"bottle/ground_truth/scratch/{i}.png": saved(noise(i, channels=1)) for i in range(2)}
    files = {f"bottle/{name}.png": saved(noise(i)) for i, name in enumerate(names)}
    raw = read(tmp_path, files | masks)
    assert column(raw, "split") == ["train", "train", "test", "test", "test"]
    assert column(raw, "label") == ["good", "good", "good", "scratch", "scratch"]
    assert raw.pictures is not None and raw.pictures.roles["label"] == "label"
    assert raw.rows == 5
    assert said(raw, "masks").startswith("2 files")
    assert said(raw, "“label”") == "the column “label” was made from the folders: good (3), scratch (2)"


def test_the_same_zip_gives_the_same_bytes(tmp_path: Path) -> None:
    files = many(30) | {"broken.png": saved(noise(0))[:-300], "last.jpg": saved(ramp(), "JPEG")}
    first, second = (read(tmp_path, files) for _ in range(2))
    assert first.pictures is not None and second.pictures is not None
    assert first.pictures.pieces.read_bytes() == second.pictures.pieces.read_bytes()
    assert first.pictures.thumbs.read_bytes() == second.pictures.thumbs.read_bytes()
    assert first.path.read_bytes() == second.path.read_bytes()
    assert (first.rejects, first.reading) == (second.rejects, second.reading)


def test_what_cannot_be_read_is_set_aside_and_the_rest_is_read(tmp_path: Path) -> None:
    files = many(5) | {"notes.txt": "taken in May", "cut.png": saved(noise(0))[:-300], "empty.png": b""}
    raw = read(tmp_path, files)
    assert raw.rows == 5
    assert [(reject.line, reject.text) for reject in raw.rejects] == [
        *((6, "notes.txt"), (7, "cut.png"), (8, "empty.png")),
    ]
    assert [words in reject.reason for words, reject in zip(("text", "cut off", "empty"), raw.rejects, strict=True)]
    assert raw.reading.rejected == 3
    assert "3 files" in said(raw, "could not be read")


def test_files_that_a_file_manager_leaves_behind_are_passed_over(tmp_path: Path) -> None:
    left = {"__MACOSX/._00000.png": b"x", ".DS_Store": b"x", "a/Thumbs.db": b"x", "a/.hidden.png": saved(noise(1))}
    raw = read(tmp_path, many(3) | left)
    assert (raw.rows, raw.rejects) == (3, ())


def test_shapes_far_from_the_others_are_read_and_named(tmp_path: Path) -> None:
    raw = read(tmp_path, many(10) | {"strip.png": saved(noise(0, 12, 90)), "nearly.png": saved(noise(0, 20, 30))})
    assert raw.rows == 12
    assert said(raw, "shape") == "1 image of a shape far from the others': strip.png (90 × 12)"


def test_a_sample_is_drawn_by_its_seed_before_anything_is_decoded(tmp_path: Path) -> None:
    files = {f"{i:03}.png": saved(noise(i, channels=1)) for i in range(60)}
    first, again, other = (read(tmp_path, files, sample_rows=10, sample_seed=seed) for seed in (0, 0, 1))
    assert len(pieces(first)) == first.rows == 10
    assert first.reading.sampled_from == 60
    assert column(first, "file") == column(again, "file") != column(other, "file")
    numbers = [int(str(name)[:3]) for name in column(first, "file")]
    assert numbers == sorted(numbers)
    assert np.array_equal(pieces(first)[:, :, :, 0], np.stack([noise(i, channels=1) for i in numbers]))


def test_progress_is_told_and_may_end_the_work(tmp_path: Path) -> None:
    read(tmp_path, many(3))
    heard: list[tuple[float, str]] = []
    read_file(tmp_path / "x", "x.zip", LIMITS, tell=lambda done, words: heard.append((done, words)))
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert heard[0] == (0.0, "0 of 3 images looked at")

    def stop(_done: float, words: str) -> None:
        if "read" in words:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        read_file(tmp_path / "x", "x.zip", LIMITS, tell=stop)


def test_one_image_is_refused_alone_and_in_a_zip(tmp_path: Path) -> None:
    for data in (saved(noise(0)), saved(noise(0), "WEBP"), saved(noise(0), "TIFF")):
        with pytest.raises(FileRefused, match="nothing to learn from a single one") as refused:
            read_bytes(tmp_path, data)
        assert "a folder, or a zip" in refused.value.fix
    with pytest.raises(FileRefused, match="nothing to learn from a single one"):
        read(tmp_path, many(1))


def test_a_table_with_pictures_beside_it_stays_a_table(tmp_path: Path) -> None:
    table = "a,b\n" + "".join(f"{i},{i * i}\n" for i in range(20))
    raw = read(tmp_path, many(3) | {"data.csv": table})
    assert (raw.columns, raw.pictures) == (("a", "b"), None)
    assert read(tmp_path, many(12) | {"data.csv": table}).pictures is not None
    assert read(tmp_path, many(12) | {"data.csv": table}, images=False).columns == ("a", "b")


def test_limits_on_rows_bytes_and_arrays_are_kept_to(tmp_path: Path) -> None:
    with pytest.raises(TooManyRows, match="12 rows"):
        read(tmp_path, many(), Settings(row_limit=10))
    big = {f"{i}.bmp": saved(np.full((600, 600, 3), i, np.uint8), "BMP") for i in range(5)}
    with pytest.raises(TooLarge, match="unpacks to more than 4 MB"):
        read(tmp_path, big, Settings(upload_limit_mb=1))
    with pytest.raises(TooLarge, match="12 pieces of 512 × 512 pixels take 10 MB") as refused:
        read(tmp_path, many(), Settings(upload_limit_mb=2), image_size=512)
    assert "grey" in refused.value.fix
    one = many(3) | {"large.bmp": saved(np.zeros((800, 800, 3), np.uint8), "BMP")}
    assert "more than 1 MB" in read(tmp_path, one, Settings(upload_limit_mb=1)).rejects[0].reason


def test_memory_does_not_grow_with_the_images(tmp_path: Path) -> None:
    def peak(count: int) -> float:
        path = tmp_path / f"{count}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for i in range(count):
                archive.writestr(f"{i}.png", saved(noise(i, 64, 64), compress_level=1))
        tracemalloc.start()
        read_file(path, "x.zip", LIMITS)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most / 1e6

    peak(2)  # what is loaded but once
    few, more = peak(200), peak(800)
    assert more - few < 600 * 64 * 64 * 3 / 1e6 / 4  # a quarter of what the other images' pixels take
    assert more < 20


def test_a_zip_of_images_becomes_a_dataset(store: Store, tmp_path: Path) -> None:
    read(tmp_path, {f"{kind}/{i}.png": saved(noise(i)) for kind in ("good", "scratch") for i in range(6)})
    dataset = ingest(store, tmp_path / "x", "parts.zip")
    assert dataset.rows == 12
    assert [column.name for column in dataset.columns][:3] == ["file", "folder", "label"]
