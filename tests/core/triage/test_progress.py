"""What is said of rows that nobody decided on: never surer than what was decided allows; and the orders of the queue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
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


Truth = Callable[[np.random.Generator, np.ndarray], np.ndarray]  # places in a queue from 0 to 1 → chances
SHAPES: dict[str, Truth] = {
    "all alike": lambda generator, at: np.full(len(at), generator.uniform(0.05, 0.98)),
    "evenly": lambda generator, at: generator.uniform(0.5, 1) + at * (generator.uniform(0, 0.5) - 0.75),
    "late or early": lambda generator, at: (1 - at) ** generator.uniform(0.3, 4),
    "by halves": lambda generator, at: generator.uniform(0.5, 1) * np.exp(-at * generator.uniform(0.2, 4)),
}


@pytest.mark.parametrize("order", ["strangest first", "by chance"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_guess_is_near_what_is_left_and_narrower_than_what_cannot_be_ruled_out(shape: str, order: str) -> None:
    inside, wide, before, away = [], [], [], []
    for seed in range(50):
        generator = np.random.default_rng(seed)
        rows = int(generator.integers(150, 600))
        truth = generator.random(rows) < np.clip(SHAPES[shape](generator, np.arange(rows) / rows), 0, 1)
        some = np.arange(rows) if order == "strangest first" else generator.permutation(rows)
        some = some[: int(generator.integers(15, 0.7 * rows))]
        codes = np.full(rows, OPEN)
        codes[some] = np.where(truth[some], CONFIRMED, DISMISSED)
        found = progress(np.arange(rows), np.arange(rows, 0, -1.0), judged(codes))
        for guess, least, asked in (
            (found.left_guess, found.left, truth[codes == OPEN]),
            (found.next_guess, found.next, truth[codes == OPEN][:100]),
        ):
            assert guess is not None
            assert least is not None
            inside.append(guess.low <= asked.sum() <= guess.high)
            wide.append((guess.high - guess.low) / len(asked))
            before.append((least.high - least.low) / len(asked))
            away.append((guess.value - asked.sum()) / len(asked))
    assert np.mean(inside) >= 0.9
    assert np.mean(wide) < np.mean(before)
    assert abs(np.mean(away)) < 0.1
    assert np.mean(np.abs(away)) < 0.15


def test_what_is_left_is_guessed_where_the_strangest_were_reviewed() -> None:
    truth = np.random.default_rng(0).random(400) < 0.96
    truth[:100] = np.arange(100) % 25 != 20  # 96 of them
    codes = np.full(400, OPEN)
    codes[:100] = np.where(truth[:100], CONFIRMED, DISMISSED)
    found = progress(np.arange(400), np.arange(400, 0, -1.0), judged(codes))
    assert found.left_guess is not None
    assert found.next_guess is not None
    assert abs(found.left_guess.value - truth[100:].sum()) < 30
    assert abs(found.next_guess.value - truth[100:200].sum()) < 5
    assert found.next_guess.low > 50
    assert found.below == 300


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
    for each in (found.left, found.next, found.left_guess, found.next_guess):
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
