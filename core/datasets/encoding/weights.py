"""How much each block weighs: its error is divided by that of the best constant answer, so columns weigh alike."""

from __future__ import annotations

import numpy as np

from core.datasets.encoding.part import Mask, Matrix, Part
from core.results import Head

SMALLEST_BASELINE = 0.1  # keeps a nearly constant column from outweighing all others
FEW_ROWS = 100  # up to here the outermost hundredth is one cell
USUAL = 9.0  # squared deviation that is no outlier's


def block_weights(part: Part, matrix: Matrix, missing: Mask) -> tuple[float, ...]:
    """The weights of a fitted part's blocks. matrix: the cells that are there, encoded; missing: (N,), all cells."""
    baselines: list[float] = []
    start = 0
    for width, head in zip(part.widths, part.heads, strict=True):
        baselines.append(baseline_loss(matrix[:, start : start + width], head))
        start += width
    shared = len(baselines) - part.markers
    weights = [1.0 / max(SMALLEST_BASELINE, loss) / (shared if i < shared else 1) for i, loss in enumerate(baselines)]
    if missing.any():
        weights.append(1.0 / max(SMALLEST_BASELINE, baseline_loss(missing[:, None].astype(np.float64), "binary")))
    return tuple(weights)


def baseline_loss(matrix: Matrix, head: Head) -> float:
    """Mean loss of the best constant answer for a block: variance, or entropy."""
    if head == "squared":
        # The middle of the distribution: one extreme cell must not make its column weigh nothing.
        centred = (matrix - np.median(matrix, axis=0)) ** 2
        return float(np.sum(np.mean(np.minimum(centred, _largest_usual(centred)), axis=0)))
    shares = np.clip(matrix.mean(axis=0), 1e-9, 1 - 1e-9)
    if head == "binary":
        return float(np.sum(-shares * np.log(shares) - (1 - shares) * np.log(1 - shares)))
    return float(np.sum(-shares * np.log(shares)))


def _largest_usual(squares: Matrix) -> Matrix:
    """The squared deviation of each column, (width,), beyond which a cell counts no more."""
    largest: Matrix = np.quantile(squares, 0.99, axis=0)
    if 1 < len(squares) <= FEW_ROWS:  # of so few rows the quantile leans on the largest alone
        second = np.partition(squares, -2, axis=0)[-2]
        largest = np.minimum(largest, np.maximum(second, USUAL))
    return largest
