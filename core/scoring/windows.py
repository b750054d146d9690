"""A series through a trained network: what each step's error is over all windows that see it, and a score from that.

A column's error is compared with what is usual for it, in two ways: squared, as a mean over some steps, which spikes,
noise and a strange rhythm raise; and as the square of a mean over fewer steps, in which noise goes and a shift, a
drift or a broken coupling stays. The larger of both counts, and of the columns the worst.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.datasets.encoding.windows import WindowEncoder, WindowRows, far
from core.models.heads import Heads
from core.models.memory import memory_in_words
from core.results import Layout
from core.scoring.trained import Trained

SQUARED, SHIFTED = 9, 5  # steps over which errors, and differences, are averaged, twice: the middle counts most
USUAL = 0.9  # share of the training steps whose error is usual: faults in a tenth of them do no harm
BAND = 2.0  # times the usual difference: what encloses nearly all that is healthy
MOST_PLACE = 1.0  # in units of a column's variance: what one step can say of a place in a window
LEAST_PLACE = 0.05  # times the mean: no place in a window is held to be rebuilt better
LEAST = 1e-6  # in units of a column's variance: what is rebuilt better is not held to be exact

Block = tuple[NDArray[np.int64], Tensor, Tensor, Tensor | None]  # starts (B,), output, values, observed (B, T·D)


@dataclass(frozen=True)
class Errors:
    """What could not be rebuilt at each step, by source column: means over the windows that see the step."""

    squared: NDArray[np.float32]  # (M, C), by the column's head
    differences: NDArray[np.float32]  # (M, C) rebuilt minus actual; 0 for columns that are no numbers
    seen: NDArray[np.bool_]  # (M,) whether any window does
    begins: NDArray[np.int64]  # (W,) the first step of each window
    by_place: NDArray[np.float64]  # (T, C): mean squared error at each place in a window

    @classmethod
    def of(cls, encoder: WindowEncoder, data: WindowRows, blocks: Iterator[Block]) -> Self:
        """From the windows over `data`, block by block. A number that no window was shown counts at its own step."""
        steps = len(data.steps)
        layout, length = encoder.of_step, encoder.length
        heads, (columns, cells) = Heads(layout), numbers(layout)
        squared = np.zeros((steps, heads.columns), np.float32)
        differences, count = np.zeros_like(squared), np.zeros(steps, np.int32)
        begins, by_place = [np.empty(0, np.int64)], np.zeros((length, heads.columns))
        for starts, output, values, observed in blocks:
            flat, target = output.reshape(-1, layout.width), values.reshape(-1, layout.width)  # (B·T, D)
            mask = None if observed is None else observed.reshape(-1, layout.width)
            errors = heads.column_errors(flat, target, mask).view(-1, length, heads.columns).numpy()
            off = (flat - target)[:, cells] if mask is None else ((flat - target) * mask)[:, cells]
            apart = off.view(-1, length, len(cells)).numpy()
            begins.append(starts)
            by_place += np.minimum(errors, MOST_PLACE).sum(axis=0, dtype=np.float64)
            for i, start in enumerate(starts):
                here = slice(start, start + length)
                squared[here] += errors[i]
                differences[here, columns] += apart[i]
                count[here] += 1
        over = np.maximum(count, 1)[:, None].astype(np.float32)
        every = np.concatenate(begins)
        squared /= over
        for column, cell in zip(columns, cells, strict=True):
            number = data.steps.values[:, cell]
            hidden = np.flatnonzero(far(number))
            squared[hidden, column] += number[hidden] ** 2
        return cls(squared, differences / over, count > 0, every, by_place / max(1, len(every)))


def numbers(layout: Layout) -> tuple[list[int], list[int]]:
    """The columns that are numbers, and the matrix column of each."""
    first: dict[str, int] = {}
    for block in layout.blocks:
        if block.head == "squared" and block.stop - block.start == 1:
            first.setdefault(block.column, block.start)
    names = list(layout.columns)
    return [names.index(name) for name in first], list(first.values())


@dataclass(frozen=True)
class Ordinary:
    """What is usual of each column's error among the training steps."""

    squared: NDArray[np.float64]  # (C,)
    shifted: NDArray[np.float64]  # (C,)
    places: NDArray[np.float64]  # (T, C): how much larger than on average it is at each place in a window: at the ends
    band: NDArray[np.float64]  # (C,): how far a healthy number is rebuilt from where it was at most, in encoded units

    @classmethod
    def fit(cls, errors: Errors, starts: NDArray[np.int64], learned: NDArray[np.bool_]) -> Self:
        """learned: (M,), the steps that were trained on."""
        rows = np.flatnonzero(learned & errors.seen)
        places = np.maximum(errors.by_place / np.maximum(errors.by_place.mean(axis=0), LEAST), LEAST_PLACE)
        pairs = smoothed(errors, starts, places)
        usual = np.asarray([[np.quantile(part[rows], USUAL) for part in (wide, off**2)] for wide, off in pairs])
        band = [np.quantile(np.abs(column[rows]), USUAL) for column in errors.differences.T]
        limits = np.maximum(usual, LEAST).T
        return cls(limits[0], limits[1], places, BAND * np.asarray(band, np.float64))

    def relative(self, errors: Errors, starts: NDArray[np.int64]) -> NDArray[np.float32]:
        """Each column's error as a multiple of the largest usual one, (M, C); 0 where no window looked."""
        return self.relative_and_sides(errors, starts)[0]

    def relative_and_sides(
        self, errors: Errors, starts: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float16]]:
        """As `relative`, and on which side of what is expected each column lies, (M, C): how much of that error it takes that it
        does so throughout, from 1, all above, to −1, all below; near 0 what goes to and fro, and what is no number."""
        out = np.empty(errors.squared.shape, np.float32)
        sides = np.zeros(errors.squared.shape, np.float16)
        for column, (squared, off) in enumerate(smoothed(errors, starts, self.places)):
            shifted = off**2 / self.shifted[column]
            out[:, column] = both = np.maximum(squared / self.squared[column], shifted)
            sides[:, column] = -np.sign(off) * np.divide(shifted, both, out=np.zeros_like(both), where=both > 0)
        out[~errors.seen], sides[~errors.seen] = 0.0, 0.0
        return out, sides

    def array(self) -> NDArray[np.float64]:
        return np.concatenate([np.stack([self.squared, self.shifted, self.band]), self.places])

    @classmethod
    def of_array(cls, array: NDArray[Any]) -> Self:
        squared, shifted, band, *places = np.asarray(array, np.float64)
        return cls(squared, shifted, np.stack(places), band)


def smoothed(
    errors: Errors, starts: NDArray[np.int64], places: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Column by column: the mean squared error over some steps, and the mean difference over fewer, (M,).

    starts: of the stretches and the end of the last, (S + 1,); no mean reaches over them. places: what is usual at each
    place in a window, (T, C): a step that is seen at the ends of windows only, as the first of a stretch, is rebuilt worse.
    """
    count = len(errors.seen)
    begins = np.zeros(count)
    begins[errors.begins] = 1.0
    seen = np.maximum(np.convolve(begins, np.ones(len(places)))[:count], 1.0)
    wide, narrow = (_around(count, steps, starts) for steps in (SQUARED, SHIFTED))
    for squared, difference, place in zip(errors.squared.T, errors.differences.T, places.T, strict=True):
        usual = np.maximum(np.convolve(begins, place)[:count] / seen, LEAST_PLACE)
        yield (
            _means(_means(squared / usual, *wide), *wide),
            _means(_means(difference / np.sqrt(usual), *narrow), *narrow),
        )


def _around(count: int, wide: int, starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last step (not included) of `wide` steps with each in their middle, (M,) each.

    At the ends of a stretch the step is not in the middle: fewer steps would make a noisier mean, and a false peak.
    """
    steps = np.arange(count)
    which = np.searchsorted(starts, steps, side="right") - 1
    last = np.minimum(np.maximum(steps - wide // 2, starts[which]) + wide, starts[which + 1])
    return np.maximum(last - wide, starts[which]), last


def _means(values: NDArray[Any], first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray((total[last] - total[first]) / (last - first))


@torch.inference_mode()
def expected(trained: Trained, rows: WindowRows) -> NDArray[np.float32]:
    """What the network makes of each step, the mean over the windows that see it, in the target's units, (M, D)."""
    encoder = trained.of_series
    length, width = encoder.layout.shape
    sums, count = np.zeros((len(rows.steps), width), np.float32), np.zeros((len(rows.steps), 1), np.float32)
    for start, values, _, real in trained.blocks(rows):
        made = (
            trained.network.heads.activate(trained.network.reconstruct(values))[:real].view(-1, length, width).numpy()
        )
        for i, first in enumerate(rows.starts[start : start + real]):
            sums[first : first + length] += made[i]
            count[first : first + length] += 1
    return np.asarray(sums / np.maximum(count, 1), np.float32)


@torch.inference_mode()
def look(trained: Trained, rows: WindowRows) -> tuple[Errors, NDArray[np.float32]]:
    """What the network can't rebuild at each step, and the code of each window, (W, L). Raises OutOfMemory."""
    codes: list[NDArray[np.float32]] = []

    def blocks() -> Iterator[Block]:
        for start, values, observed, real in trained.blocks(rows):
            code, output = trained.network.look(values)  # (B, L), (B, T·D)
            codes.append(code[:real].cpu().numpy())
            yield (
                rows.starts[start : start + real],
                output[:real],
                values[:real],
                observed if observed is None else observed[:real],
            )

    with memory_in_words(
        "the windows do not fit into memory", f"scoring {len(rows):,} windows", "choose a longer stride"
    ):
        errors = Errors.of(trained.of_series, rows, blocks())
    return errors, np.concatenate(codes)
