"""Flagged rows of a series as events, and thresholds that count them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.results import Course, Scores
from core.scoring.events import Events, event_numbers, events, spans
from core.thresholds import Given, decide, not_as_asked


def course(stretch: list[int], length: int = 8, rows: list[int] | None = None) -> Course:
    count = len(stretch)
    order = np.arange(count) if rows is None else np.asarray(rows)
    return Course(order, np.asarray(stretch), 1_000.0 + 60 * np.arange(count), True, length)


def scored(values: list[float], of: Course) -> Scores:
    errors = np.column_stack([values, np.asarray(values) / 2, np.asarray(values) / 8]).astype(np.float32)
    keys = np.arange(len(values)).astype(str)
    return Scores("r", keys, np.asarray(values, float), ("a", "b", "c"), errors, np.zeros(len(values), np.uint8), of)


def test_rows_less_than_half_a_window_apart_are_one_event() -> None:
    flagged = np.zeros(30, bool)
    flagged[[3, 4, 8, 13, 29]] = True  # 4 apart: one; 5 apart: another
    assert spans(course([0] * 30), flagged).tolist() == [[3, 8], [13, 13], [29, 29]]


def test_an_event_ends_with_its_stretch() -> None:
    flagged = np.ones(6, bool)
    assert spans(course([0, 0, 1, 1, 1, 2]), flagged).tolist() == [[0, 1], [2, 4], [5, 5]]


def test_an_event_says_when_and_where_and_which_columns() -> None:
    values = [0.5] * 20
    values[4:7] = [2.0, 9.0, 3.0]
    values[15] = 30.0
    found = events(scored(values, course([0] * 20)), 2.0)
    assert [(event.first, event.last, event.peak, event.rows) for event in found] == [(15, 15, 15, 1), (4, 6, 5, 3)]
    assert found[1].start == 1_000 + 4 * 60
    assert found[1].end == 1_000 + 6 * 60
    assert found[1].columns == (("a", 9.0), ("b", 4.5))  # an eighth has part in it only by a little


def test_rows_are_named_as_the_dataset_has_them_not_by_their_time() -> None:
    of = course([0] * 4, rows=[3, 2, 1, 0])
    found = events(scored([9.0, 8.0, 0.0, 0.0], of), 5.0)
    assert (found[0].first, found[0].last, found[0].peak) == (1, 0, 0)


def test_rows_by_themselves_have_no_events() -> None:
    alone = Scores("r", np.asarray(["a"]), np.ones(1), ("x",), np.ones((1, 1), np.float32), np.zeros(1, np.uint8))
    assert events(alone, 0.0) == ()


@given(st.lists(st.floats(0, 100), min_size=1, max_size=120), st.integers(1, 10))
def test_a_number_to_review_is_never_exceeded_but_by_ties(values: list[float], most: int) -> None:
    of = course([i // 40 for i in range(len(values))])
    scores = np.asarray(values)
    value, flagged = decide(Given(scores, Events(of)), "count", {"rows": most})
    assert flagged == len(spans(of, scores >= value))
    assert flagged <= most or value == scores.max()
    assert (not_as_asked(Given(scores, Events(of)), "count", {"rows": most}, value) == "") == (flagged == most)


def test_as_many_events_are_flagged_as_can_be_reviewed() -> None:
    values = np.ones(1_000)
    peaks = np.arange(10, 1_000, 50)
    values[peaks] = 2.0 + np.arange(len(peaks))
    value, flagged = decide(Given(values, Events(course([0] * 1_000))), "count", {"rows": 5})
    assert flagged == 5
    assert value == np.sort(values)[-5]
    unit = Events(course([0] * 1_000))
    assert not_as_asked(Given(values, unit), "count", {"rows": 5}, value) == ""
    values[peaks[:10]] = values[peaks].max()
    value, flagged = decide(Given(values, unit), "count", {"rows": 5})
    said = not_as_asked(Given(values, unit), "count", {"rows": 5}, value)
    assert said == "11 events flagged rather than 5: 11 rows share the score at the threshold"
    value, flagged = decide(Given(values, unit), "count", {"rows": 50})
    assert flagged == len(peaks)  # not one, of all rows
    said = not_as_asked(Given(values, unit), "count", {"rows": 50}, value)
    assert said == "20 events flagged rather than 50: with lower scores they would only grow together"


def test_a_budget_beyond_all_events_flags_the_cut_with_the_most() -> None:
    values = np.random.default_rng(0).gamma(2.0, size=600)
    unit = Events(course([0] * 600))
    most = max(unit.count(values >= cut) for cut in values)
    value, flagged = decide(Given(values, unit), "count", {"rows": most + 50})
    assert 0.9 * most <= flagged <= most
    assert (values >= value).mean() < 0.5


def test_each_row_of_an_event_has_its_number() -> None:
    values = [0.5] * 30
    values[4:7] = [2.0, 9.0, 3.0]
    values[20] = 30.0
    found = event_numbers(scored(values, course([0] * 30)), 2.0)
    assert found is not None
    assert np.flatnonzero(found == 1).tolist() == [20]
    assert np.flatnonzero(found == 2).tolist() == [4, 5, 6]
    assert (found > 0).sum() == 4
