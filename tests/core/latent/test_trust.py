"""How far maps can be believed, beside scikit-learn and beside sums written out."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from core.latent import trust as module
from core.latent.alignment import align, drift
from core.latent.neighbours import neighbours_among
from core.latent.trust import distortion, trust
from core.projections.pca import directions

DRAW = np.random.default_rng(0)


def codes_of(rows: int, width: int = 6) -> NDArray[np.float32]:
    middles = DRAW.normal(size=(5, width)) * 3
    return (middles[DRAW.integers(5, size=rows)] + DRAW.normal(size=(rows, width))).astype(np.float32)


@pytest.mark.parametrize("rows", [40, 300])
@pytest.mark.parametrize("k", [1, 5, 15])
def test_figures_are_those_of_others(rows: int, k: int) -> None:
    codes = codes_of(rows)
    points = directions(codes, 2)
    found = trust(codes, points, 0, k=k).figures
    assert found["trustworthiness"].value == pytest.approx(trustworthiness(codes, points, n_neighbors=k), abs=1e-9)
    # Continuity is trustworthiness with the spaces changed about.
    assert found["continuity"].value == pytest.approx(trustworthiness(points, codes, n_neighbors=k), abs=1e-9)
    near = [NearestNeighbors(n_neighbors=k).fit(space).kneighbors(return_distance=False) for space in (codes, points)]
    recall = np.mean([len(set(a) & set(b)) / k for a, b in zip(*near, strict=True)])
    assert found["neighbour_recall"].value == pytest.approx(recall)
    assert found["rank_correlation"].value == pytest.approx(spearmanr(pdist(codes), pdist(points)).statistic)
    assert all(figure.standard_error is None for figure in found.values())


def test_a_perfect_map_and_one_by_lot() -> None:
    codes = codes_of(200, 2)
    perfect = trust(codes, codes * 2 + 1, 0).figures
    assert [figure.value for figure in perfect.values()] == pytest.approx([1, 1, 1, 1])
    lot = trust(codes, DRAW.normal(size=(200, 2)).astype(np.float32), 0).figures
    assert lot["trustworthiness"].value == pytest.approx(0.5, abs=0.1)
    assert lot["neighbour_recall"].value < 0.2
    assert abs(lot["rank_correlation"].value) < 0.1


def test_a_sample_says_the_same_within_its_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = codes_of(2_500)
    points = directions(codes, 2)
    exact = trust(codes, points, 0).figures
    monkeypatch.setattr(module, "EXACT", 1_000)
    monkeypatch.setattr(module, "ANCHORS", 400)
    monkeypatch.setattr(module, "PAIRED", 300)
    far = []
    for seed in range(8):
        sampled = trust(codes, points, seed)
        assert sampled.anchors == 400
        for name, figure in sampled.figures.items():
            assert figure.standard_error is not None and 0 < figure.standard_error < 0.03
            far.append(abs(figure.value - exact[name].value) / figure.standard_error)
    assert np.mean(np.asarray(far) < 2.5) > 0.9
    assert trust(codes, points, 3) == trust(codes, points, 3)


@pytest.mark.parametrize("rows", [1, 2])
def test_too_few_rows_are_said(rows: int) -> None:
    codes = codes_of(rows)
    assert trust(codes, directions(codes, 2), 0).reason == "too few rows"


def test_rows_and_points_that_are_all_alike_are_said() -> None:
    codes, alike = codes_of(30), np.ones((30, 2), np.float32)
    assert trust(np.ones((30, 4), np.float32), directions(codes, 2), 0).reason == "all rows have the same code"
    assert trust(codes, alike, 0).reason == "all points lie in one place"


@pytest.mark.parametrize("rows", [3, 4, 31])
def test_few_rows_have_figures(rows: int) -> None:
    codes = codes_of(rows)
    found = trust(codes, directions(codes, 2), 0)
    assert found.k == (rows - 1) // 2 if rows < 31 else found.k == 15
    assert all(np.isfinite(figure.value) for figure in found.figures.values())


def test_distortion_is_nothing_where_nothing_is_torn_and_points_to_what_is() -> None:
    codes = codes_of(400, 2)
    near = neighbours_among(codes)
    assert distortion(near, codes, codes * 5 - 2) == pytest.approx(np.zeros(400), abs=1e-5)
    torn = codes.copy()
    far = np.linalg.norm(codes[:5, None] - codes[None], axis=2).argmax(axis=1)
    torn[:5] = codes[far] + 0.01  # five rows are carried to whom they are least alike
    found = distortion(near, codes, torn)
    assert found.shape == (400,) and np.isfinite(found).all() and (found >= 0).all()
    assert set(np.argsort(-found)[:5]) == set(range(5))


def test_copies_are_not_torn() -> None:
    codes = np.repeat(codes_of(20), 20, axis=0)
    found = distortion(neighbours_among(codes), codes, directions(codes, 2))
    assert np.isfinite(found).all()
    assert found.max() < 12
    stacked = np.repeat(np.ones((1, 2), np.float32), 400, axis=0)
    stacked[0] = 5
    assert distortion(neighbours_among(codes), codes, stacked).max() < 12


def test_groups_far_apart_lose_no_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = (1_000.0 * np.repeat(np.arange(4), 500)[:, None] + 0.01 * DRAW.normal(size=(2_000, 8))).astype(np.float32)
    points = directions(codes, 2) + DRAW.normal(size=(2_000, 2)).astype(np.float32) * 0.01
    exact = trust(codes, points, 0).figures
    monkeypatch.setattr(module, "EXACT", 1_000)
    monkeypatch.setattr(module, "ANCHORS", 1_999)
    sampled = trust(codes, points, 0).figures
    for name in ("trustworthiness", "continuity", "neighbour_recall"):
        assert sampled[name].value == pytest.approx(exact[name].value, abs=0.003)


def test_points_without_a_place_are_said() -> None:
    codes = codes_of(30)
    points = directions(codes, 2)
    points[3] = np.nan
    assert trust(codes, points, 0).reason == "some points have no place"


def test_a_map_that_was_turned_mirrored_and_scaled_lies_on_the_first() -> None:
    points = codes_of(100, 2)
    turn = np.array([[0.0, 1.0], [1.0, 0.0]]) @ np.array([[0.8, -0.6], [0.6, 0.8]])
    other = (points @ turn * 7 + 3).astype(np.float32)
    assert drift(other, points) > 1
    assert align(other, points) == pytest.approx(points, abs=1e-4)
    assert drift(align(other, points), points) < 1e-5
    assert align(other, points, same_size=True) == pytest.approx(points, abs=1e-4)


def test_a_map_that_agrees_little_is_not_drawn_small_for_it() -> None:
    one, other = codes_of(400, 2), np.random.default_rng(9).normal(size=(400, 2)).astype(np.float32)
    fitted, same = align(other, one), align(other, one, same_size=True)
    radius, small, equal = (np.linalg.norm(each - each.mean(axis=0)) for each in (one, fitted, same))
    assert small < 0.3 * radius
    assert equal == pytest.approx(radius, rel=1e-4)


def test_rows_without_a_place_have_no_say_in_an_alignment() -> None:
    points = codes_of(100, 2)
    other = points * 2 + 1
    other[3] = np.nan
    aligned = align(other, points)
    keep = np.arange(100) != 3
    assert aligned[keep] == pytest.approx(points[keep], abs=1e-4)
    assert np.isnan(aligned[3]).all()
    assert np.isfinite(drift(aligned, points))


def test_maps_that_lie_in_one_place_align_without_a_number_that_is_none() -> None:
    alike = np.ones((10, 2), np.float32)
    assert np.isfinite(align(alike, codes_of(10, 2))).all()
    assert drift(alike, alike) == 0.0
