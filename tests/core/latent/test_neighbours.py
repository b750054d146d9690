"""The nearest codes, by another way of finding them; and new rows on an old map."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.latent import neighbours
from core.latent.neighbours import Index, neighbours_among
from core.latent.placement import place


def drawn(rows: int, width: int, seed: int, *, copies: bool = False) -> NDArray[np.float32]:
    codes = np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)
    return np.repeat(codes[: (rows + 3) // 4], 4, axis=0)[:rows] if copies else codes


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60), st.integers(1, 5), st.integers(1, 40), st.integers(0, 99), st.booleans())
def test_each_row_has_its_nearest_others_and_never_itself(
    rows: int, width: int, k: int, seed: int, copies: bool
) -> None:
    codes = drawn(rows, width, seed, copies=copies)
    found = neighbours_among(codes, k)
    kept = min(k, rows - 1)
    assert found.rows.shape == found.distances.shape == (rows, kept)
    apart = np.sqrt(((codes[:, None].astype(float) - codes[None]) ** 2).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    assert np.allclose(np.sort(apart, axis=1)[:, :kept], found.distances, atol=2e-3)
    assert (found.rows != np.arange(rows)[:, None]).all()
    assert all(len(set(each)) == kept for each in found.rows)


@pytest.mark.parametrize("exact", [10_000, 10])
def test_a_row_is_found_alike_alone_and_among_others(monkeypatch: pytest.MonkeyPatch, exact: int) -> None:
    monkeypatch.setattr(neighbours, "EXACT", exact)
    codes, asked = drawn(400, 5, 0), drawn(90, 5, 1)
    index = Index.build(codes)
    distances, found = index.search(asked, 7)
    order = np.random.default_rng(2).permutation(90)
    shuffled = index.search(asked[order], 7)
    assert np.array_equal(shuffled[0], distances[order]) and np.array_equal(shuffled[1], found[order])
    for i in range(0, 90, 9):
        alone = index.search(asked[i : i + 1], 7)
        assert np.array_equal(alone[0][0], distances[i]) and np.array_equal(alone[1][0], found[i])


def test_many_rows_lose_next_to_none_of_their_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = drawn(3_000, 8, 0)
    exact = neighbours_among(codes, 15)
    monkeypatch.setattr(neighbours, "EXACT", 100)
    graph = neighbours_among(codes, 15)
    assert np.array_equal(graph.rows, neighbours_among(codes, 15).rows)
    kept = [len(set(a) & set(b)) / 15 for a, b in zip(exact.rows, graph.rows, strict=True)]
    assert np.mean(kept) >= 0.98


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 30), st.sampled_from([2, 3]), st.integers(1, 60), st.integers(0, 99))
def test_one_by_one_is_all_at_once_is_any_order(rows: int, dimensions: int, laid: int, seed: int) -> None:
    codes, points = drawn(laid, 4, seed, copies=seed % 3 == 0), drawn(laid, dimensions, seed + 1)
    new, index = drawn(rows, 4, seed + 2), Index.build(codes)
    together = place(new, index, points)
    assert together.shape == (rows, dimensions) and np.isfinite(together).all()
    order = np.random.default_rng(seed).permutation(rows)
    assert np.array_equal(place(new[order], index, points), together[order])
    assert np.array_equal(np.concatenate([place(each[None], index, points) for each in new]), together)


def test_a_row_that_was_laid_out_is_placed_where_it_lay_and_one_like_it_near() -> None:
    codes, points = drawn(300, 4, 0), drawn(300, 4, 0)[:, :2]
    index = Index.build(codes)
    np.testing.assert_array_equal(place(codes, index, points), points)
    like = place(codes + np.float32(0.01), index, points)
    assert np.median(np.linalg.norm(like - points, axis=1)) < 0.5 * np.median(np.linalg.norm(points, axis=1))
    twice = np.concatenate([codes[:1], codes])
    torn = np.concatenate([points[:1], points])
    np.testing.assert_array_equal(place(codes[:1], Index.build(twice), torn), points[:1])


def test_codes_without_groups_are_searched_more_widely(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = drawn(3_000, 24, 0)
    exact = neighbours_among(codes, 15)
    monkeypatch.setattr(neighbours, "EXACT", 100)
    monkeypatch.setattr(neighbours, "SEARCHED_WITH", 16)
    graph = neighbours_among(codes, 15)
    assert np.mean([len(set(a) & set(b)) / 15 for a, b in zip(exact.rows, graph.rows, strict=True)]) >= 0.98


def test_many_copies_hide_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.concatenate([np.zeros((500, 3), np.float32), drawn(60, 3, 0) + 5])
    monkeypatch.setattr(neighbours, "EXACT", 100)
    found = neighbours_among(codes, 15)
    assert found.rows.min() >= 0
    assert (found.rows != np.arange(560)[:, None]).all()
