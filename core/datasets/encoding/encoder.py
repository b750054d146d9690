"""The fitted encoding of a table: a list of parts, one a column, and the layout of the matrix that they make."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import SerializeAsAny, field_validator

from core.datasets.encoding.gaps import at_random
from core.datasets.encoding.part import LEVELS, Mask, Part
from core.datasets.encoding.parts import PARTS
from core.datasets.encoding.parts.number import NumberPart
from core.datasets.encoding.scaling import squash
from core.datasets.encoding.stored import Stored
from core.datasets.encoding.weights import block_weights
from core.errors import DatasetRefused, SettingsRefused
from core.registry import nearest
from core.results import Block, Column, Encoded, Layout, Table

ROWS = 256  # encoded at once
GAPS_SEEN, GAPS_CELLS = 5_000, 10_000_000  # rows, and cells in them, that say whether cells are missing at random
DEFAULT_NUMBERS = "robust-log"


class Encoder(Stored):
    """The fitted encoding of a table's features."""

    parts: tuple[SerializeAsAny[Part], ...]

    @classmethod
    def fit(cls, table: Table, rows: NDArray[np.int64] | None = None, numbers: str = DEFAULT_NUMBERS) -> Encoder:
        """Fit on some rows (all by default). numbers: the encoding of number columns, a value of RunSpec.numbers.

        Raises DatasetRefused where no feature varies, SettingsRefused for an unknown encoding.
        """
        parts: list[Part] = []
        for column in table.columns:
            if is_encoded(column):
                values = table.values[column.name] if rows is None else table.values[column.name][rows]
                part = _fit(column, values, numbers)
                if part is not None:
                    parts.append(part)
        if not parts:
            raise DatasetRefused(
                "no column is left to learn from",
                where="columns",
                fix="make at least one column that varies a feature, on the Data page",
            )
        return cls(parts=tuple(parts))._with_gaps_weighed(table, rows)

    def _with_gaps_weighed(self, table: Table, rows: NDArray[np.int64] | None) -> Encoder:
        """The same, in which a mark of missing cells weighs nothing where they are missing at random."""
        if not self.markers:
            return self
        every = np.arange(len(table)) if rows is None else rows
        most = max(500, min(GAPS_SEEN, GAPS_CELLS // self.layout.width))
        seen = self.encode(table.take(every[:: max(1, -(-len(every) // most))]))
        nothing = at_random(seen, self.markers)
        parts = [
            part.model_copy(update={"weights": (*part.weights[:-1], 0.0)}) if last in nothing else part
            for part, last in zip(self.parts, self._last_cells, strict=True)
        ]
        return self.model_copy(update={"parts": tuple(parts)})

    @field_validator("parts", mode="before")
    @classmethod
    def _each_of_its_kind(cls, parts: Any) -> Any:
        if not isinstance(parts, (list, tuple)):
            return parts
        return tuple(
            PARTS.get(str(part.get("kind"))).model_validate(part) if isinstance(part, dict) else part for part in parts
        )

    @property
    def layout(self) -> Layout:
        """The blocks of the encoded matrix."""
        blocks: list[Block] = []
        start = 0
        for part in self.parts:
            widths = [*part.widths, *([1] if part.missing_seen else [])]
            heads = [*part.heads, *(["binary"] if part.missing_seen else [])]
            scales = [*part.scales, *([LEVELS] if part.missing_seen else [])]
            for width, head, weight, scale in zip(widths, heads, part.weights, scales, strict=True):
                blocks.append(Block(part.column, head, start, start + width, weight, scale))  # type: ignore[arg-type]
                start += width
        return Layout(tuple(blocks))

    @property
    def markers(self) -> frozenset[int]:
        """The matrix columns that say that a cell is missing."""
        return frozenset(last for part, last in zip(self.parts, self._last_cells, strict=True) if part.missing_seen)

    @property
    def _last_cells(self) -> list[int]:
        """The last matrix column of each part."""
        ends = np.cumsum([sum(part.widths) + int(part.missing_seen) for part in self.parts])
        return [int(end) - 1 for end in ends]

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


def is_encoded(column: Column) -> bool:
    """Whether the network sees it, if it varies."""
    return column.role == "feature" and column.kind != "constant"


def part_for(column: Column, numbers: str = DEFAULT_NUMBERS) -> type[Part]:
    """The encoding for such a column. Raises SettingsRefused where there is none named `numbers`."""
    suiting = {part.choice: part for part in map(PARTS.get, PARTS) if part.suits(column)}
    if "" in suiting:
        return suiting[""]
    if numbers not in suiting:
        raise SettingsRefused(
            f"there is no encoding of numbers named “{numbers}”", where="numbers", fix=nearest(numbers, list(suiting))
        )
    return suiting[numbers]


def expected_inputs(column: Column) -> int:
    """Matrix columns that a column will become, before anything is fitted; 0 where the network does not see it."""
    if not is_encoded(column):
        return 0
    return part_for(column).outlook(column)[0] + (1 if column.missing else 0)


def describe_encoding(column: Column, part: Part | None = None, numbers: str = DEFAULT_NUMBERS) -> str:
    """In one sentence, what a column becomes for the network: as fitted, or, without a part, as can be foreseen."""
    if column.role != "feature":
        return "no input: it is not a feature"
    if column.kind == "constant":
        return "no input: it does not vary"
    if part is not None:
        count, words, missing = sum(part.widths), part.describe(), part.missing_seen
    else:
        count, words = part_for(column, numbers).outlook(column)
        missing = column.missing > 0
    inputs = "one input" if count == 1 else f"{count:,} inputs"
    return f"{inputs}: {words}" + ("; one more marks missing cells" if missing else "")


def _fit(column: Column, values: NDArray[Any], numbers: str) -> Part | None:
    """The fitted part, or None for a column with nothing in it or no variation in the training rows."""
    part = part_for(column, numbers).fit(column, values)
    missing = part.missing(values)
    if missing.all():
        return None
    if not missing.any() and len(values) > 1 and _same(values):
        return None
    weights = block_weights(part, part.encode(values[~missing]), missing)
    return part.model_copy(update={"missing_seen": bool(missing.any()), "weights": weights})


def _same(values: NDArray[Any]) -> bool:
    first = values[0]
    return all(value == first for value in values)


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
