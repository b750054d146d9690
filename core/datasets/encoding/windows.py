"""Windows over the encoded steps of a series, made as they are taken: the steps stand in memory once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.encoder import Encoder
from core.datasets.encoding.stored import Stored
from core.results import Encoded, Layout

# In encoded units: what the network sees of a number ends here. One cell that is further off is seen by many windows,
# and would else be the error of all of them.
LIMIT = 8.0


class WindowEncoder(Stored):
    """The encoding of a step, and how many steps a window has."""

    length: int
    step: Encoder

    @property
    def layout(self) -> Layout:
        """The blocks of each step, one step behind the other; a column's weight is spread over the steps."""
        base = self.step.layout
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
        return WindowRows(self.layout, steps, starts, steps.whole)

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
        values = np.clip(self.steps.values[which].reshape(len(starts), -1), -LIMIT, LIMIT)  # (B, T·D)
        if self.whole:
            return Encoded(self.layout, values, np.broadcast_to(np.ones((), bool), values.shape))
        return Encoded(self.layout, values, self.steps.observed[which].reshape(values.shape))
