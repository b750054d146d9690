"""A column of new rows beside the reference, as shares."""

from __future__ import annotations

import numpy as np
import pytest

from core.drift import beside
from core.drift.beside import BARS, LEVELS


def test_numbers_are_counted_between_the_same_edges_and_far_ones_in_the_last() -> None:
    reference = np.append(np.random.default_rng(0).normal(0, 1, 1_000), [np.nan, np.inf])
    new = np.append(np.random.default_rng(1).normal(3, 1, 400), [1e9, np.nan])
    found = beside("a", "number", new, reference)
    assert found is not None
    assert (len(found.edges), len(found.new), len(found.reference)) == (BARS + 1, BARS, BARS)
    assert sum(found.new) == pytest.approx(1)  # of the cells that hold a number
    assert sum(found.reference) == pytest.approx(1)
    assert found.edges[-1] < 10
    middles = (np.asarray(found.edges[:-1]) + np.asarray(found.edges[1:])) / 2
    assert float(middles @ np.asarray(found.new)) - float(middles @ np.asarray(found.reference)) == pytest.approx(
        3, abs=0.3
    )


def test_the_ends_are_those_of_both_sides_however_many_rows_each_has() -> None:
    few, many = np.full(40, 50.0), np.random.default_rng(0).normal(0, 1, 20_000)
    found = beside("a", "number", few, many)
    assert found is not None
    assert found.edges[-1] == pytest.approx(50)


def test_the_most_frequent_values_with_their_shares() -> None:
    new = np.array(["x"] * 3 + ["never"] * 5 + [None] * 2, object)
    reference = np.array(["x"] * 6 + [f"v{i}" for i in range(20)], object)
    found = beside("c", "category", new, reference)
    assert found is not None
    assert (found.levels[:2], len(found.levels)) == (("x", "never"), LEVELS)
    assert found.new[:2] == pytest.approx((3 / 8, 5 / 8))
    assert found.reference[:2] == pytest.approx((6 / 26, 0))


def test_nothing_where_there_is_nothing_to_compare() -> None:
    nothing = np.array([np.nan, np.nan])
    assert beside("a", "number", nothing, nothing) is None
    assert beside("a", "number", nothing, np.array(["x"], object)) is None
    assert beside("a", "category", np.array([None], object), np.array([None], object)) is None
