"""What is said of rows that nobody decided on: never surer than what was decided allows; and the orders of the queue."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from core.triage.judged import CONFIRMED, DISMISSED, OPEN, Judged
from core.triage.progress import progress
from core.triage.queue import ORDERS


def judged(codes: np.ndarray) -> Judged:
    return Judged(codes.astype(np.int8), np.zeros(len(codes), bool), np.zeros(len(codes), bool), {})


def test_when_all_so_far_were_confirmed_the_rest_may_be_anything() -> None:
    scores = np.arange(150, 0, -1.0)
    codes = np.full(150, OPEN)
    codes[:22] = CONFIRMED
    found = progress(np.arange(150), scores, judged(codes))
    assert found.left is not None
    assert found.left.low == 0
    assert found.left.high == 128
    assert found.precision is not None
    assert found.precision.low < 0.9


def test_what_is_left_lies_in_the_interval_however_it_falls_off() -> None:
    inside = 0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        scores = np.sort(generator.gamma(2, size=300))[::-1]
        truth = generator.random(300) < np.linspace(1, 0, 300) ** generator.uniform(0.5, 4)
        codes = np.full(300, OPEN)
        decided = int(generator.integers(12, 250))
        codes[:decided] = np.where(truth[:decided], CONFIRMED, DISMISSED)
        found = progress(np.arange(300), scores, judged(codes))
        assert found.left is not None
        assert found.next is not None
        inside += found.left.low <= truth[decided:].sum() <= found.left.high
        assert found.next.high <= 100
    assert inside >= 95


def test_too_few_decisions_say_nothing_of_the_others() -> None:
    codes = np.full(50, OPEN)
    codes[:9] = CONFIRMED
    found = progress(np.arange(50), np.arange(50.0), judged(codes))
    assert found.left is None
    assert found.next is None
    assert progress(np.empty(0, np.int64), np.empty(0), judged(np.empty(0))).precision is None


@given(some.lists(some.sampled_from([OPEN, CONFIRMED, DISMISSED]), min_size=1, max_size=60), some.integers(0, 5))
def test_intervals_hold_their_value_and_never_exceed_the_rows(codes: list[int], seed: int) -> None:
    scores = np.round(np.random.default_rng(seed).normal(size=len(codes)), 1)
    found = progress(np.arange(len(codes)), scores, judged(np.asarray(codes)))
    for each in (found.left, found.next):
        if each is not None:
            assert 0 <= each.low <= each.value + 1e-9
            assert each.value <= each.high + 1e-9
            assert each.high <= codes.count(OPEN) + 1e-9


@given(some.integers(1, 40), some.integers(0, 9))
def test_every_order_has_every_row_once(rows: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    scores, kind_of = generator.random(100), generator.integers(0, 4, 100)
    flagged = generator.choice(100, rows, replace=False)
    of_each = kind_of[flagged]
    for name, order in ORDERS.items():
        found = order(flagged, scores, of_each, 0.5)
        assert sorted(found.tolist()) == sorted(flagged.tolist()), name
    first = ORDERS["one of each kind first"](flagged, scores, of_each, 0.5)
    kinds = kind_of[first]
    assert len(set(kinds[: len(set(kinds.tolist()))].tolist())) == len(set(kinds.tolist()))


def test_rows_whose_kind_nobody_looked_at_come_after_all_others_by_their_scores() -> None:
    scores = np.asarray([9.0, 8.0, 7.0, 6.0, 5.0])
    kinds = np.asarray([-1, 0, -1, 0, 1])
    found = ORDERS["one of each kind first"](np.arange(5), scores, kinds, 0.0)
    assert found.tolist() == [1, 4, 3, 0, 2]
