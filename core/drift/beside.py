"""One column of new rows beside the reference, as the shares that a small chart shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.results import Kind

BARS = 20
LEVELS = 6
CUT = 0.01  # of the numbers of both sides, the share at either end that is counted to the last bar


@dataclass(frozen=True)
class Beside:
    """The share of the new rows and of the reference's, (B,) each, between two of the edges, (B + 1,), or at the values that are
    most frequent in both, (B,). Of numbers the first and the last bar hold what lies farther out."""

    column: str
    kind: Kind
    new: tuple[float, ...]
    reference: tuple[float, ...]
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()


def beside(column: str, kind: Kind, new: NDArray[Any], reference: NDArray[Any]) -> Beside | None:
    """new, reference: as core.datasets.comparable gives them. None where neither holds anything, or the two are of two kinds."""
    if new.dtype.kind != reference.dtype.kind:
        return None
    if new.dtype.kind == "f":
        finite = [each[np.isfinite(each.astype(np.float64))].astype(np.float64) for each in (new, reference)]
        both = [_share_ends(each) for each in finite if len(each)]
        if not both:
            return None
        low, high = min(each[0] for each in both), max(each[1] for each in both)
        edges = np.linspace(low, high if high > low else low + 1, BARS + 1)
        shares = [np.histogram(np.clip(each, edges[0], edges[-1]), edges)[0] / max(1, len(each)) for each in finite]
        ours, theirs = (tuple(each.tolist()) for each in shares)
        return Beside(column, kind, ours, theirs, edges=tuple(edges.tolist()))
    cells = [np.array([str(value) for value in each if value is not None], str) for each in (new, reference)]
    names, counts = np.unique(np.concatenate(cells), return_counts=True)
    if len(names) == 0:
        return None
    usual = names[np.argsort(-counts, kind="stable")[:LEVELS]]
    ours, theirs = (tuple(float((each == value).mean()) if len(each) else 0.0 for value in usual) for each in cells)
    return Beside(column, kind, ours, theirs, levels=tuple(usual.tolist()))


def _share_ends(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(values, [CUT, 1 - CUT])
    return float(low), float(high)
