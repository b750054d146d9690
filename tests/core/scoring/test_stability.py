"""Whether flags come again: counted by hand, and on scores that are chance or are not."""

from __future__ import annotations

import numpy as np

from core.scoring.stability import stability


def test_a_flag_comes_again_where_it_is_among_as_many_strangest() -> None:
    refits = np.asarray([[9.0, 1.0], [8.0, 9.0], [1.0, 8.0], [0.0, 0.0]])
    found = stability(refits, np.asarray([0, 1]))
    assert found.again.tolist() == [0.5, 1.0]
    assert found.overlap == 0.75
    assert found.unstable.tolist() == [False, False]


def test_equal_scores_at_the_edge_count_only_where_all_of_them_fit() -> None:
    refits = np.asarray([[5.0], [3.0], [3.0], [1.0]])
    assert stability(refits, np.asarray([0, 1])).again.tolist() == [1.0, 0.0]
    assert stability(refits, np.asarray([0, 1, 2])).again.tolist() == [1.0, 1.0, 1.0]
    assert stability(np.ones((4, 3)), np.asarray([2])).again.tolist() == [0.0]


def test_nothing_flagged_is_stable() -> None:
    assert stability(np.ones((4, 3)), np.empty(0, np.int64)).overlap == 1.0


def test_chance_does_not_come_again_and_what_holds_does() -> None:
    generator = np.random.default_rng(0)
    chance = stability(generator.random((1_000, 4)), np.arange(50))
    assert chance.overlap < 0.1
    assert chance.unstable.mean() > 0.9
    assert "do so less than half of the time" in chance.in_words("rows")
    held = generator.random((1_000, 4))
    held[:50] += 1
    sure = stability(held, np.arange(50))
    assert sure.overlap == 1.0
    assert "100% of the flags came again." in sure.in_words("rows")
