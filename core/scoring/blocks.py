"""Rows through a network in blocks of one fixed shape, the last one padded: what it makes of a row then depends neither on
its neighbours nor on how many there are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import TrainingFailed
from core.models.base import Objective
from core.results import Rows

BLOCK = 256  # rows; what a block of a wide table needs stays in the processor's cache


def blocks(network: Objective, data: Rows) -> Iterator[tuple[int, Tensor, Tensor | None, int]]:
    """First row, values, what of them was observed (None: all), and how many rows are real, block by block.

    Every block lies in the same memory: a kernel's last bits depend on where its rows begin.
    """
    device = next(network.parameters()).device
    whole = data.whole
    values = torch.zeros(BLOCK, data.layout.width)
    observed = None if whole else torch.ones(BLOCK, data.layout.width)
    for start in range(0, max(1, len(data)), BLOCK):  # without rows, one block of none
        part = data.take(slice(start, start + BLOCK))
        real = len(part)
        values[:real] = torch.from_numpy(part.values)
        values[real:] = 0.0
        if observed is not None:
            observed[:real] = torch.from_numpy(part.observed)
        yield start, values.to(device), None if observed is None else observed.to(device), real


def finite(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scores, (N,), as they are. Raises TrainingFailed where one is not finite."""
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores))[0])
        raise TrainingFailed(
            "a row's score is not a finite number",
            where=f"row {row + 1:,}",
            fix="lower the learning rate and train again, or look at that row's values",
        )
    return scores
