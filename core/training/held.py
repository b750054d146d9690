"""The rows of a training where it can reach them: all on its device, or taken as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.models.base import Batch
from core.results import Encoded, Rows


class Held(Protocol):
    """Some rows, batch by batch."""

    def __len__(self) -> int: ...

    def batches(self, size: int, order: Tensor | None = None) -> Iterator[Batch]:
        """All rows, `size` at a time; order: a permutation of them, (N,) int64."""


def held(data: Rows, rows: NDArray[np.int64], device: torch.device) -> Held:
    """The quickest way to hold these rows of the data."""
    return Resident(data.take(rows), device) if isinstance(data, Encoded) else Taken(data, rows, device)


class Resident:
    """A table's rows as one tensor on the device."""

    def __init__(self, data: Encoded, device: torch.device) -> None:
        self.values = torch.from_numpy(data.values).to(device)  # (N, D)
        self.observed = None if data.whole else torch.from_numpy(data.observed.astype(np.float32)).to(device)
        self._values: Tensor | None = None
        self._observed: Tensor | None = None

    def __len__(self) -> int:
        return len(self.values)

    def batches(self, size: int, order: Tensor | None = None) -> Iterator[Batch]:
        values, observed = (self.values, self.observed) if order is None else self._shuffled(order)
        masks = torch.split(observed, size) if observed is not None else repeat(None)
        for part, mask in zip(torch.split(values, size), masks, strict=False):
            yield Batch(part, mask)

    def _shuffled(self, order: Tensor) -> tuple[Tensor, Tensor | None]:
        """The rows in this order, always in the same memory."""
        if self._values is None:
            self._values = torch.empty_like(self.values)
            self._observed = None if self.observed is None else torch.empty_like(self.observed)
        order = order.to(self.values.device)
        torch.index_select(self.values, 0, order, out=self._values)
        if self.observed is not None and self._observed is not None:
            torch.index_select(self.observed, 0, order, out=self._observed)
        return self._values, self._observed


class Taken:
    """Rows that are made where they are taken, a batch of them in memory: images, windows of a series."""

    def __init__(self, data: Rows, rows: NDArray[np.int64], device: torch.device) -> None:
        self.data, self.rows, self.device = data, rows, device
        self.whole = data.whole

    def __len__(self) -> int:
        return len(self.rows)

    def batches(self, size: int, order: Tensor | None = None) -> Iterator[Batch]:
        rows = self.rows if order is None else self.rows[order.numpy()]
        for start in range(0, len(rows), size):
            part = self.data.take(rows[start : start + size])
            mask = None if self.whole else torch.from_numpy(part.observed.astype(np.float32)).to(self.device)
            yield Batch(torch.from_numpy(part.values).to(self.device), mask)
