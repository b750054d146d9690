"""Images through a trained network: an error for each pixel, scores of the whole image from them, and its worst spot."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.datasets.encoding.pictures import PictureRows
from core.models.memory import memory_in_words
from core.results import IMAGE_SCORES as SCORES
from core.results import Rows
from core.scoring.blocks import finite
from core.scoring.reference import Reference, features, fields, typical_of
from core.scoring.trained import Output, Trained

TOP = 0.01  # share of the pixels
SMOOTH = 3  # pixels: one alone is noise
SPOT = 8  # a side of an image holds so many spots
GRID = 8  # a side of the map of residuals that is kept of each image
SMALL = 32  # pixels a side of what the simple methods see


@dataclass(frozen=True)
class Looked:
    """What the network makes of pieces, or of images."""

    codes: NDArray[np.float32]  # (P, L)
    scores: NDArray[np.float64]  # (P, 4), by SCORES
    worst: NDArray[np.float32]  # (P, 4): left, top, right, bottom of the worst spot, in pixels of the piece
    maps: NDArray[
        np.float32
    ]  # (P, 2, GRID, GRID): mean of image minus expected, over the colours too, and of how far it is off
    pieces: NDArray[np.int64] | None = None  # (P,): of images, which piece the code is of


@torch.inference_mode()
def look(trained: Trained, rows: Rows) -> Looked:
    """Every piece's code, scores and worst spot. Raises TrainingFailed where a score is not finite, OutOfMemory."""
    reference = trained.usual
    codes, scores, worst, maps = [], [], [], []
    with _memory(rows):
        for _, values, observed, real in trained.blocks(rows):
            code, output = _look(trained, values)  # (B, L), (B, D)
            residuals = _residuals(trained, output, values, observed)  # (B, C, H, W)
            combined = reference.scores(reference.features(code, residuals))
            errors = error_maps(trained, output, values, observed)[:real]  # (B, H, W)
            codes.append(code[:real].cpu().numpy())
            scores.append(torch.cat([combined[:real, None], _scores(errors)], dim=1).cpu().numpy())
            worst.append(_spots(errors).cpu().numpy())
            maps.append(_coarse(residuals[:real]).cpu().numpy())
    found = np.concatenate(scores).astype(np.float64)
    for column in found.T:
        finite(column)
    return Looked(np.concatenate(codes), found, np.concatenate(worst).astype(np.float32), np.concatenate(maps))


@torch.inference_mode()
def reference_of(trained: Trained, learned: Rows) -> Reference:
    """What is usual among the pieces that were trained on. Raises OutOfMemory."""
    sums: list[Tensor] = []
    kept: list[NDArray[np.float64]] = []
    with _memory(learned):
        for _, values, observed, real in trained.blocks(learned):
            _, output = _look(trained, values)
            found = [each[:real].sum(dim=0) for each in fields(_residuals(trained, output, values, observed))]
            sums = [a + b for a, b in zip(sums, found, strict=True)] if sums else found
        typical = typical_of(sums, len(learned))
        for _, values, observed, real in trained.blocks(learned):
            code, output = _look(trained, values)
            residuals = _residuals(trained, output, values, observed)
            kept.append(features(code, residuals, typical)[:real].numpy())
    spec = trained.spec
    return Reference.fit(typical, np.concatenate(kept), trained.width, clean=spec.assume_clean, seed=spec.training.seed)


def _look(trained: Trained, values: Tensor) -> tuple[Tensor, Tensor]:
    """Codes (B, L) and what is expected of each pixel (B, D), in encoded units."""
    code, output = trained.network.look(values)
    return code, trained.network.heads.activate(output)


def _memory(rows: Rows) -> AbstractContextManager[None]:
    where = f"scoring {len(rows):,} images"
    return memory_in_words("the images do not fit into memory", where, "choose a smaller size for training")


def _residuals(trained: Trained, output: Tensor, values: Tensor, observed: Tensor | None) -> Tensor:
    """Output minus image where it is looked at, (B, C, H, W)."""
    difference = output - values if observed is None else (output - values) * observed
    return difference.view(-1, *trained.of_images.layout.row_shape).permute(0, 3, 1, 2)


def error_maps(trained: Trained, output: Tensor, values: Tensor, observed: Tensor | None) -> Tensor:
    """Squared error of each pixel, mean over its colours, in units of the pixels' variance, (B, H, W)."""
    squared = (output - values) ** 2
    if observed is not None:
        squared = squared * observed
    return squared.view(-1, *trained.of_images.layout.row_shape).mean(dim=3)


def smooth(errors: Tensor) -> Tensor:
    """Mean over each pixel and its neighbours, (B, H, W)."""
    return functional.avg_pool2d(errors[:, None], SMOOTH, 1, SMOOTH // 2, count_include_pad=False)[:, 0]


def _scores(errors: Tensor) -> Tensor:
    flat, smoothed = errors.flatten(1), smooth(errors).flatten(1)  # (B, H·W)
    top = smoothed.topk(max(1, round(TOP * smoothed.shape[1])), dim=1).values.mean(dim=1)
    return torch.stack([flat.mean(dim=1, dtype=torch.float64), smoothed.amax(dim=1).double(), top.double()], dim=1)


def _spots(errors: Tensor) -> Tensor:
    """The window of a fixed size with the largest error, (B, 4)."""
    _, height, width = errors.shape
    tall, wide = max(SMOOTH, height // SPOT), max(SMOOTH, width // SPOT)
    means = functional.avg_pool2d(errors[:, None], (tall, wide), 1)[:, 0]  # (B, H − tall + 1, W − wide + 1)
    at = means.flatten(1).argmax(dim=1)
    top, left = at // means.shape[2], at % means.shape[2]
    return torch.stack([left, top, left + wide, top + tall], dim=1)


def _coarse(residuals: Tensor) -> Tensor:
    """Output minus image, (B, C, H, W), as `Looked.maps`."""
    both = torch.stack([-residuals.mean(dim=1), residuals.abs().mean(dim=1)], dim=1)  # (B, 2, H, W)
    return functional.adaptive_avg_pool2d(both, GRID)


def of_images(looked: Looked, places: NDArray[np.int32], images: int, by: str, side: tuple[int, int]) -> Looked:
    """Pieces come back to their images: each score is that of the worst piece, code and spot are those of the piece
    that is worst by `by` (of SCORES). Spots are then in shares of the image, maps of all of it. places: (P, 5); side: height and
    width of a piece."""
    order = np.lexsort((-looked.scores[:, SCORES.index(by)], places[:, 0]))
    first = order[np.flatnonzero(np.diff(places[order, 0], prepend=-1))]  # (N,): the worst piece of each
    scores = np.full((images, len(SCORES)), -np.inf)
    np.maximum.at(scores, places[:, 0], looked.scores)
    left, top, height, width = (places[first, i].astype(np.float32) for i in (2, 1, 3, 4))
    box = looked.worst[first] + np.stack([left, top, left, top], axis=1)
    share = box / np.stack([width, height, width, height], axis=1)
    return Looked(looked.codes[first], scores, share, _laid_out(looked.maps, places, images, side), first)


def _laid_out(
    maps: NDArray[np.float32], places: NDArray[np.int32], images: int, side: tuple[int, int]
) -> NDArray[np.float32]:
    """Maps of pieces of that height and width, each on the grid of its whole image, (N, 2, GRID, GRID); where pieces overlap, their
    mean."""
    sums, weights = np.zeros((images, 2, GRID, GRID)), np.zeros((images, 1, GRID, GRID))
    where, which = np.unique(places[:, 1:], axis=0, return_inverse=True)
    for i, (top, left, height, width) in enumerate(where.tolist()):
        down, across = _overlap(top, side[0], height), _overlap(left, side[1], width)  # (GRID, GRID) each
        mine = np.flatnonzero(which.ravel() == i)
        np.add.at(sums, places[mine, 0], down @ maps[mine] @ across.T)
        np.add.at(weights, places[mine, 0], (down.sum(axis=1)[:, None] * across.sum(axis=1))[None])
    return (sums / np.maximum(weights, 1e-12)).astype(np.float32)


def _overlap(begin: int, length: int, whole: int) -> NDArray[np.float64]:
    """How much of each cell of a piece's grid, along one side, lies in each cell of its image's, (GRID, GRID)."""
    mine = (begin + np.arange(GRID + 1) * length / GRID) * GRID / max(whole, length)
    cells = np.arange(GRID + 1)
    over = np.minimum(mine[None, 1:], cells[1:, None]) - np.maximum(mine[None, :-1], cells[:-1, None])
    return np.asarray(np.maximum(over, 0.0))


def picture_output(trained: Trained, rows: PictureRows, places: NDArray[np.int32], images: int) -> Output:
    """Score, code and worst spot of each image, by the score that its run was made with."""
    by = trained.spec.image_score
    tall, wide, _ = trained.of_images.layout.row_shape
    looked = of_images(look(trained, rows), places, images, by, (tall, wide))
    scores = looked.scores[:, SCORES.index(by)]
    arrays: dict[str, NDArray[Any]] = {
        "image_scores": looked.scores,
        "worst_spots": looked.worst,
        "residual_maps": looked.maps,
    }
    return Output(scores, scores[:, None].astype(np.float32), looked.codes, arrays, code_rows=looked.pieces)


@dataclass(frozen=True)
class Rebuilt:
    """One whole image beside what the network makes of it; where tiles overlap, their mean."""

    original: NDArray[np.uint8]  # (H, W, C)
    rebuilt: NDArray[np.uint8]  # (H, W, C)
    errors: NDArray[np.float32]  # (H, W), as `error_maps`
    signed: NDArray[np.float32]  # (H, W): rebuilt minus original, mean over the colours, in 0 … 1 from black to white


@torch.inference_mode()
def rebuilt(trained: Trained, pieces: NDArray[np.uint8], places: NDArray[np.int32]) -> Rebuilt:
    """One image from its pieces, (P, H, W, C), and their places, (P, 5)."""
    encoder = trained.of_images
    rows = encoder.rows(pieces, places)
    tall, wide, channels = encoder.layout.row_shape
    height, width = (int(max(full, side)) for full, side in ((places[0, 3], tall), (places[0, 4], wide)))
    sums = {"original": np.zeros((height, width, channels)), "rebuilt": np.zeros((height, width, channels))}
    errors, count = np.zeros((height, width)), np.zeros((height, width))
    for start, values, observed, real in trained.blocks(rows):
        _, output = _look(trained, values)
        maps = error_maps(trained, output, values, observed)[:real].numpy()
        images = encoder.decode(output[:real].numpy())
        for i in range(real):
            _, top, left, _, _ = places[start + i]
            here = (slice(top, top + tall), slice(left, left + wide))
            sums["original"][here] += pieces[start + i]
            sums["rebuilt"][here] += images[i]
            errors[here] += maps[i]
            count[here] += 1
    count = np.maximum(count, 1)
    original, made = (np.rint(total / count[:, :, None]).astype(np.uint8) for total in sums.values())
    signed = (made.astype(np.float32) - original).mean(axis=2) / 255
    return Rebuilt(original, made, (errors / count).astype(np.float32), signed.astype(np.float32))


def small(rows: PictureRows) -> NDArray[np.float32]:
    """The pieces as the simple methods see them: at most 32 × 32 pixels, by mean, (P, d)."""
    height, width, channels = rows.layout.row_shape
    if max(height, width) <= SMALL:
        return rows.take(slice(None)).values
    out = []
    for start in range(0, len(rows), 256):
        values = torch.from_numpy(rows.take(slice(start, start + 256)).values)
        images = values.view(-1, height, width, channels).permute(0, 3, 1, 2)
        shrunk = functional.adaptive_avg_pool2d(images, (min(height, SMALL), min(width, SMALL)))
        out.append(shrunk.flatten(1).numpy())
    return np.concatenate(out)
