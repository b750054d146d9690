"""The rows of a training where it can reach them: all on its device, on disk, or made as they are asked for.

What fits on a GPU is there as a whole, wherever it comes from. What does not, or not in memory, comes a part at a time, and
the next part is fetched while one is learned from.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat
from typing import Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.datasets.encoding.on_disk import RowsOnDisk
from core.models.base import Batch
from core.results import Encoded, Rows

T = TypeVar("T")
SMALL = 64_000_000  # bytes of rows on disk that may as well be in memory
POOL_BYTES = 32_000_000  # of values: so many rows on disk are shuffled among each other
SHARE = 0.4  # of a device's free memory that rows may take; while they are shuffled they are there twice
CPU = torch.device("cpu")


class Held(Protocol):
    """Some rows, batch by batch."""

    def __len__(self) -> int: ...

    def batches(self, size: int) -> Iterator[Batch]:
        """All rows in their order, `size` at a time."""

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        """All rows in an order that is drawn at once, `size` at a time."""


def held(data: Rows, rows: NDArray[np.int64], device: torch.device) -> Held:
    """The quickest way to hold these rows of the data."""
    size = 4 * len(rows) * data.layout.width
    if device != CPU and size * (1 if data.whole else 2) <= room(device):
        return Resident(sent_whole(data, rows, device))
    on_disk = isinstance(data, RowsOnDisk) and size > SMALL
    if device == CPU and isinstance(data, Encoded | RowsOnDisk) and not on_disk:
        return Resident(batch_of(data.take(rows), data.whole))
    if isinstance(data, RowsOnDisk):
        kept: Held = Streamed(data, rows)
    else:
        kept = Resident(batch_of(data.take(rows), data.whole)) if isinstance(data, Encoded) else Taken(data, rows)
    return kept if device == CPU else Sent(kept, device)


def room(device: torch.device) -> float:
    """Bytes that rows may take on a GPU."""
    return SHARE * torch.cuda.mem_get_info(device)[0]


def sent_whole(data: Rows, rows: NDArray[np.int64], device: torch.device) -> Batch:
    """These rows on a device, made and sent a part at a time: they may be more than fit into the machine's memory."""
    shape = len(rows), data.layout.width
    values = torch.empty(shape, device=device)
    observed = None if data.whole else torch.empty(shape, device=device)
    most = max(1, POOL_BYTES // (4 * data.layout.width))
    for start in range(0, len(rows), most):
        part = data.take(rows[start : start + most])
        values[start : start + most] = torch.from_numpy(part.values)
        if observed is not None:
            observed[start : start + most] = torch.from_numpy(part.observed)
    return Batch(values, observed)


class Resident:
    """Rows as one tensor on their device."""

    def __init__(self, rows: Batch) -> None:
        self.rows = rows
        self._shuffled: Batch | None = None

    def __len__(self) -> int:
        return len(self.rows.values)

    def batches(self, size: int) -> Iterator[Batch]:
        return cut(self.rows, size)

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        """Always in the same memory."""
        rows = self.rows
        order = torch.randperm(len(self), generator=generator).to(rows.values.device)
        if self._shuffled is None:
            with torch.inference_mode(False):  # it may be written to outside of that as well
                observed = None if rows.observed is None else torch.empty_like(rows.observed)
                self._shuffled = Batch(torch.empty_like(rows.values), observed)
        torch.index_select(rows.values, 0, order, out=self._shuffled.values)
        if rows.observed is not None:
            torch.index_select(rows.observed, 0, order, out=self._shuffled.observed)
        return cut(self._shuffled, size)


class Taken:
    """Rows that are made where they are taken, a batch of them in memory: images, windows of a series."""

    def __init__(self, data: Rows, rows: NDArray[np.int64]) -> None:
        self.data, self.rows = data, rows
        self.whole = data.whole

    def __len__(self) -> int:
        return len(self.rows)

    def batches(self, size: int) -> Iterator[Batch]:
        return self._made(self.rows, size)

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        return self._made(self.rows[torch.randperm(len(self), generator=generator).numpy()], size)

    def _made(self, rows: NDArray[np.int64], size: int) -> Iterator[Batch]:
        for start in range(0, len(rows), size):
            yield batch_of(self.data.take(rows[start : start + size]), self.whole)


class Streamed:
    """Rows on disk: their groups come in an order of their own, and rows are shuffled among the groups of a pool."""

    def __init__(self, data: RowsOnDisk, rows: NDArray[np.int64], pool_bytes: int = POOL_BYTES) -> None:
        """rows: in order, (N,)."""
        self.data, self.rows = data, rows
        starts = np.concatenate([[0], data.ends[:-1]])
        bounds = np.searchsorted(rows, np.append(starts, len(data)))
        self.inside = {  # which rows of each group are held
            number: rows[low:high] - start
            for number, (low, high, start) in enumerate(zip(bounds[:-1], bounds[1:], starts, strict=True))
            if high > low
        }
        largest = max(map(len, self.inside.values()), default=1)
        self.together = max(1, pool_bytes // (4 * data.layout.width * largest))  # groups in a pool

    def __len__(self) -> int:
        return len(self.rows)

    def batches(self, size: int) -> Iterator[Batch]:
        return self._cut(self._pools(list(self.inside), None), size)

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        numbers = list(self.inside)
        order = [numbers[i] for i in torch.randperm(len(numbers), generator=generator).tolist()]
        seed = int(torch.randint(2**62, (), generator=generator))
        return self._cut(self._pools(order, np.random.default_rng(seed)), size)

    def _pools(self, order: list[int], random: np.random.Generator | None) -> Iterator[Batch]:
        for start in range(0, len(order), self.together):
            numbers = order[start : start + self.together]
            count = sum(len(self.inside[number]) for number in numbers)
            goes_to = np.arange(count) if random is None else random.permutation(count)
            values = np.empty((count, self.data.layout.width), np.float32)
            observed = None if self.data.whole else np.empty(values.shape, np.float32)
            at = 0
            for number in numbers:
                group, inside = self.data.group(number), self.inside[number]
                here = goes_to[at : at + len(inside)]
                values[here] = group.values[inside]
                if observed is not None:
                    observed[here] = group.observed[inside]
                at += len(inside)
            yield Batch(torch.from_numpy(values), None if observed is None else torch.from_numpy(observed))

    def _cut(self, pools: Iterator[Batch], size: int) -> Iterator[Batch]:
        """Batches of one size, also where one pool ends and the next begins."""
        rest: Batch | None = None
        for rows in ahead(pools):
            start = 0
            if rest is not None:
                start = size - len(rest.values)
                rest = joined(rest, part_of(rows, 0, start))
                if len(rest.values) < size:
                    continue
                yield rest
            whole = start + (len(rows.values) - start) // size * size
            yield from (part_of(rows, at, at + size) for at in range(start, whole, size))
            rest = part_of(rows, whole, len(rows.values)) if whole < len(rows.values) else None
        if rest is not None:
            yield rest


class Sent:
    """Rows that are held in memory or on disk, and sent to a device batch by batch, ahead of their use."""

    def __init__(self, kept: Held, device: torch.device) -> None:
        self.kept, self.device = kept, device

    def __len__(self) -> int:
        return len(self.kept)

    def batches(self, size: int) -> Iterator[Batch]:
        return ahead(map(self._sent, self.kept.batches(size)))

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        return ahead(map(self._sent, self.kept.shuffled(size, generator)))

    def _sent(self, batch: Batch) -> Batch:
        return replace(batch, **{name: self._there(part) for name, part in vars(batch).items() if part is not None})

    def _there(self, part: Tensor) -> Tensor:
        """From pinned memory a GPU fetches while it computes."""
        if self.device.type == "cuda":
            part = part.pin_memory()
        return part.to(self.device, non_blocking=True)


def batch_of(rows: Encoded, whole: bool) -> Batch:
    """The rows as tensors. whole: whether nothing is missing in the data that they are of."""
    observed = None if whole else torch.from_numpy(rows.observed.astype(np.float32))
    return Batch(torch.from_numpy(rows.values), observed)


def cut(rows: Batch, size: int) -> Iterator[Batch]:
    """All of these rows, `size` at a time; where there are those of several members, (K, B, …), so many of each."""
    parts = (repeat(None) if part is None else part.split(size, dim=-2) for part in vars(rows).values())
    for same in zip(*parts, strict=False):
        yield Batch(*same)


def part_of(rows: Batch, start: int, stop: int) -> Batch:
    """The rows from one up to another."""
    return Batch(rows.values[start:stop], None if rows.observed is None else rows.observed[start:stop])


def joined(first: Batch, second: Batch) -> Batch:
    """The rows of both."""
    if first.observed is None or second.observed is None:
        return Batch(torch.cat([first.values, second.values]), None)
    return Batch(torch.cat([first.values, second.values]), torch.cat([first.observed, second.observed]))


def ahead(made: Iterator[T]) -> Iterator[T]:
    """What an iterator makes, each one while the one before is in use. None ends it."""
    with ThreadPoolExecutor(1, "ahead") as thread:
        coming = thread.submit(next, made, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, made, None)
            yield item
