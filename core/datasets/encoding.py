"""A typed table → the matrix that the network sees, and back. Fitted on training rows only.

Every kind of column is a *part*: a pydantic model that can be fitted, can encode its column into a few
matrix columns and can read them back. An encoder is the list of its parts, and its JSON is theirs.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from core.errors import DatasetRefused
from core.results import Block, Column, Encoded, Head, Kind, Layout, Table

LEVELS = 30  # levels of a category that get a column of their own
RARE_SHARE = 0.005
LARGEST = 1e300  # infinities are treated as this
SMALLEST_BASELINE = 0.1  # keeps a nearly constant column from outweighing all others
DAY = 86_400.0
OTHER = "(other)"
ROWS = 256  # encoded at once

Matrix = NDArray[np.float64]  # (N, width)
Mask = NDArray[np.bool_]


class Part(BaseModel):
    """What one source column becomes. `weights` has one entry a block."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    heads: ClassVar[tuple[Head, ...]] = ("squared",)

    column: str
    missing_seen: bool = False
    weights: tuple[float, ...] = ()

    @property
    def widths(self) -> tuple[int, ...]:
        """Matrix columns of each block, without the missing indicator."""
        return (1,)

    def encode(self, values: NDArray[Any]) -> Matrix:
        """(N,) cells → (N, sum of widths); anything at a missing cell."""
        raise NotImplementedError

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        """(N, sum of widths) → (N,) cells in source units."""
        raise NotImplementedError

    def missing(self, values: NDArray[Any]) -> Mask:
        if values.dtype == object:
            return np.asarray([value is None for value in values], bool)
        return np.isnan(values.astype(np.float64))


def squash(values: Matrix, centre: float | Matrix, scale: float | Matrix) -> Matrix:
    """sign(z)·log(1 + |z|) with z = (x − centre) / scale; finite for every number, infinities included. NaN stays."""
    z = np.clip(values, -LARGEST, LARGEST)
    with np.errstate(over="ignore"):
        z /= scale
        z -= centre / scale
    np.clip(z, -LARGEST, LARGEST, out=z)
    size = np.abs(z)
    np.log1p(size, out=size)
    return np.copysign(size, z, out=size)


def unsquash(encoded: Matrix, centre: float, scale: float) -> Matrix:
    """The inverse of `squash`."""
    with np.errstate(over="ignore"):
        z = np.sign(encoded) * np.expm1(np.minimum(np.abs(encoded), math.log(LARGEST)))
        return np.clip(z * scale + centre, -1.7e308, 1.7e308)


def centre_and_scale(values: Matrix) -> tuple[float, float]:
    """Median and interquartile range; where that is 0, the standard deviation with its tail cut off."""
    finite = np.clip(values[np.isfinite(values)], -LARGEST, LARGEST)
    if len(finite) == 0:
        return 0.0, 1.0
    low, centre, high = (float(q) for q in np.quantile(finite, [0.25, 0.5, 0.75], method="nearest"))
    spread = high / 2 - low / 2
    if spread * 2 > 1e-12 * max(abs(centre), 1e-300):
        return centre, min(spread * 2, LARGEST)
    away = np.abs(finite - centre)
    away = away[away > 1e-12 * max(abs(centre), 1e-300)]
    if len(away) == 0:
        return centre, max(abs(centre), 1.0) if centre else 1.0
    cap = float(np.median(away))
    return centre, max(cap * math.sqrt(len(away) / len(finite)), 1e-300)


class NumberPart(Part):
    """One input: the value, centred and scaled robustly, its tails squashed."""

    kind: Literal["number"] = "number"
    centre: float
    scale: float

    @classmethod
    def fit(cls, column: str, values: NDArray[Any]) -> NumberPart:
        centre, scale = centre_and_scale(values.astype(np.float64))
        return cls(column=column, centre=centre, scale=scale)

    def encode(self, values: NDArray[Any]) -> Matrix:
        return squash(values.astype(np.float64), self.centre, self.scale)[:, None]

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        return unsquash(matrix[:, 0], self.centre, self.scale)


class BooleanPart(Part):
    """One input: 0 or 1."""

    heads: ClassVar[tuple[Head, ...]] = ("binary",)
    kind: Literal["boolean"] = "boolean"

    @classmethod
    def fit(cls, column: str, values: NDArray[Any]) -> BooleanPart:
        return cls(column=column)

    def encode(self, values: NDArray[Any]) -> Matrix:
        return np.nan_to_num(values.astype(np.float64))[:, None]

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        return (matrix[:, 0] >= 0.5).astype(np.float64)


class CategoryPart(Part):
    """One column a level that is not rare; the last one stands for rare levels and ones never seen."""

    heads: ClassVar[tuple[Head, ...]] = ("categorical",)
    kind: Literal["category"] = "category"
    levels: tuple[str, ...]

    @classmethod
    def fit(cls, column: str, values: NDArray[Any]) -> CategoryPart:
        present = [value.strip() for value in values if value is not None]
        names, counts = np.unique(np.asarray(present, str), return_counts=True)
        order = np.lexsort((names, -counts))[:LEVELS]
        least = max(2.0, RARE_SHARE * len(present))
        return cls(column=column, levels=tuple(str(names[i]) for i in order if counts[i] >= least))

    @property
    def widths(self) -> tuple[int, ...]:
        return (len(self.levels) + 1,)

    def encode(self, values: NDArray[Any]) -> Matrix:
        places = {level: i for i, level in enumerate(self.levels)}
        out = np.zeros((len(values), self.widths[0]))
        for row, value in enumerate(values):
            if value is not None:
                out[row, places.get(value.strip(), len(self.levels))] = 1.0
        return out

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        names = np.asarray([*self.levels, OTHER], object)
        decoded: NDArray[Any] = names[matrix.argmax(axis=1)]
        return decoded


class DatetimePart(Part):
    """Elapsed time, and where in the day and in the week it falls."""

    heads: ClassVar[tuple[Head, ...]] = ("squared", "squared", "squared")
    kind: Literal["datetime"] = "datetime"
    centre: float
    scale: float

    @classmethod
    def fit(cls, column: str, values: NDArray[Any]) -> DatetimePart:
        centre, scale = centre_and_scale(values.astype(np.float64))
        return cls(column=column, centre=centre, scale=scale)

    @property
    def widths(self) -> tuple[int, ...]:
        return (1, 2, 2)

    def encode(self, values: NDArray[Any]) -> Matrix:
        moments = np.nan_to_num(values.astype(np.float64), nan=self.centre)
        angles = 2 * np.pi * np.stack([moments / DAY % 1, moments / (7 * DAY) % 1], axis=1)
        elapsed = squash(moments, self.centre, self.scale)
        day, week = angles[:, 0], angles[:, 1]
        return np.stack([elapsed, np.sin(day), np.cos(day), np.sin(week), np.cos(week)], axis=1)

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        return unsquash(matrix[:, 0], self.centre, self.scale)


class TextPart(Part):
    """Length and character classes only: what a text says is not looked at."""

    heads: ClassVar[tuple[Head, ...]] = ("squared",)
    kind: Literal["text"] = "text"
    centre: float
    scale: float

    @classmethod
    def fit(cls, column: str, values: NDArray[Any]) -> TextPart:
        lengths = np.asarray([len(value) for value in values if value is not None], np.float64)
        centre, scale = centre_and_scale(lengths)
        return cls(column=column, centre=centre, scale=scale)

    @property
    def widths(self) -> tuple[int, ...]:
        return (5,)

    def encode(self, values: NDArray[Any]) -> Matrix:
        texts = ["" if value is None else value for value in values]
        lengths = np.asarray([len(text) for text in texts], np.float64)
        shares = [
            [sum(map(test, text)) / max(1, len(text)) for test in (str.isdigit, str.isupper, str.islower, str.isspace)]
            for text in texts
        ]
        return np.column_stack([squash(lengths, self.centre, self.scale), np.asarray(shares).reshape(-1, 4)])

    def decode(self, matrix: Matrix) -> NDArray[Any]:
        lengths = np.maximum(0, np.round(unsquash(matrix[:, 0], self.centre, self.scale)))
        return np.asarray([f"(a text of about {length:.0f} characters)" for length in lengths], object)


AnyPart = Annotated[NumberPart | BooleanPart | CategoryPart | DatetimePart | TextPart, Field(discriminator="kind")]
PARTS: dict[Kind, Any] = {
    "number": NumberPart,
    "boolean": BooleanPart,
    "category": CategoryPart,
    "ordered": CategoryPart,
    "multiple": CategoryPart,
    "coded": CategoryPart,
    "datetime": DatetimePart,
    "text": TextPart,
}


class Encoder(BaseModel):
    """The fitted encoding of a table's features."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    parts: tuple[AnyPart, ...]

    @classmethod
    def fit(cls, table: Table, rows: NDArray[np.int64] | None = None) -> Encoder:
        """Fit on some rows (all by default). Raises DatasetRefused where no feature varies."""
        parts: list[Any] = []
        for column in table.columns:
            if column.role == "feature" and column.kind != "constant":
                values = table.values[column.name] if rows is None else table.values[column.name][rows]
                part = _fit(column, values)
                if part is not None:
                    parts.append(part)
        if not parts:
            raise DatasetRefused(
                "no column is left to learn from",
                where="columns",
                fix="make at least one column that varies a feature, on the Data page",
            )
        return cls(parts=tuple(parts))

    @property
    def layout(self) -> Layout:
        """The blocks of the encoded matrix."""
        blocks: list[Block] = []
        start = 0
        for part in self.parts:
            widths = [*part.widths, *([1] if part.missing_seen else [])]
            heads = [*part.heads, *(["binary"] if part.missing_seen else [])]
            for width, head, weight in zip(widths, heads, part.weights, strict=True):
                blocks.append(Block(part.column, head, start, start + width, weight))  # type: ignore[arg-type]
                start += width
        return Layout(tuple(blocks))

    def encode(self, table: Table) -> Encoded:
        """Rows as the network sees them, always finite."""
        layout = self.layout
        values = np.zeros((len(table), layout.width), np.float32)
        observed = np.ones(values.shape, bool)
        numbers: list[tuple[NumberPart, int]] = []
        start = 0
        for part in self.parts:
            width = sum(part.widths)
            if isinstance(part, NumberPart):
                numbers.append((part, start))
            else:
                cells = table.values[part.column]
                missing = part.missing(cells)
                here = slice(start, start + width)
                values[:, here] = np.where(missing[:, None], 0.0, part.encode(cells))
                observed[:, here] = ~missing[:, None]
                if part.missing_seen:
                    values[:, start + width] = missing
            start += width + int(part.missing_seen)
        if numbers:
            _encode_numbers(numbers, table, values, observed)
        return Encoded(layout, values, observed)

    def decode(self, values: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Matrix rows (B, D) → source column → (B,) cells in source units."""
        out: dict[str, NDArray[Any]] = {}
        start = 0
        for part in self.parts:
            width = sum(part.widths)
            out[part.column] = part.decode(values[:, start : start + width].astype(np.float64))
            start += width + int(part.missing_seen)
        return out

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Encoder:
        return cls.model_validate(record)


def _fit(column: Column, values: NDArray[Any]) -> Any:
    """The fitted part, or None for a column with nothing in it or no variation in the training rows."""
    part = PARTS[column.kind].fit(column.name, values)
    missing = part.missing(values)
    if missing.all():
        return None
    part = part.model_copy(update={"missing_seen": bool(missing.any())})
    if not missing.any() and len(values) > 1 and _same(values):
        return None
    matrix = part.encode(values[~missing])
    baselines: list[float] = []
    start = 0
    for width, head in zip(part.widths, part.heads, strict=True):
        baselines.append(baseline_loss(matrix[:, start : start + width], head))
        start += width
    weights = [1.0 / max(SMALLEST_BASELINE, loss) / len(baselines) for loss in baselines]
    if missing.any():
        weights.append(1.0 / max(SMALLEST_BASELINE, baseline_loss(missing[:, None].astype(np.float64), "binary")))
    return part.model_copy(update={"weights": tuple(weights)})


def _same(values: NDArray[Any]) -> bool:
    first = values[0]
    return all(value == first for value in values)


def baseline_loss(matrix: Matrix, head: Head) -> float:
    """Mean loss of the best constant answer for a block: variance, or entropy."""
    if head == "squared":
        # The middle of the distribution: one extreme cell must not make its column weigh nothing.
        centred = (matrix - np.median(matrix, axis=0)) ** 2
        return float(np.sum(np.mean(np.minimum(centred, np.quantile(centred, 0.99, axis=0)), axis=0)))
    shares = np.clip(matrix.mean(axis=0), 1e-9, 1 - 1e-9)
    if head == "binary":
        return float(np.sum(-shares * np.log(shares) - (1 - shares) * np.log(1 - shares)))
    return float(np.sum(-shares * np.log(shares)))


def _encode_numbers(
    numbers: list[tuple[NumberPart, int]], table: Table, values: NDArray[np.float32], observed: Mask
) -> None:
    """All number columns at once, a block of rows that fits the processor's cache at a time."""
    parts = [part for part, _ in numbers]
    at = np.asarray([start for _, start in numbers])
    told = np.asarray([part.missing_seen for part in parts], bool)
    centre = np.asarray([part.centre for part in parts])[:, None]  # (P, 1)
    scale = np.asarray([part.scale for part in parts])[:, None]
    cells = [table.values[part.column] for part in parts]
    places = slice(at[0], at[-1] + 1) if at[-1] - at[0] == len(at) - 1 else at
    for first in range(0, len(table), ROWS):
        rows = slice(first, first + ROWS)
        block = np.concatenate([column[rows] for column in cells], dtype=np.float64).reshape(len(parts), -1)  # (P, B)
        missing = np.isnan(block)
        block = squash(block, centre, scale)
        if missing.any():
            block[missing] = 0.0
            observed[rows, places] = ~missing.T
            values[rows, at[told] + 1] = missing[told].T
        values[rows, places] = block.T
