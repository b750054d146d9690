"""Windows over the encoded steps of a series, made as they are taken: the steps stand in memory once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.encoder import Encoder
from core.datasets.encoding.stored import Stored
from core.results import Encoded, Layout

# In encoded units: a number that is further off is not shown to the network. Many windows would see the one cell, and it
# would be the error of all of them, or be learned.
LIMIT = 8.0


def far(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which encoded numbers are not shown."""
    return np.abs(values) > LIMIT


class WindowEncoder(Stored):
    """The encoding of a step, and how many steps a window has."""

    length: int
    step: Encoder

    @property
    def of_step(self) -> Layout:
        """The blocks of one step. That a cell is missing is shown to the network and is no error: a series has single
        cells missing anywhere, and a network can learn by heart where."""
        markers = self.step.markers
        blocks = self.step.layout.blocks
        return Layout(tuple(replace(block, weight=0.0) if block.start in markers else block for block in blocks))

    @property
    def layout(self) -> Layout:
        """The blocks of each step, one step behind the other; a column's weight is spread over the steps."""
        base = self.of_step
        blocks = tuple(
            replace(
                block,
                start=block.start + at * base.width,
                stop=block.stop + at * base.width,
                weight=block.weight / self.length,
            )
            for at in range(self.length)
            for block in base.blocks
        )
        return Layout(blocks, (self.length, base.width))

    def rows(self, steps: Encoded, starts: NDArray[np.int64]) -> WindowRows:
        """steps: (M, D), in order; starts: (W,), the first step of each window."""
        near = bool(steps.values.min(initial=0.0) >= -LIMIT and steps.values.max(initial=0.0) <= LIMIT)
        return WindowRows(self.layout, steps, starts, steps.whole and near)

    def decode(self, values: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Steps (B, D) → source column → (B,) cells in source units."""
        return self.step.decode(values)


@dataclass(frozen=True)
class WindowRows:
    """Windows as rows of a matrix that is never whole in memory (core.results.Rows)."""

    layout: Layout
    steps: Encoded  # (M, D)
    starts: NDArray[np.int64]  # (W,)
    whole: bool

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, rows: NDArray[np.int64] | slice) -> Encoded:
        starts = self.starts[rows]
        which = starts[:, None] + np.arange(self.layout.shape[0])  # (B, T)
        values = self.steps.values[which].reshape(len(starts), -1)  # (B, T·D)
        if self.whole:
            return Encoded(self.layout, values, np.broadcast_to(np.ones((), bool), values.shape))
        hidden = far(values)
        observed = self.steps.observed[which].reshape(values.shape) & ~hidden
        return Encoded(self.layout, np.where(hidden, np.float32(0), values), observed)
