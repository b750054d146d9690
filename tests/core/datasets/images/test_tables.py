"""Tables beside images, tables with images in their cells, and tables of pixels."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from core.datasets.images import looks_like_pixels
from core.datasets.raw import RawTable
from core.datasets.read import read_file
from core.errors import FileRefused
from core.settings import Settings
from core.specs import ReadOptions
from tests.core.datasets.hostile import zipped
from tests.core.datasets.images.drawn import LIMITS, column, noise, pieces, ramp, read, said, saved, thumbs


def images(count: int = 12, folder: str = "images/") -> dict[str, bytes]:
    return {f"{folder}{i:03}.png": saved(noise(i)) for i in range(count)}


def read_text(folder: Path, text: str, limits: Settings = LIMITS, **options: object) -> RawTable:
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8")
    return read_file(path, "t.csv", limits, ReadOptions.model_validate(options))


# --- a table beside images ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "naming", ["images/{:03}.png", "./images/{:03}.png", "images\\{:03}.png", "{:03}.png", "other/{:03}.png", "{:03}"]
)
def test_a_table_names_images_by_path_by_name_or_without_the_ending(tmp_path: Path, naming: str) -> None:
    rows = [f"{naming.format(i)},{'bad' if i % 3 == 0 else 'good'},{20 + i}" for i in reversed(range(12))]
    raw = read(tmp_path, {"labels.csv": "\n".join(["image,label,warmth", *rows]), **images()})
    assert raw.columns[:2] == ("file", "folder")
    assert raw.columns[-2:] == ("label", "warmth")
    assert column(raw, "label") == ["bad" if i % 3 == 0 else "good" for i in range(12)]
    assert column(raw, "warmth") == [str(20 + i) for i in range(12)]
    assert np.array_equal(pieces(raw)[5], noise(5))
    assert raw.pictures is not None
    assert (raw.pictures.roles["label"], raw.pictures.roles["warmth"]) == ("label", "ignored")
    assert raw.rejects == ()
    assert said(raw, "tells about") == "“labels.csv” tells about the images, by its column “image”"


def test_a_workbook_names_images(tmp_path: Path) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["path", "class", "split"])
    for i in range(12):
        book.active.append([f"{i:03}.png", i % 2, "Training" if i < 8 else "test"])
    book.save(out)
    raw = read(tmp_path, {**images(), "about.xlsx": out.getvalue()})
    assert column(raw, "class") == [str(i % 2) for i in range(12)]
    assert column(raw, "split") == ["train"] * 8 + ["test"] * 4
    assert raw.pictures is not None and raw.pictures.roles["class"] == "label"


def test_what_only_one_of_table_and_archive_has_is_said(tmp_path: Path) -> None:
    table = "file,note\n" + "".join(f"{i:03}.png,n{i}\n" for i in range(10)) + "gone.png,x\n003.png,again\n"
    raw = read(tmp_path, {**images(), "t.csv": table})
    assert column(raw, "note") == [*(f"n{i}" for i in range(10)), None, None]
    assert said(raw, "name no image") == "1 of its rows name no image of the archive: gone.png"
    assert "the first row of each" in said(raw, "again")
    assert said(raw, "says nothing") == "it says nothing of 2 of the images"


def test_names_that_two_folders_share_need_their_folder(tmp_path: Path) -> None:
    files = {**images(6, "set/a/"), **images(6, "set/b/")}
    rows = [f"{kind}/{i:03}.png,{kind}{i}" for kind in "ba" for i in range(6)]
    raw = read(tmp_path, {**files, "t.csv": "\n".join(["which,what", *rows])})
    assert column(raw, "what") == [f"{kind}{i}" for kind in "ab" for i in range(6)]


def test_the_tables_own_columns_of_our_names_are_kept_under_others(tmp_path: Path) -> None:
    table = "image,width,label\n" + "".join(f"{i:03}.png,{i * 7},{i % 2}\n" for i in range(12))
    raw = read(tmp_path, {**images(), "t.csv": table})
    assert column(raw, "width") == ["20"] * 12
    assert column(raw, "width (2)") == [str(i * 7) for i in range(12)]
    assert raw.columns.count("label") == 1


def test_labels_of_the_table_go_before_those_of_the_folders(tmp_path: Path) -> None:
    files = {**images(6, "good/"), **{name.replace("/", "/1"): data for name, data in images(6, "bad/").items()}}
    table = "image,label\n" + "".join(f"{Path(name).name},x{i % 2}\n" for i, name in enumerate(files))
    raw = read(tmp_path, {**files, "t.csv": table})
    assert column(raw, "label") == [f"x{i % 2}" for i in range(12)]


def test_a_table_that_names_no_image_is_a_reject(tmp_path: Path) -> None:
    raw = read(tmp_path, {**images(), "t.csv": "a,b\n" + "1,2\n3,4\n" * 9})
    assert [(reject.line, reject.text) for reject in raw.rejects] == [(13, "t.csv")]
    assert "names none of the images" in raw.rejects[0].reason


def test_what_is_called_a_table_and_is_a_zip_of_images_is_a_reject(tmp_path: Path) -> None:
    raw = read(tmp_path, {**images(), "t.csv": zipped(images())})
    assert raw.rows == 12
    assert [reject.text for reject in raw.rejects] == ["t.csv"]


def test_a_table_that_names_few_images_makes_a_set_of_them(tmp_path: Path) -> None:
    table = "image,label\n" + "".join(f"{i:03}.png,{i % 2}\n" for i in range(3))
    assert read(tmp_path, {**images(3), "t.csv": table}).pictures is not None


# --- images in cells -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["", "data:image/png;base64,"])
def test_base64_in_cells_is_read_as_images(tmp_path: Path, before: str) -> None:
    rows = [f"{before}{base64.b64encode(saved(noise(i))).decode()}\tpart {i}\t{i % 2}" for i in range(8)]
    raw = read_text(tmp_path, "\n".join(["picture\tname\tlabel", *rows]))
    assert np.array_equal(pieces(raw), np.stack([noise(i) for i in range(8)]))
    assert column(raw, "file") == [f"part {i}" for i in range(8)]
    assert column(raw, "label") == [str(i % 2) for i in range(8)]
    assert "picture" not in raw.columns
    assert said(raw, "base64") == "the images stand in the column “picture”, as base64"
    assert raw.lines.tolist() == list(range(2, 10))


def test_cells_that_hold_no_image_are_set_aside_with_their_line(tmp_path: Path) -> None:
    good = [base64.b64encode(saved(noise(i))).decode() for i in range(5)]
    text = "\n".join(
        ["picture;id", f"{good[0]};a", f"{good[1]};b", "not base64!;c", f"{good[2][:-40]};d", f"{good[3]};e"]
    )
    raw = read_text(tmp_path, text)
    assert column(raw, "file") == ["a", "b", "e"]
    assert [(reject.line, reject.text) for reject in raw.rejects] == [(4, "c"), (5, "d")]
    assert "no base64" in raw.rejects[0].reason
    assert "cut off" in raw.rejects[1].reason


def test_base64_stays_text_where_the_user_says_so(tmp_path: Path) -> None:
    text = "picture,n\n" + "".join(f"{base64.b64encode(saved(noise(i))).decode()},{i}\n" for i in range(4))
    assert read_text(tmp_path, text, images=False).pictures is None
    assert column(read_text(tmp_path, text), "file") == [f"line {i}" for i in range(2, 6)]


# --- tables of pixels ----------------------------------------------------------------------------------------


def drawn(count: int, side: int = 28) -> NDArray[np.int64]:
    """Blobs, (N, side * side) of 0 … 255."""
    generator = np.random.default_rng(0)
    top, left = np.mgrid[0:side, 0:side]
    middle = generator.uniform(side * 0.3, side * 0.7, (count, 2))
    apart = (top - middle[:, 0, None, None]) ** 2 + (left - middle[:, 1, None, None]) ** 2
    return np.rint(255 * np.exp(-apart / side)).astype(int).reshape(count, -1)


def csv_of(values: NDArray[np.int64], header: list[str] | None = None, labels: bool | str = False) -> str:
    rows = [",".join(map(str, row)) for row in values.tolist()]
    if labels == "first":
        rows = [f"{i % 10},{row}" for i, row in enumerate(rows)]
    elif labels == "last":
        rows = [f"{row},{i % 10}" for i, row in enumerate(rows)]
    return "\n".join([*([",".join(header)] if header else []), *rows])


NAMINGS = {
    "pixel0": [f"pixel{i}" for i in range(784)],
    "p1": [f"p{i + 1}" for i in range(784)],
    "0": [str(i) for i in range(784)],
    "1x1": [f"{i // 28 + 1}x{i % 28 + 1}" for i in range(784)],
    "pixel_0_0": [f"pixel_{i // 28}_{i % 28}" for i in range(784)],
    "pixel0000": [f"pixel{i:04}" for i in range(784)],
}


@pytest.mark.parametrize("naming", NAMINGS)
@pytest.mark.parametrize("label", [None, "first", "last"])
def test_tables_of_pixels_are_recognised_by_any_usual_names(naming: str, label: str | None) -> None:
    names, values = list(NAMINGS[naming]), drawn(30)
    cells = [list(map(str, row)) for row in values.tolist()]
    if label is not None:
        at = 0 if label == "first" else len(names)
        names.insert(at, "label")
        for i, row in enumerate(cells):
            row.insert(at, str(i % 10))
    assert looks_like_pixels(names, cells) == (28, 28, 1, None if label is None else "label")


@pytest.mark.parametrize("label", [False, "first", "last"])
def test_a_table_of_pixels_without_names_is_read_as_images(tmp_path: Path, label: bool | str) -> None:
    values = drawn(40)
    text = csv_of(values, labels=label)
    table = read_text(tmp_path, text)
    assert table.pictures is None
    few = [list(row.values()) for row in table.cells.slice(0, 20).to_pylist()]
    assert looks_like_pixels(table.columns, few) is not None
    raw = read_text(tmp_path, text, images=True, header_rows=0)
    assert np.array_equal(pieces(raw), values.reshape(40, 28, 28, 1))
    assert thumbs(raw).shape == (40, 64, 64, 1)
    assert raw.pictures is not None
    labels = [name for name, role in raw.pictures.roles.items() if role == "label"]
    assert len(labels) == bool(label)
    if label:
        assert labels == ["label"]
        assert column(raw, "label") == [str(i % 10) for i in range(40)]
    assert "28 × 28" in said(raw, "each row is an image")


def test_the_label_is_found_where_the_table_is_sorted_by_it(tmp_path: Path) -> None:
    rows = csv_of(drawn(300)).split("\n")
    text = "\n".join(f"{row},{i // 250}" for i, row in enumerate(rows))
    raw = read_text(tmp_path, text, images=True, header_rows=0)
    assert column(raw, "label") == [str(i // 250) for i in range(300)]


def test_digits_of_sixteen_greys(tmp_path: Path) -> None:
    digits = load_digits(as_frame=True).frame
    text = digits.to_csv(index=False)
    raw = read_text(tmp_path, text, images=True, image_size=8)
    assert raw.rows == 1_797
    expected = np.rint(digits.drop(columns="target").to_numpy() * 255 / 16).reshape(-1, 8, 8, 1)
    assert np.array_equal(pieces(raw), expected)
    assert column(raw, "target")[:5] == ["0", "1", "2", "3", "4"]
    assert raw.pictures is not None and raw.pictures.roles["target"] == "label"
    assert "16 white" in said(raw, "each row is an image")


@pytest.mark.parametrize("planes", [False, True])
def test_colours_side_by_side_or_one_after_another(tmp_path: Path, planes: bool) -> None:
    images = np.stack([np.roll(ramp(12, 12), i, axis=0) for i in range(20)])
    values = images.transpose(0, 3, 1, 2) if planes else images
    text = csv_of(values.reshape(20, -1), [f"pixel{i}" for i in range(432)], "last").replace(
        "pixel431", "pixel431,label", 1
    )
    raw = read_text(tmp_path, text, images=True, image_size=12)
    assert np.array_equal(pieces(raw), images)


def test_rows_with_a_pixel_that_is_none_are_set_aside(tmp_path: Path) -> None:
    lines = csv_of(drawn(20), NAMINGS["pixel0"]).split("\n")
    lines[3] = lines[3].replace("0,", "x,", 1)
    lines[5] = "300" + lines[5][lines[5].index(",") :]
    lines[7] = lines[7][lines[7].index(",") :]
    raw = read_text(tmp_path, "\n".join(lines), images=True)
    assert raw.rows == 17
    assert [reject.line for reject in raw.rejects] == [4, 6, 8]
    assert {reject.reason for reject in raw.rejects} == {"a pixel is no number from 0 to 255"}


def test_other_tables_do_not_look_like_pixels(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    names = [f"x{i}" for i in range(64)]
    for values in (
        generator.integers(0, 256, (100, 64)),  # numbers that neighbours say nothing of
        generator.integers(0, 9, (100, 64)) * np.arange(64),  # in units of their own
        np.where(generator.random((100, 64)) < 0.1, 1, 0),  # flags
        generator.normal(0, 1, (100, 64)),
    ):
        assert looks_like_pixels(names, [list(map(str, row)) for row in values.tolist()]) is None
    assert looks_like_pixels(names[:63], [["1"] * 63] * 20) is None
    assert looks_like_pixels([], []) is None
    with pytest.raises(FileRefused, match="can't be read as images") as refused:
        read_text(tmp_path, "a,b\n1,2\n3,4\n5,6\n", images=True)
    assert "read the file as a table" in refused.value.fix


@given(st.integers(1, 120), st.integers(1, 8))
def test_any_table_is_looked_at_without_a_fault(columns: int, rows: int) -> None:
    found = looks_like_pixels([f"pixel{i}" for i in range(columns)], [["7"] * columns] * rows)
    assert (found is not None) == (columns in (64, 81, 100) or (columns // 3) ** 0.5 == 8)
