"""Look-alikes: copies first, near in the codes and strange in the same columns, each row by itself."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from core.triage.alike import alike, nearest

ROWS = 200


def made(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes, errors, and scores that these sum to."""
    generator = np.random.default_rng(seed)
    errors = generator.random((ROWS, 5)).astype(np.float32)
    return generator.normal(size=(ROWS, 3)).astype(np.float32), errors, errors.sum(axis=1).astype(float)


def test_a_copy_comes_first_and_the_row_itself_not_at_all() -> None:
    codes, errors, scores = made()
    for array in (codes, errors, scores):
        array[17] = array[3]
    rows, likeness = alike(3, codes, errors, scores, np.arange(ROWS))
    assert rows[0] == 17
    assert likeness[0] > 1 - 1e-6
    assert 3 not in rows
    assert len(rows) == 50


def test_both_the_place_and_the_pattern_count() -> None:
    codes, errors, scores = made()
    codes[:4], errors[:4] = 0, [4, 0, 0, 0, 0]
    codes[2] = 10  # the same fault elsewhere
    errors[3] = [0, 4, 0, 0, 0]  # another fault at the same place
    scores = errors.sum(axis=1).astype(float)
    rows, likeness = alike(0, codes, errors, scores, np.asarray([1, 2, 3]))
    assert rows[0] == 1
    assert likeness[0] > max(likeness[1:]) + 0.3


def test_as_large_an_error_is_more_alike_than_a_tenth_of_it() -> None:
    codes, errors, _ = made()
    codes[:3], errors[:2], errors[2] = 0, 2.0, 0.2
    rows, likeness = alike(0, codes, errors, errors.sum(axis=1).astype(float), np.asarray([2, 1]))
    assert rows.tolist() == [1, 2]
    assert likeness[1] < likeness[0]


@settings(deadline=None)
@given(some.data())
def test_a_likeness_is_each_row_s_own(data: some.DataObject) -> None:
    """In 0 … 1 and in order; the same bits whatever else is chosen from, and in which order."""
    codes, errors, scores = made(data.draw(some.integers(0, 100)))
    quiet = data.draw(some.lists(some.integers(0, ROWS - 1), max_size=5))
    errors[quiet], scores[quiet] = 0.0, 0.0
    row = data.draw(some.integers(0, ROWS - 1))
    among = np.asarray(data.draw(some.lists(some.integers(0, ROWS - 1), min_size=1, unique=True)))
    everywhere = dict(
        zip(*(each.tolist() for each in alike(row, codes, errors, scores, np.arange(ROWS), ROWS)), strict=True)
    )
    rows, likeness = alike(row, codes, errors, scores, among, 10)
    assert len(rows) == min(10, len(set(among.tolist()) - {row}))
    assert set(rows.tolist()) <= set(among.tolist()) - {row}
    assert all(everywhere[each] == found for each, found in zip(rows.tolist(), likeness.tolist(), strict=True))
    assert all(0 <= each <= 1 for each in likeness)
    assert (np.diff(likeness) <= 0).all()
    left = [found for each, found in everywhere.items() if each in among and each not in rows]
    assert not left or max(left) <= likeness[-1]


def test_nothing_to_choose_from_and_codes_that_are_all_the_same() -> None:
    codes, errors, scores = made()
    rows, likeness = alike(3, codes, errors, scores, np.asarray([3]))
    assert len(rows) == len(likeness) == 0
    assert len(alike(3, codes, errors, scores, np.arange(ROWS), 0)[0]) == 0
    rows, likeness = alike(3, np.zeros_like(codes), np.zeros_like(errors), np.zeros(ROWS), np.arange(ROWS), 4)
    assert rows.tolist() == [0, 1, 2, 4]
    assert likeness.tolist() == [1.0, 1.0, 1.0, 1.0]


def test_a_dataset_of_one_row() -> None:
    rows, _ = alike(0, np.zeros((1, 2), np.float32), np.ones((1, 2), np.float32), np.ones(1), np.asarray([0]))
    assert len(rows) == 0


def test_the_nearest_are_chosen_from_those_that_are_offered() -> None:
    codes = np.asarray([[0.0], [1.0], [2.0], [0.1], [5.0]], np.float32)
    assert nearest(codes, 0, np.asarray([0, 1, 2, 4]), 2).tolist() == [1, 2]
    assert nearest(codes, 0, np.asarray([0]), 2).tolist() == []


def test_of_windows_that_overlap_the_nearest_alone_is_taken() -> None:
    codes = np.asarray([[0.0], [0.1], [0.5], [0.4], [0.9]], np.float32)
    begins = np.asarray([0, 3, 10, 14, 30])
    found = nearest(codes, 0, np.arange(5), 3, begins, 8)
    assert found.tolist() == [3, 4]  # 1 overlaps with the window itself, 2 with the nearer 3
