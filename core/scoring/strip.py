"""A strip of rows held back beside what the network makes of them: the same ones after each epoch, so that one sees it learn."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.datasets.encoding import AnyEncoder, Encoder, PictureEncoder
from core.datasets.encoding.parts.datetime import DatetimePart
from core.models.base import Objective
from core.results import Encoded, Rows, Strip
from core.words import day, moment

ROWS = 8
COLUMNS = 6  # of a table
SIDE = 32  # pixels of an image, at most
DAY = 86_400  # seconds
NOTHING = 1e-6  # of the largest number of a column


def rows_of_strip(validation: NDArray[np.int64], train: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows that are shown, evenly spaced: held back where there are any."""
    rows = validation if len(validation) else train
    return rows[:: max(1, -(-len(rows) // ROWS))]


@torch.inference_mode()
def strip(network: Objective, encoder: AnyEncoder, data: Rows, rows: NDArray[np.int64], epoch: int) -> Strip:
    """What the network makes of them now."""
    some = data.take(rows)
    device = next(network.parameters()).device
    training = network.training
    network.eval()
    made = network.heads.activate(network.reconstruct(torch.from_numpy(some.values).to(device))).cpu().numpy()
    network.train(training)
    if isinstance(encoder, PictureEncoder):
        return _of_images(encoder, some, made, epoch)
    if isinstance(encoder, Encoder):
        return _of_rows(encoder, some, made, epoch)
    number = int(some.layout.squared[0]) if len(some.layout.squared) else 0  # the first channel that is a number
    steps, width = some.layout.row_shape
    column = number % width
    actual, expected = (each.reshape(len(rows), steps, width)[:, :, column] for each in (some.values, made))
    name = next(block.column for block in some.layout.blocks if block.start == column)
    return Strip(epoch, "series", (name,), _rounded(actual), _rounded(expected), more=len(some.layout.columns) - 1)


def _of_rows(encoder: Encoder, some: Encoded, made: NDArray[np.float32], epoch: int) -> Strip:
    actual, expected = encoder.decode(some.values), encoder.decode(made)
    names = tuple(actual)[:COLUMNS]
    dated = {part.column for part in encoder.parts if isinstance(part, DatetimePart)}
    columns: tuple[list[list[Any]], list[list[Any]]] = ([], [])
    for name in names:
        was = actual[name].copy()
        was[~_filled(some, name)] = np.nan if was.dtype.kind == "f" else None
        whole = name in dated and not np.any(was[~np.isnan(was)] % DAY)
        for cells, values in zip(columns, (was, expected[name]), strict=True):
            cells.append(_moments(values, whole) if name in dated else _cells(values))
    shown, rebuilt = ([list(row) for row in zip(*cells, strict=True)] for cells in columns)
    return Strip(epoch, "table", names, shown, rebuilt, more=len(actual) - len(names))


def _of_images(encoder: PictureEncoder, some: Encoded, made: NDArray[np.float32], epoch: int) -> Strip:
    pair = [encoder.decode(each) for each in (some.values, made)]
    step = max(1, -(-max(encoder.height, encoder.width) // SIDE))
    small = [np.ascontiguousarray(images[:, ::step, ::step]) for images in pair]
    was, is_now = ([base64.b64encode(image.tobytes()).decode() for image in images] for images in small)
    return Strip(epoch, "images", (), was, is_now, small[0].shape[1:])


def _rounded(values: NDArray[np.float32]) -> list[list[float]]:
    return [[round(float(value), 3) for value in row] for row in values]


def _filled(some: Encoded, name: str) -> NDArray[np.bool_]:
    """Which rows have something in that column: where a cell is missing, the matrix holds a middle in its place."""
    block = next(block for block in some.layout.blocks if block.column == name)
    return np.asarray(some.observed[:, block.start : block.stop].any(axis=1), np.bool_)


def _moments(values: NDArray[np.float64], whole: bool) -> list[str | None]:
    """One column's cells as dates. whole: without a time of day, which none of them has."""
    said = day if whole else moment
    return [None if np.isnan(value) else said(round(value)) for value in values]


def _cells(values: NDArray[Any]) -> list[Any]:
    """One column's cells as they are shown. What is nothing beside the others is 0: the encoding goes by powers."""
    if values.dtype.kind != "f":
        return [value if value is None else str(value)[:60] for value in values]
    nothing = NOTHING * float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return [
        None if not np.isfinite(value) else 0.0 if abs(value) < nothing else float(f"{value:.4g}") for value in values
    ]
