"""What a run's scores say of themselves."""

from __future__ import annotations

import numpy as np
import pytest

from core.results import Course, Scores, share_below


def scores(values: list[float], course: Course | None = None) -> Scores:
    found = np.asarray(values)
    keys = np.arange(len(values)).astype(str)
    errors = found[:, None].astype(np.float32)
    return Scores("r", keys, found, ("a",), errors, np.zeros(len(values), np.uint8), course)


def test_a_percentile_is_the_share_with_a_lower_score() -> None:
    assert scores([4.0, 1.0, 3.0, 2.0]).percentiles.tolist() == [75, 0, 50, 25]
    assert scores([5.0, 5.0, 1.0, 5.0]).percentiles.tolist() == [25, 25, 0, 25]  # as strange is not stranger
    assert scores([7.0]).percentiles.tolist() == [0]


def test_no_row_is_rounded_up_to_stranger_than_all() -> None:
    many = scores(np.arange(300_000.0).tolist())
    assert many.percentiles.max() == 99.999
    assert many.less_strange(299_999.0) == pytest.approx(299_999 / 300_000)


def test_rows_that_were_not_looked_at_count_for_nothing() -> None:
    course = Course(np.asarray([1, 3]), np.zeros(2, np.int64), np.zeros(2), False, 2)
    found = scores([0.0, 1.0, 0.0, 2.0], course)
    assert found.percentiles.tolist() == [0, 0, 0, 50]
    assert found.less_strange(2.0) == 0.5


def test_a_row_reaches_a_cut_exactly_where_it_reaches_its_percentile() -> None:
    found = scores(np.random.default_rng(0).integers(0, 30, 200).astype(float).tolist())
    for cut in (0.0, 3.5, 7.0, 12.25, 28.0):
        share = found.less_strange(cut)
        by_share = share_below(found.values, found.ordered) >= share
        assert by_share.tolist() == (found.values >= cut).tolist()
        assert (found.values >= found.score_at(share)).tolist() == by_share.tolist()
    assert found.score_at(1.0) == found.values.max()
