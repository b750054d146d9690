"""Tables of pixels: each row an image, each of many number columns one of its pixels (as MNIST is handed around)."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image

from core.datasets.images.decode import Plan, from_image
from core.datasets.images.looks import COLOUR_NAMES, FORMATS, LOOK, PIXEL_TABLE, TOLD, Looks, check_room
from core.datasets.images.sizes import chosen_size
from core.datasets.images.store import Files, check_count, keep_rejects, write_table
from core.datasets.images.tables import about
from core.datasets.images.writing import Writing
from core.datasets.kinds import LABEL_NAMES
from core.datasets.parsing import parse_numbers
from core.datasets.raw import RawTable, Spool
from core.errors import FileRefused

LEAST = 8  # pixels, the least side
FEW = 200  # rows that tell what a table is
AT_ONCE = 5_000  # rows whose pixels are in memory
# pixel0, px_12, p7, x3, 28x28, pixel_0_0, pixel_0_0_2, 17: a word or none, then up to three numbers.
NAME = re.compile(r"(?P<word>[a-z]*)[ _.-]?(?P<a>\d+)(?:[ _.x,-](?P<b>\d+))?(?:[ _.x,-](?P<c>\d+))?")
GENERATED = re.compile(r"col_\d+")  # the name of a column without one
SURE_WORDS = ("pixel", "pixels", "px", "pix")
GREATEST = 255.0
MOST = 0.8  # of the cells of a column of pixels are numbers from 0 to 255, at least
RANGES = (1.0, 16.0, GREATEST)  # what is white, by the greatest value of the table
SMOOTH = 0.7  # of the difference between any two pixels is that between neighbours in an image, at most


@dataclass(frozen=True)
class Layout:
    """Which columns are pixels, in the order of the image's rows, columns, channels; the label's column."""

    height: int
    width: int
    channels: int
    pixels: tuple[int, ...]
    label: int | None


def looks_like_pixels(
    names: Sequence[str], rows: Sequence[Sequence[str | None]]
) -> tuple[int, int, int, str | None] | None:
    """Height, width, channels and label column of the images that a table's rows seem to be; None for other tables.

    rows: a few of them, the more the surer; of a table without names the label's place is only found where they differ
    in it.
    """
    layout = _layout(names, rows)
    if layout is None:
        return None
    return layout.height, layout.width, layout.channels, None if layout.label is None else names[layout.label]


def _layout(names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Layout | None:
    if len(names) < LEAST * LEAST or not rows:
        return None
    cells = np.asarray([[_number(cell) for cell in row] for row in rows])
    good = (cells >= 0) & (cells <= GREATEST)
    numbers = np.flatnonzero(good.mean(axis=0) >= MOST)
    cells[~good] = 0
    for columns, sure in _candidates(names, numbers.tolist(), cells):
        shape = _shape(names, columns)
        if shape is None or not (sure or _smooth(cells[:, columns].reshape(len(rows), *shape))):
            continue
        order = columns if shape[2] == 1 or _interleaved(cells[:, columns], shape) else _interleave(columns)
        return Layout(*shape, tuple(order), _label(names, set(columns)))
    return None


def _number(cell: str | None) -> float:
    try:
        return float(cell) if cell is not None else math.nan
    except ValueError:
        return math.nan


def _candidates(
    names: Sequence[str], numbers: list[int], cells: NDArray[np.float64]
) -> Iterator[tuple[list[int], bool]]:
    """Columns that may be the pixels, the likeliest first, and whether their names leave no doubt."""
    matches = {i: NAME.fullmatch(names[i].strip().lower()) for i in numbers}
    by_word: dict[tuple[str, bool], list[int]] = {}
    for i, match in matches.items():
        if match is not None:
            by_word.setdefault((match["word"], match["b"] is not None), []).append(i)
    for (word, _), columns in sorted(by_word.items(), key=lambda item: -len(item[1])):
        yield columns, word in SURE_WORDS
    if sum(match is None for match in matches.values()) > 1 and not _nameless(names):
        return
    yield numbers, False
    # Without names the label stands first or last: where a number is less like the one beside it.
    apart = np.abs(np.diff(cells[:, numbers], axis=1)).mean(axis=0)
    if len(apart):
        yield numbers[1:] if apart[0] >= apart[-1] else numbers[:-1], False


def _nameless(names: Sequence[str]) -> bool:
    """Whether the first row was taken for names: most of them are numbers, made different by a count."""
    numbers = sum(math.isfinite(_number(name.partition(" (")[0])) for name in names)
    return numbers > len(names) // 2


def _shape(names: Sequence[str], columns: list[int]) -> tuple[int, int, int] | None:
    """Height, width, channels: by the numbers in the names (pixel_3_5), else of a square."""
    count = len(columns)
    if count < LEAST * LEAST:
        return None
    found = [NAME.fullmatch(names[i].strip().lower()) for i in columns]
    if all(match is not None and match["b"] is not None for match in found):
        tops = [[int(match[key]) for match in found if match and match[key]] for key in "abc"]
        sides = [max(numbers) - min(numbers) + 1 if numbers else 1 for numbers in tops]
        if math.prod(sides) == count and min(sides[:2]) >= LEAST and sides[2] in (1, 3):
            return sides[0], sides[1], sides[2]
    for channels in (1, 3):
        side = math.isqrt(count // channels)
        if side * side * channels == count and side >= LEAST:
            return side, side, channels
    return None


def _smooth(images: NDArray[np.float64]) -> bool:
    """Whether pixels are like the ones below them, as nothing but a picture's are, (N, H, W, C)."""
    below = np.abs(np.diff(images, axis=1)).mean()
    flat = images.reshape(len(images), -1)
    mixed = flat[:, np.random.default_rng(0).permutation(flat.shape[1])]
    return bool(below < SMOOTH * np.abs(flat - mixed).mean())


def _interleaved(cells: NDArray[np.float64], shape: tuple[int, int, int]) -> bool:
    """Whether a pixel's three colours stand side by side, not all of one colour before the next."""
    height, width, channels = shape
    side_by_side = cells.reshape(-1, height, width, channels)
    apart = cells.reshape(-1, channels, height, width)
    return bool(np.abs(np.diff(side_by_side, axis=2)).mean() <= np.abs(np.diff(apart, axis=3)).mean())


def _interleave(columns: list[int]) -> list[int]:
    return np.asarray(columns).reshape(3, -1).T.reshape(-1).tolist()


def _label(names: Sequence[str], pixels: set[int]) -> int | None:
    others = [i for i in range(len(names)) if i not in pixels]
    named = [i for i in others if names[i].strip().lower() in LABEL_NAMES]
    return named[0] if named else others[0] if len(others) == 1 else None


def read_pixels(raw: RawTable, spool: Spool) -> RawTable:
    """The table's rows as images: its pixels as arrays, its other columns about them.

    A row with a pixel that is no number from 0 to 255 goes to the rejects. Raises FileRefused, TooLarge, DiskFull.
    """
    layout = _layout(raw.columns, _spread_rows(raw))
    if layout is None:
        raise FileRefused(
            "the rows can't be read as images: no 64 or more of the columns are pixels, numbers from 0 to 255 that "
            "make up a square",
            where=spool.name,
            fix="read the file as a table, or leave out the columns that are no pixels and name the others p0, p1, …",
        )
    keep_rejects(raw, spool)
    white = _white(raw, layout)
    plan = _plan(layout, spool)
    check_room(_looks(layout, np.arange(raw.rows)), plan, spool)
    writing = Writing(spool.folder, plan, raw.rows)
    for start, values in _blocks(raw, layout):
        for i, row in enumerate(values):
            if (start + i) % TOLD == 0:
                spool.tell((start + i) / raw.rows, f"{start + i:,} of {raw.rows:,} images read")
            if not ((row >= 0) & (row <= white)).all():
                reason = f"a pixel is no number from 0 to {white:g}"
                spool.reject(int(raw.lines[start + i]), f"line {raw.lines[start + i]}", reason)
                continue
            pixels = np.rint(row * (GREATEST / white)).astype(np.uint8).reshape(layout.height, layout.width, -1)
            image = Image.fromarray(pixels[:, :, 0] if layout.channels == 1 else pixels)
            content = hashlib.sha256(pixels.tobytes()).hexdigest()[:16]
            image = image.convert("L" if plan.channels == 1 else "RGB")
            writing.add(start + i, pixels.size, from_image(image, image.size, plan, content))
    check_count(writing.count, spool)
    written = writing.finish()
    pixels = set(layout.pixels)
    cells = raw.some_columns([name for i, name in enumerate(raw.columns) if i not in pixels])
    said = [f"each row is an image of {layout.height} × {layout.width} pixels, 0 black and {white:g} white"]
    label = None
    if layout.label is not None:
        label = raw.columns[layout.label]
        said.append(f"the column “{label}” is no pixel and was taken for the label")
        if GENERATED.fullmatch(label):
            cells = cells.rename_columns(["label" if name == label else name for name in cells.column_names])
            label = "label"
    told = about(cells, np.arange(raw.rows), label)
    reading = replace(raw.reading, notices=(*_without_pixels(raw, layout), *said))
    files = Files([f"line {line}" for line in raw.lines.tolist()], raw.lines.tolist())
    looks = _looks(layout, written.facts["place"])
    table = write_table(files, looks, written, plan, spool, told, reading, paths=False)
    return replace(table, reading=replace(table.reading, sampled_from=raw.reading.sampled_from))


def _spread_rows(raw: RawTable) -> list[tuple[str | None, ...]]:
    """Some rows from all over the table: it may be sorted by its label."""
    step = max(1, raw.rows // FEW)
    rows: list[tuple[str | None, ...]] = []
    start = 0
    for batch in raw.batches():
        few = batch.take(np.arange(-start % step, len(batch), step))
        rows += zip(*(column.to_pylist() for column in few.columns), strict=True)
        start += len(batch)
    return rows


def _white(raw: RawTable, layout: Layout) -> float:
    """The value of white: the least of the usual ones that no pixel is over."""
    greatest = 0.0
    for _, values in _blocks(raw, layout):
        greatest = max(greatest, float(np.max(values, initial=0, where=values <= GREATEST)))
    return next(white for white in RANGES if greatest <= white)


def _plan(layout: Layout, spool: Spool) -> Plan:
    options = spool.options
    size = options.image_size or chosen_size(np.asarray([layout.width]), np.asarray([layout.height]))
    colour = options.image_colour == "colour" or (options.image_colour is None and layout.channels == 3)
    return Plan(options.image_rule or "fit", size, 3 if colour else 1)


def _looks(layout: Layout, places: NDArray[np.int64]) -> Looks:
    table = np.zeros(len(places), LOOK)
    table["place"], table["width"], table["height"] = places, layout.width, layout.height
    table["format"] = FORMATS.index(PIXEL_TABLE)
    table["colour"] = COLOUR_NAMES.index("grey" if layout.channels == 1 else "colour")
    table["orientation"] = 1
    return Looks(table, 0.0, 0.0)


def _blocks(raw: RawTable, layout: Layout) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """The pixels of some rows at a time, (K, D), NaN where a cell is no number; and the place of the first."""
    start = 0
    for batch in raw.batches():
        for at in range(0, len(batch), AT_ONCE):
            rows = batch.slice(at, AT_ONCE)
            yield start, np.stack([_numbers(rows.column(i)) for i in layout.pixels], axis=1)
            start += len(rows)


def _numbers(cells: pa.Array) -> NDArray[np.float64]:
    try:
        found: NDArray[np.float64] = cells.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:  # one of them is no number
        return parse_numbers(cells.to_numpy(zero_copy_only=False))
    return found


def _without_pixels(raw: RawTable, layout: Layout) -> list[str]:
    """What was said of the table, but of the names of its pixels."""
    if len(raw.reading.notices) < len(layout.pixels):
        return list(raw.reading.notices)
    return [notice for notice in raw.reading.notices if not re.match(r"column \d+ has no name|the name “", notice)]
