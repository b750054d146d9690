"""What is done to rows before an encoder sees them while it learns: noise, and cells that are taken from its sight.

Cells that belong together are hidden together: all that one source column became, a patch of an image, a stretch of one
channel of a window.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from core.models.base import Batch
from core.results import Layout

PATCHES = 7  # a side of an image, and stretches of a window: how finely they are hidden


def groups(layout: Layout) -> Tensor:
    """The group of cells that each cell is hidden with, (D,), counted from 0."""
    shape = layout.row_shape
    if len(shape) == 3:
        height, width, channels = shape
        row, column = (torch.arange(size) * PATCHES // max(size, PATCHES) for size in (height, width))
        patch = row[:, None] * (int(column.max()) + 1) + column  # (H, W)
        return patch[:, :, None].expand(height, width, channels).reshape(-1)
    owner = torch.from_numpy(layout.owners)  # (D,)
    if len(shape) == 2:
        stretch = torch.arange(shape[0]) * PATCHES // max(shape[0], PATCHES)  # (T,)
        return stretch.repeat_interleave(shape[1]) * len(layout.columns) + owner
    return owner


def draw(shape: tuple[int, ...], like: Tensor, generator: torch.Generator) -> Tensor:
    """Uniform numbers in [0, 1), where `like` is."""
    return torch.rand(shape, generator=generator).to(like.device)


def normal(like: Tensor, generator: torch.Generator) -> Tensor:
    """Standard normal numbers in the shape of `like`, and where it is."""
    return torch.randn(like.shape, generator=generator).to(like.device)


def hide(batch: Batch, group: Tensor, share: float, fill: Tensor | float, generator: torch.Generator) -> Batch:
    """Each group of cells is hidden with probability `share`, (D,), by what it is filled with."""
    count = int(group.max()) + 1
    chosen = draw((len(batch.values), count), batch.values, generator) < share  # (B, G)
    hidden = chosen[:, group]  # (B, D)
    return Batch(batch.values, batch.observed, torch.where(hidden, fill, batch.values), hidden.float())


def gaussian(batch: Batch, group: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Normal noise of standard deviation `strength`, in encoded units, on every cell, (B, D)."""
    return batch.values + strength * normal(batch.values, generator)


def gaussian_up_to(batch: Batch, group: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Normal noise, in each row of a standard deviation of its own between 0 and `strength`, (B, D)."""
    own = draw((len(batch.values), 1), batch.values, generator)
    return torch.addcmul(batch.values, own, normal(batch.values, generator), value=strength)


def masking(batch: Batch, group: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """A share of the groups of cells becomes 0, (B, D)."""
    return hide(batch, group, strength, 0.0, generator).seen


def swap(batch: Batch, group: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """A share of the groups of cells comes from another row of the batch, (B, D)."""
    rows = len(batch.values)
    other = batch.values[torch.randint(rows, (rows,), generator=generator).to(batch.values.device)]
    count = int(group.max()) + 1
    chosen = draw((rows, count), batch.values, generator) < strength
    return torch.where(chosen[:, group], other, batch.values)


def salt_and_pepper(batch: Batch, group: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """A share of the cells becomes the darkest or the brightest of the batch, half each, (B, D)."""
    values = batch.values
    which = draw(tuple(values.shape), values, generator)
    out = torch.where(which < strength / 2, values.min(), values)
    return torch.where((which >= strength / 2) & (which < strength), values.max(), out)


Noise = Callable[[Batch, Tensor, float, torch.Generator], Tensor]


def erased_in(shape: tuple[int, ...]) -> Noise:
    """One rectangle of each image (H, W, C), a share of its area, becomes 0 (Zhong et al. 2020)."""
    height, width, _ = shape
    rows, columns = torch.arange(height), torch.arange(width)

    def erase(batch: Batch, group: Tensor, strength: float, generator: torch.Generator) -> Tensor:
        count, side = len(batch.values), math.sqrt(strength)
        tall, wide = max(1, round(side * height)), max(1, round(side * width))
        top = torch.randint(height - tall + 1, (count, 1), generator=generator)
        left = torch.randint(width - wide + 1, (count, 1), generator=generator)
        inside = ((rows >= top) & (rows < top + tall))[:, :, None] & ((columns >= left) & (columns < left + wide))[
            :, None
        ]
        images = batch.values.view(count, *shape)
        return torch.where(inside[:, :, :, None].to(images.device), 0.0, images).flatten(1)

    return erase
