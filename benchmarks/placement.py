"""New rows on an old map: neighbour recall beside umap-learn's own transform, on handwritten digits that no map was made of.

`python -m benchmarks.placement`: 4,000 images' first fifty principal numbers are laid out by UMAP; 1,000 others are placed.
Recall: which share of the fifteen nearest of each among the 4,000 are among the fifteen nearest on the map.
"""

from __future__ import annotations

import time

import numpy as np
import umap
from numpy.typing import NDArray

from benchmarks.maps import images
from benchmarks.measure import write
from core.latent.neighbours import Index
from core.latent.placement import place
from core.projections.pca import directions

LAID, PLACED, WIDTH, K = 4_000, 1_000, 50, 15


def recall(
    new: NDArray[np.float32], placed: NDArray[np.float32], old: NDArray[np.float32], laid: NDArray[np.float32]
) -> float:
    """Of new codes, (M, L), placed at (M, 2), among old ones, (N, L), laid at (N, 2)."""
    true, seen = Index.build(old).search(new, K)[1], Index.build(laid).search(placed, K)[1]
    return float(np.mean([len(set(a) & set(b)) / K for a, b in zip(true.tolist(), seen.tolist(), strict=True)]))


def main() -> None:
    """On umap-learn's own map, so that the layout favours nobody of us; three seeds."""
    codes = directions(images(LAID + PLACED), WIDTH)
    rows, figures = [], {}
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(LAID + PLACED)
        old, new = np.ascontiguousarray(codes[order[:LAID]]), np.ascontiguousarray(codes[order[LAID:]])
        model = umap.UMAP(random_state=seed, n_jobs=1).fit(old)
        laid = np.asarray(model.embedding_, np.float32)
        began = time.process_time()
        theirs = np.asarray(model.transform(new), np.float32)
        middle = time.process_time()
        ours = place(new, Index.build(old), laid)
        ended = time.process_time()
        mean = laid[Index.build(old).search(new, K)[1]].mean(axis=1)
        figures[seed] = [recall(new, each, old, laid) for each in (ours, theirs, mean)]
        rows.append(
            [
                str(seed),
                *(f"{figure:.4f}" for figure in figures[seed]),
                f"{ended - middle:.2f}",
                f"{middle - began:.2f}",
            ]
        )
    header = ["seed", "ours", "umap.transform", "plain mean of the nearest", "CPU s, ours", "CPU s, theirs"]
    write("placement", "New rows on an old map", [__doc__ or ""], header, rows, figures)


if __name__ == "__main__":
    main()
