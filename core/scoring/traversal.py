"""What each number of the codes moves in the reconstruction: one of them is changed at a time (Higgins and others 2017)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from core.scoring.trained import Trained

ROWS = 100  # codes from which it starts
ENDS = (0.1, 0.9)  # quantiles of a code number between which it is moved


@torch.inference_mode()
def moved_columns(trained: Trained, codes: NDArray[np.float32], seed: int = 0) -> NDArray[np.float32]:
    """How far each source column's expected cells move, (L, C), as each number of the codes, (N, L), goes from one end to the
    other of what it usually is, all others left as they are in some rows; the mean over these.

    In the units that the network sees; of a column of one cell with its sign, of several their distance.
    """
    layout = trained.encoder.layout
    rows = np.random.default_rng(seed).choice(len(codes), min(ROWS, len(codes)), replace=False)
    start = torch.from_numpy(np.ascontiguousarray(codes[np.sort(rows)]))  # (R, L)
    low, high = (torch.from_numpy(np.quantile(codes, end, axis=0).astype(np.float32)) for end in ENDS)
    owners, columns = layout.owners, len(layout.columns)
    out = np.zeros((codes.shape[1], columns), np.float32)
    alone = np.bincount(owners, minlength=columns) == 1
    for number in range(codes.shape[1]):
        sides = []
        for end in (low, high):
            changed = start.clone()
            changed[:, number] = end[number]
            sides.append(trained.network.heads.activate(trained.network.decode(changed)).double())
        apart = (sides[1] - sides[0]).mean(dim=0).numpy()  # (D,)
        size = np.sqrt(np.bincount(owners, apart**2, columns))
        signed = np.bincount(owners, apart, columns)
        out[number] = np.where(alone, signed, size)
    return out
