"""Every projection over the registry: a finite point a row, whatever the codes; the same seed, the same bits."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

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
@pytest.mark.parametrize("case", CODES)
def test_a_finite_point_a_row_and_the_same_bits(method: str, case: str) -> None:
    codes = CODES[case]
    points = PROJECTIONS.get(method).project(codes, 3)
    assert points.shape == (len(codes), 2)
    assert points.dtype == np.float32
    assert np.isfinite(points).all()
    assert np.array_equal(points, PROJECTIONS.get(method).project(codes, 3))


def test_a_map_leaves_torch_its_threads() -> None:
    """Two threads of it beside another process take many times the time of one."""
    PROJECTIONS.get("umap").project(CODES["usual"], 3)
    assert torch.get_num_threads() == int(os.environ["OMP_NUM_THREADS"])


def test_what_is_compiled_is_compiled_once() -> None:
    asked = (
        "import numpy as np\n"
        "from core.projections.umap import project\n"
        "points = project(np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32), 0)\n"
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
