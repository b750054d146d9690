"""One size for all, tiles that cover an image, folders that tell, and images that show the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.images.alike import earlier_alike
from core.datasets.images.folders import in_mask_folder, read_folders
from core.datasets.images.sizes import LARGEST_SIDE, chosen_size, tile_starts, tiles, within
from tests.core.datasets.images.drawn import column, noise, pieces, places, ramp, read, said, saved, thumbs

# --- sizes and tiles -----------------------------------------------------------------------------------------


@given(st.integers(1, 5_000), st.integers(8, 512))
def test_tiles_cover_a_side_and_overlap_by_a_quarter(length: int, size: int) -> None:
    starts = tile_starts(length, size)
    assert starts[0] == 0
    assert starts[-1] + size == max(length, size)
    steps = np.diff(starts)
    assert (steps > 0).all()
    assert (steps <= size * 3 // 4 + 1).all()
    # And no more of them than that takes.
    assert len(starts) <= max(1, -(-(length - size) // (size * 3 // 4)) + 1)


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.integers(1, 500))
def test_within_a_square_one_side_touches(width: int, height: int, side: int) -> None:
    across, down = within(width, height, side)
    assert max(across, down) == side
    assert min(across, down) >= 1


@given(st.lists(st.integers(4, 3_000), min_size=1, max_size=30))
def test_the_chosen_size_is_in_its_bounds(sides: list[int]) -> None:
    size = chosen_size(np.asarray(sides), np.asarray(sides[::-1]))
    assert 16 <= size <= 64
    assert size % 4 == 0


def test_tiles_are_cut_at_the_scale_of_the_image_and_cover_it(tmp_path: Path) -> None:
    shapes = [(70, 100), (33, 200), (20, 20)]
    files = {f"{i}.png": saved(noise(i, *shape)) for i, shape in enumerate(shapes)}
    raw = read(tmp_path, files, image_rule="tiles", image_size=32)
    where, cut = places(raw), pieces(raw)
    assert raw.pictures is not None
    assert raw.pictures.pictures.pieces == len(where) == len(cut)
    assert len(thumbs(raw)) == raw.rows == 3
    assert len(where) == sum(tiles(width, height, 32) for height, width in shapes)
    assert where[:, 0].tolist() == sorted(where[:, 0].tolist())
    for i, (height, width) in enumerate(shapes[:2]):
        seen = np.zeros((height, width), bool)
        image = noise(i, height, width)
        mine = where[:, 0] == i
        for (_, top, left, high, wide), piece in zip(where[mine], cut[mine], strict=True):
            assert (high, wide) == (height, width)
            assert np.array_equal(piece, image[top : top + 32, left : left + 32])
            seen[top : top + 32, left : left + 32] = True
        assert seen.all()
    assert where[-1].tolist() == [2, 0, 0, 20, 20]
    assert np.array_equal(cut[-1, 6:26, 6:26], noise(2))
    assert "overlap by 25%" in said(raw, "cut into tiles")


def test_only_very_large_images_are_scaled_down_before_tiles_are_cut(tmp_path: Path) -> None:
    files = {"large.png": saved(ramp(1_500, 3_000)), "b.png": saved(ramp(100, 100))}
    raw = read(tmp_path, files, image_rule="tiles", image_size=512)
    where = places(raw)
    assert {tuple(shape) for shape in where[where[:, 0] == 0][:, 3:].tolist()} == {(1_024, LARGEST_SIDE)}
    large = ramp(1_024, LARGEST_SIDE).astype(int)
    for (image, top, left, _, _), piece in zip(where.tolist(), pieces(raw), strict=True):
        if image == 0:
            assert np.abs(piece - large[top : top + 512, left : left + 512]).max() <= 3


# --- folders -------------------------------------------------------------------------------------------------

LAYOUTS: dict[str, tuple[list[str], list[str] | None, list[str] | None]] = {
    "flat": (["a.png", "b.png"], None, None),
    "one folder": (["all/a.png", "all/b.png"], None, None),
    "classes": (["cat/a", "cat/b", "dog/a", "dog/b"], None, ["cat", "cat", "dog", "dog"]),
    "classes in a folder": (["x/y/cat/a", "x/y/cat/b", "x/y/dog/a"], None, ["cat", "cat", "dog"]),
    "industrial": (
        ["train/good/a", "train/good/b", "test/good/a", "test/bent wire/a"],
        ["train", "train", "test", "test"],
        ["good", "good", "good", "bent wire"],
    ),
    "several products": (
        ["cap/train/good/a", "cap/test/crack/a", "nut/train/good/a", "nut/test/good/b"],
        ["train", "test", "train", "test"],
        ["good", "crack", "good", "good"],
    ),
    "splits only": (["Train/a", "Test/b", "valid/c"], ["train", "test", "val"], None),
    "classes, then splits": (
        ["ok/train/a", "ok/test/a", "ko/test/a"],
        ["train", "test", "test"],
        ["ok", "ok", "ko"],
    ),
    "clean alone": (["train/good/a", "train/good/b"], ["train", "train"], ["good", "good"]),
    "a folder an image": ([f"{i}/a" for i in range(9)], None, None),
    "test is a class among others": (["test/a", "test/b", "real/a", "real/b"], None, ["test", "test", "real", "real"]),
    "some in none": (["a", "b", "bad/a"], None, ["", "", "bad"]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_folders_tell_split_and_label(layout: str) -> None:
    names, splits, labels = LAYOUTS[layout]
    found = read_folders(names)
    assert (found.splits, found.labels) == (splits and tuple(splits), labels and tuple(labels))
    assert found.folders == tuple(name.rpartition("/")[0] for name in names)


def test_masks_lie_in_folders_of_their_own() -> None:
    assert in_mask_folder("bottle/ground_truth/broken/000_mask.png")
    assert in_mask_folder("Data/Masks/Anomaly/1.png")
    assert not in_mask_folder("bottle/test/masked/1.png")
    assert not in_mask_folder("mask")


@given(st.lists(st.lists(st.sampled_from(["train", "test", "good", "a", "b"]), max_size=4), min_size=1, max_size=12))
def test_any_folders_tell_something_of_each_image_or_nothing(folders: list[list[str]]) -> None:
    found = read_folders(["/".join([*folder, "x.png"]) for folder in folders])
    for cells in (found.splits, found.labels):
        assert cells is None or len(cells) == len(folders)


# --- images that show the same ----------------------------------------------------------------------------


def picture(seed: int, side: int = 96) -> np.ndarray:
    """A smooth picture unlike the others."""
    generator = np.random.default_rng(seed)
    coarse = generator.uniform(0, 255, (5, 5, 3))
    at = np.linspace(0, 3.999, side)
    whole, part = at.astype(int), at % 1
    rows = coarse[whole] * (1 - part)[:, None, None] + coarse[whole + 1] * part[:, None, None]
    mixed = rows[:, whole] * (1 - part)[None, :, None] + rows[:, whole + 1] * part[None, :, None]
    return mixed.astype(np.uint8)


def test_copies_and_what_was_saved_again_are_found(tmp_path: Path) -> None:
    files = {f"{i:02}.png": saved(picture(i)) for i in range(40)}
    files |= {
        "copy.png": files["03.png"],
        "again.jpg": saved(picture(7), "JPEG", quality=80),
        "other format.bmp": saved(picture(9), "BMP"),
        "smaller.png": saved(picture(11)[::2, ::2]),
        "brighter.png": saved((picture(12) * 0.5 + 100).astype(np.uint8)),
    }
    raw = read(tmp_path, files)
    found = dict(zip(column(raw, "file"), column(raw, "looks_like"), strict=True))
    assert {name: like for name, like in found.items() if like} == {
        "copy.png": "03.png",
        "again.jpg": "07.png",
        "other format.bmp": "09.png",
        "smaller.png": "11.png",
    }
    assert said(raw, "nearly the same").startswith("4 images nearly the same as an earlier one")


def test_a_scratch_makes_another_image_of_the_same_part(tmp_path: Path) -> None:
    part = picture(0, 64)
    scratched = part.copy()
    scratched[30:32, 10:50] = 255 - scratched[30:32, 10:50] // 2
    raw = read(tmp_path, {"a.png": saved(part), "scratched.png": saved(scratched), "again.png": saved(part)})
    assert column(raw, "looks_like") == [None, None, "a.png"]


def test_blank_images_of_two_colours_are_not_the_same(tmp_path: Path) -> None:
    files = {f"{value}.png": saved(np.full((20, 20), value, np.uint8)) for value in (0, 100, 255, 101)}
    assert column(read(tmp_path, files), "looks_like") == [None, None, None, "100.png"]


def test_the_work_is_in_proportion_where_all_look_alike() -> None:
    count, asked = 5_000, []

    def thumb(place: int) -> np.ndarray:
        asked.append(place)
        return np.full((64, 64, 1), place % 251, np.uint8)

    same = np.zeros(count, np.uint64)
    earlier_alike(np.arange(count, dtype=np.uint64), same, np.zeros((count, 16), np.uint8), thumb)
    assert len(asked) <= 2 * 8 * count


def test_few_bits_apart_is_found_in_whichever_band_they_lie() -> None:
    base = int("0123456789abcdef", 16)
    for bits in ([0, 20, 40], [1, 2, 3], [63], [15, 16, 31]):
        changed = base ^ sum(1 << bit for bit in bits)
        hashes = np.asarray([base, changed], np.uint64)
        tiny, thumb = np.zeros((2, 16), np.uint8), np.zeros((64, 64, 1), np.uint8)
        assert earlier_alike(np.asarray([1, 2], np.uint64), hashes, tiny, lambda _, thumb=thumb: thumb).tolist() == [
            -1,
            0,
        ]
