"""Groups of codes: those that are there, the same with every seed of the machine, and names."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from core.latent import clusters as module
from core.latent.clusters import by_size, clusters, ladder, worth_a_look

DRAW = np.random.default_rng(0)


def groups(sizes: tuple[int, ...]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    truth = np.repeat(np.arange(len(sizes)), sizes)
    codes = 20.0 * truth[:, None] + DRAW.normal(size=(len(truth), 3))
    return codes.astype(np.float32), truth


def test_groups_that_stand_apart_are_found_the_largest_first() -> None:
    codes, truth = groups((40, 200, 100))
    labels, found = clusters(codes, 0)
    assert labels.shape == (len(found.steps), 340)
    best = max(range(len(found.steps)), key=lambda i: adjusted_rand_score(truth, labels[i]))
    assert adjusted_rand_score(truth, labels[best]) > 0.9
    sizes = [group.rows for group in found.steps[best].groups]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == (labels[best] >= 0).sum()
    again, _ = clusters(codes, 0)
    assert np.array_equal(labels, again)


def test_rows_beyond_those_grouped_go_with_their_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 150)
    codes, truth = groups((200, 200))
    labels, found = clusters(codes, 0)
    assert found.grouped == 150
    assert max(adjusted_rand_score(truth, each) for each in labels) > 0.9


@pytest.mark.parametrize("rows", [1, 2, 9, 10, 11, 50])
def test_few_rows_and_equal_ones_are_no_reason_to_stop(rows: int) -> None:
    for codes in (DRAW.normal(size=(rows, 2)), np.ones((rows, 2)), DRAW.normal(size=(rows, 1))):
        labels, found = clusters(codes.astype(np.float32), 0)
        assert labels.shape == (len(found.steps), rows)
        assert labels.min() >= -1


def test_sizes_rise_and_begin_small() -> None:
    for rows in (10, 100, 5_000, 10_000):
        sizes = ladder(rows)
        assert sizes[0] == 5 and list(sizes) == sorted(set(sizes)) and sizes[-1] <= max(5, rows // 8)


def test_groups_are_numbered_by_size() -> None:
    assert by_size(np.array([2, 2, -1, 0, 1, 1, 1])).tolist() == [1, 1, -1, 2, 0, 0, 0]
    assert by_size(np.array([-1, -1])).tolist() == [-1, -1]


def test_small_and_thin_groups_are_worth_a_look() -> None:
    wide = DRAW.normal(size=(200, 3)).astype(np.float32)
    assert worth_a_look(wide, 1_000) == ""
    assert worth_a_look(wide, 20_000) == "small"
    assert worth_a_look(wide * np.array([10, 1, 1], np.float32), 1_000) == "thin"
