"""Maps and what is told of them, beside the libraries that one would take otherwise; each in a process of its own, one thread.

`python -m benchmarks.maps`: UMAP of 5,000 images of 784 pixels in a process that compiled before, beside umap-learn called in a
script; 200,000 rows of 32 numbers until a map is there, beside umap-learn on all of them; the nearest of all rows beside
pynndescent; how far a map can be believed, of as many rows. Processor seconds, peak of private memory, and what came out.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.manifold import trustworthiness

from benchmarks.measure import Cost, alone, write
from core.latent.trust import trust

ROWS, WIDTH, IMAGES, K = 200_000, 32, 5_000, 15
DRAWN = "import sys, numpy as np\nfrom benchmarks.maps import drawn, images\n"
STORED = "np.save(sys.argv[1], np.asarray(out))"
MNIST = Path(__file__).parents[2] / "shared" / "data" / "mnist_5k.csv.gz"
Array = NDArray[np.float32]


def drawn(rows: int = ROWS, width: int = WIDTH) -> Array:
    """Forty groups, each spread along six directions of its own, (rows, width)."""
    draw = np.random.default_rng(0)
    middles, along = draw.normal(size=(40, width)) * 2, draw.normal(size=(40, 6, width))
    group, place = draw.integers(40, size=rows), draw.normal(size=(rows, 6))
    out = np.empty((rows, width), np.float32)
    for start in range(0, rows, 10_000):
        here = slice(start, start + 10_000)
        bent = np.einsum("nk,nkl->nl", place[here], along[group[here]]) * 0.5
        out[here] = middles[group[here]] + bent + 0.1 * draw.normal(size=bent.shape)
    return out


def images(rows: int = IMAGES) -> Array:
    """Handwritten digits as rows of 784 pixels from 0 to 1, (rows, 784)."""
    table = pd.read_csv(MNIST, header=None, dtype=np.float32)  # the last column is the digit
    return np.ascontiguousarray(table.to_numpy()[:rows, :784] / 255)


def made(prepare: str, work: str, where: Path) -> tuple[Cost, NDArray[np.generic]]:
    """What it took, and what came out."""
    cost = alone(DRAWN + prepare, f"{work}\n{STORED}", str(where))
    return cost, np.load(where)


def umap_warm(folder: Path) -> list[list[str]]:
    """Ours where all is compiled, theirs from the start of a script."""
    warm = "from core.latent.drawing import draw\ndraw('umap', np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32), seed=0)\ncodes = images()\n"
    ours, our_map = made(warm, "out = draw('umap', codes, seed=0)", folder / "ours.npy")
    cold = "import umap\nout = umap.UMAP(random_state=0, n_jobs=1).fit_transform(codes)"
    theirs, their_map = made("codes = images()\n", cold, folder / "theirs.npy")
    pixels = images()
    quality = [f"{trustworthiness(pixels, each, n_neighbors=K):.4f}" for each in (our_map, their_map)]
    return [
        ["UMAP, 5,000 × 784: ours, warm", f"{ours.wall:.1f}", f"{ours.cpu:.1f}", f"{ours.peak_mb:.0f}", quality[0], ""],
        _peer("umap-learn in a script", theirs, quality[1], ours),
    ]


def large_map(folder: Path) -> list[list[str]]:
    """From codes to a map of all rows."""
    warm = "from core.latent.drawing import draw\ndraw('umap', np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32), seed=0)\ncodes = drawn()\n"
    ours, our_map = made(warm, "out = draw('umap', codes, seed=0)", folder / "ours.npy")
    theirs, their_map = made(
        "import umap\numap.UMAP(n_jobs=1, random_state=0).fit_transform(drawn(300))\ncodes = drawn()\n",
        "out = umap.UMAP(random_state=0, n_jobs=1).fit_transform(codes)",
        folder / "theirs.npy",
    )
    codes = drawn()
    found = [trust(codes, np.asarray(each, np.float32), 0).figures["trustworthiness"] for each in (our_map, their_map)]
    quality = [f"{figure.value:.4f} ± {figure.standard_error:.4f}" for figure in found]
    name = f"UMAP, {ROWS:,} × {WIDTH}: ours"
    return [
        [name, f"{ours.wall:.0f}", f"{ours.cpu:.0f}", f"{ours.peak_mb:.0f}", quality[0], ""],
        _peer("umap-learn on all rows", theirs, quality[1], ours),
    ]


def neighbours(folder: Path) -> list[list[str]]:
    """The nearest fifteen others of every row; recall by a search through all, for 500 of them."""
    ours, our_rows = made(
        "from core.latent.neighbours import neighbours_among\ncodes = drawn()\n",
        f"out = neighbours_among(codes).rows[:, :{K}]",
        folder / "ours.npy",
    )
    theirs, their_rows = made(
        "import pynndescent\npynndescent.NNDescent(drawn(300), n_jobs=1, random_state=0)\ncodes = drawn()\n",
        f"out = pynndescent.NNDescent(codes, n_neighbors={K + 1}, n_jobs=1, random_state=0).neighbor_graph[0][:, 1:]",
        folder / "theirs.npy",
    )
    codes, some = drawn(), np.random.default_rng(1).choice(ROWS, 500, replace=False)
    recall = [f"{_recall(codes, some, rows):.4f}" for rows in (our_rows, their_rows)]
    name = f"neighbours, {ROWS:,} × {WIDTH}: ours"
    return [
        [name, f"{ours.wall:.1f}", f"{ours.cpu:.1f}", f"{ours.peak_mb:.0f}", recall[0], ""],
        _peer("pynndescent", theirs, recall[1], ours),
    ]


def _recall(codes: Array, some: NDArray[np.int64], rows: NDArray[np.generic]) -> float:
    out = []
    for i in some:
        apart = ((codes - codes[i]) ** 2).sum(axis=1)
        apart[i] = np.inf
        out.append(len(set(np.argpartition(apart, K)[:K].tolist()) & set(rows[i].tolist())) / K)
    return float(np.mean(out))


def trusted(folder: Path) -> list[list[str]]:
    """All figures with their standard errors; scikit-learn has one, of as many rows as it has room for here."""
    prepare = "from core.latent.trust import trust\nfrom core.projections.pca import directions\ncodes = drawn()\npoints = directions(codes, 2)\n"
    work = (
        "found = trust(codes, points, 0)\nout = [[each.value, each.standard_error] for each in found.figures.values()]"
    )
    ours, figures = made(prepare, work, folder / "ours.npy")
    said = ", ".join(f"{value:.4f} ± {error:.4f}" for value, error in figures.astype(float))
    fewer = 15_000
    prepare = f"from sklearn.manifold import trustworthiness\nfrom core.projections.pca import directions\ncodes = drawn({fewer})\npoints = directions(codes, 2)\n"
    theirs, figure = made(prepare, "out = trustworthiness(codes, points, n_neighbors=15)", folder / "theirs.npy")
    return [
        [f"trust, {ROWS:,} × {WIDTH}: ours", f"{ours.wall:.1f}", f"{ours.cpu:.1f}", f"{ours.peak_mb:.0f}", said, ""],
        [
            f"scikit-learn, of {fewer:,} rows",
            f"{theirs.wall:.1f}",
            f"{theirs.cpu:.1f}",
            f"{theirs.peak_mb:.0f}",
            f"{float(figure):.4f}",
            "",
        ],
    ]


def _peer(name: str, cost: Cost, quality: str, ours: Cost) -> list[str]:
    ratio = f"{ours.wall / cost.wall:.2f}, {ours.cpu / cost.cpu:.2f}"
    return [name, f"{cost.wall:.1f}", f"{cost.cpu:.1f}", f"{cost.peak_mb:.0f}", quality, ratio]


def main() -> None:
    """Each in turn."""
    parts = {"umap": umap_warm, "neighbours": neighbours, "trust": trusted, "large": large_map}
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or list(parts):
            rows += parts[name](Path(folder))
            print(rows[-2:], flush=True)
    write(
        "maps",
        "Maps and what is told of them",
        [__doc__ or ""],
        ["work", "wall s", "CPU s", "peak MB", "trustworthiness, recall, or figures", "ours / theirs, wall and CPU"],
        rows,
        rows,
    )


if __name__ == "__main__":
    main()
