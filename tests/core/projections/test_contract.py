"""Every projection over the registry: a finite point a row, whatever the codes; the same seed, the same bits."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.errors import Cancelled
from core.latent.drawing import draw
from core.latent.neighbours import neighbours_among
from core.projections import PROJECTIONS

pytestmark = pytest.mark.long  # UMAP is compiled
GENERATOR = np.random.default_rng(0)
CODES: dict[str, NDArray[np.float32]] = {
    "usual": GENERATOR.normal(size=(60, 4)).astype(np.float32),
    "one dimension": GENERATOR.normal(size=(60, 1)).astype(np.float32),
    "one dimension, few values": (np.arange(60) % 3).reshape(-1, 1).astype(np.float32),
    "two dimensions": GENERATOR.normal(size=(60, 2)).astype(np.float32),
    "all equal": np.ones((60, 3), np.float32),
    "copies": np.repeat(GENERATOR.normal(size=(3, 3)), 20, axis=0).astype(np.float32),
    "one row": np.ones((1, 3), np.float32),
    "one cell": GENERATOR.normal(size=(1, 1)).astype(np.float32),
    "three rows": GENERATOR.normal(size=(3, 2)).astype(np.float32),
    "few rows of one dimension": GENERATOR.normal(size=(12, 1)).astype(np.float32),
    "far apart": (GENERATOR.normal(size=(60, 3)) * 1e6).astype(np.float32),
}


@pytest.mark.parametrize("method", list(PROJECTIONS))
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("case", CODES)
def test_a_finite_point_a_row_and_the_same_bits(method: str, dimensions: int, case: str) -> None:
    codes = CODES[case]
    points = draw(method, codes, seed=3, dimensions=dimensions)
    assert points.shape == (len(codes), dimensions)
    assert points.dtype == np.float32
    assert np.isfinite(points).all()
    assert np.array_equal(points, draw(method, codes, seed=3, dimensions=dimensions))


@pytest.mark.parametrize("method", [name for name in PROJECTIONS if not PROJECTIONS.get(name).instant])
def test_neighbours_that_are_known_change_nothing(method: str) -> None:
    codes = CODES["usual"]
    assert np.array_equal(draw(method, codes, seed=0, neighbours=neighbours_among(codes)), draw(method, codes, seed=0))


@pytest.mark.parametrize("method", [name for name in PROJECTIONS if not PROJECTIONS.get(name).instant])
def test_rows_beyond_those_laid_out_are_placed_among_their_own(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two groups far apart: whoever is placed lies with its group."""
    monkeypatch.setattr("core.latent.drawing.LARGEST", 60)
    far = np.repeat([[0.0] * 3, [50.0] * 3], 60, axis=0)
    codes = (far + GENERATOR.normal(size=far.shape)).astype(np.float32)
    points = draw(method, codes, seed=0)
    middles = np.stack([np.median(points[:60], axis=0), np.median(points[60:], axis=0)])
    nearer = np.linalg.norm(points[:, None] - middles, axis=2).argmin(axis=1)
    assert np.array_equal(nearer, np.repeat([0, 1], 60))


@pytest.mark.parametrize("method", list(PROJECTIONS))
def test_who_is_told_how_far_it_is_can_end_it(method: str) -> None:
    def enough(fraction: float) -> None:
        assert 0 <= fraction <= 1
        raise Cancelled("enough", where="here", fix="none")

    if PROJECTIONS.get(method).instant:
        return
    with pytest.raises(Cancelled):
        draw(method, CODES["usual"], seed=0, tell=enough)


@pytest.mark.parametrize("method", [name for name in PROJECTIONS if not PROJECTIONS.get(name).instant])
def test_it_is_told_how_far_it_is_also_while_points_are_arranged(method: str) -> None:
    heard: list[float] = []
    points = draw(method, CODES["usual"], seed=0, tell=heard.append)
    assert heard == sorted(heard)
    assert len(heard) > 20
    assert heard[-1] > 0.9
    assert np.array_equal(points, draw(method, CODES["usual"], seed=0))

    def enough(fraction: float) -> None:
        if fraction > 0.5:
            raise Cancelled("enough", where="here", fix="none")

    with pytest.raises(Cancelled):
        draw(method, CODES["usual"], seed=0, tell=enough)
    assert np.array_equal(points, draw(method, CODES["usual"], seed=0))  # what was ended leaves nothing behind


def test_a_map_leaves_torch_its_threads() -> None:
    """Two threads of it beside another process take many times the time of one."""
    draw("umap", CODES["usual"], seed=3)
    assert torch.get_num_threads() == int(os.environ["OMP_NUM_THREADS"])


def test_what_is_compiled_is_compiled_once() -> None:
    asked = (
        "import numpy as np\n"
        "from core.latent.drawing import draw\n"
        "points = draw('umap', np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32), seed=0)\n"
        "import umap.umap_\n"
        "stats = umap.umap_.smooth_knn_dist.stats\n"
        "print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()), points.tobytes().hex())"
    )
    # In the folder that all tests share: another process may have compiled it already.
    first, second = (
        subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout.split()
        for _ in range(2)
    )
    assert second[:2] == ["1", "0"]
    assert first[2] == second[2]
