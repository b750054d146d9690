"""Flagged images and events as cases: copies are one, the side and the place part them, and the name says what is wrong."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.results import Course, Scores
from core.triage.cases import Cases
from core.triage.event_cases import event_cases
from core.triage.image_cases import image_cases

GRID, NAMES = 8, ("pressure", "flow", "x" * 90, "state")
LENGTH = 16


def parts(found: Cases) -> set[frozenset[int]]:
    return {frozenset(case.rows.tolist()) for case in found.cases}


def names(found: Cases) -> dict[int, str]:
    return {int(row): case.name for case in found.cases for row in case.rows}


# --- images ---------------------------------------------------------------------------------------------


def healthy(images: int, seed: int = 0) -> np.ndarray:
    """Maps of images of which nothing is wrong."""
    generator = np.random.default_rng(seed)
    off = 0.1 + 0.02 * generator.random((images, GRID, GRID))
    return np.stack([off * generator.uniform(-0.5, 0.5, off.shape), off], axis=1).astype(np.float32)


def spoil(maps: np.ndarray, row: int, where: tuple[slice, slice], by: float, side: float = 1.0) -> None:
    maps[row, 0][where], maps[row, 1][where] = side * by, by


TOP_LEFT, TOP_RIGHT = (slice(0, 2), slice(0, 2)), (slice(0, 2), slice(6, 8))
MIDDLE, ALL = (slice(3, 5), slice(3, 5)), (slice(None), slice(None))


def test_images_are_parted_by_place_side_and_size_and_named() -> None:
    maps = healthy(200)
    for row in range(12):
        spoil(maps, row, TOP_LEFT, 2.0 + 0.1 * (row % 3))
    for row in range(12, 20):
        spoil(maps, row, TOP_LEFT, 2.0, -1.0)
    for row in range(20, 25):
        spoil(maps, row, TOP_RIGHT, 2.0)
    for row in range(25, 30):
        spoil(maps, row, MIDDLE, 2.0, 0.1)
    for row in range(30, 34):
        spoil(maps, row, ALL, 1.0)
    for row in range(34, 38):
        spoil(maps, row, TOP_LEFT, 2_000.0)
    found = image_cases(np.arange(38), np.linspace(2, 1, 38), maps)
    ranges = ((0, 12), (12, 20), (20, 25), (25, 30), (30, 34), (34, 38))
    assert parts(found) == {frozenset(range(*each)) for each in ranges}
    named = names(found)
    assert named[0] == "brighter than expected at the upper left"
    assert named[12] == "darker than expected at the upper left"
    assert named[20] == "brighter than expected at the upper right"
    assert named[25] == "unlike what was expected in the middle"
    assert named[30] == "brighter than expected over much of the image"
    assert named[34] == "brighter than expected at the upper left (2)"


def test_two_marks_far_apart_are_in_several_places_and_what_a_mark_does_elsewhere_is_not_named() -> None:
    maps = healthy(100)
    for row in range(3):
        spoil(maps, row, TOP_LEFT, 2.0)
        spoil(maps, row, (slice(6, 8), slice(6, 8)), 2.0)
    for row in range(3, 6):
        spoil(maps, row, ALL, 0.5, 0.0)
        spoil(maps, row, TOP_RIGHT, 3.0, -1.0)
    named = names(image_cases(np.arange(6), np.ones(6), maps))
    assert (named[0], named[3]) == (
        "brighter than expected in several places",
        "darker than expected at the upper right",
    )


def test_a_fault_that_lies_a_little_elsewhere_is_the_same() -> None:
    maps = healthy(100)
    for row in range(6):
        spoil(maps, row, (slice(2, 5), slice(2 + row % 2, 5 + row % 2)), 2.0)
    assert len(image_cases(np.arange(6), np.ones(6), maps).cases) == 1


def test_what_is_off_in_all_images_is_no_kind_of_its_own() -> None:
    """The edge of a shape is rebuilt badly everywhere; the fault lies elsewhere."""
    maps = healthy(100)
    maps[:, 1, :, 4] = 1.0
    for row in range(4):
        spoil(maps, row, TOP_LEFT, 1.0)
    for row in range(4, 8):
        spoil(maps, row, TOP_RIGHT, 1.0)
    found = image_cases(np.arange(8), np.ones(8), maps)
    assert parts(found) == {frozenset(range(4)), frozenset(range(4, 8))}


def test_hardly_any_image() -> None:
    maps = healthy(5)
    assert image_cases(np.empty(0, np.int64), np.empty(0), maps).cases == ()
    assert len(image_cases(np.arange(1), np.ones(1), maps).cases) == 1
    everything = image_cases(np.arange(5), np.ones(5), maps)
    assert sorted(int(row) for case in everything.cases for row in case.rows) == list(range(5))
    flat = image_cases(np.arange(3), np.zeros(3), np.zeros((3, 2, GRID, GRID), np.float32))
    assert [case.name for case in flat.cases] == ["nothing stands out"]


@settings(deadline=None)
@given(some.data())
def test_any_order_of_images_gives_the_same_cases(data: some.DataObject) -> None:
    seed, count = data.draw(some.integers(0, 1_000)), data.draw(some.integers(1, 30))
    generator = np.random.default_rng(seed)
    maps, scores = healthy(60, seed), np.round(generator.random(count), 1)
    flagged = generator.choice(60, count, replace=False)
    for row in flagged:
        top, left = generator.integers(0, 6, 2)
        where = (slice(top, top + 2), slice(left, left + 2))
        spoil(maps, int(row), where, float(generator.uniform(0, 3)), float(generator.choice([-1, 0, 1])))
    found = image_cases(flagged, scores, maps)
    order = np.asarray(data.draw(some.permutations(range(count))))
    again = image_cases(flagged[order], scores[order], maps)
    assert parts(again) == parts(found)
    assert [(case.name, case.leader) for case in again.cases] == [(case.name, case.leader) for case in found.cases]
    assert again.numbers.tolist() == found.numbers[order].tolist()


# --- events ---------------------------------------------------------------------------------------------


def series(events: list[tuple[dict[int, float], float]]) -> tuple[np.ndarray, Scores, np.ndarray, np.ndarray]:
    """A series with an event of 10 rows every 50: the columns' errors at its peak, and the side on which they lie."""
    rows = 50 * (len(events) + 1)
    errors, sides = np.full((rows, len(NAMES)), 0.2, np.float32), np.zeros((rows, len(NAMES)), np.float16)
    spans = []
    for i, (columns, side) in enumerate(events):
        first = 50 * i + 20
        spans.append((first, first + 9))
        for column, error in columns.items():
            errors[first : first + 10, column] = error / 2
            errors[first + 4, column] = error
            sides[first : first + 10, column] = side
    order = np.arange(rows)
    course = Course(order, np.zeros(rows, np.int64), order.astype(float), False, LENGTH)
    scores = Scores(
        "", order.astype(str), errors.max(axis=1).astype(float), NAMES, errors, np.zeros(rows, np.uint8), course
    )
    return np.asarray([first + 4 for first, _ in spans]), scores, sides, np.asarray(spans).reshape(-1, 2)


def test_events_are_parted_by_columns_and_sides_and_named() -> None:
    events: list[tuple[dict[int, float], float]] = [({0: 60.0 + i, 1: 99.0}, 1.0) for i in range(5)]
    events += [({0: 90.0}, 1.0)] * 4 + [({0: 90.0}, -1.0)] * 3 + [({0: 80.0}, 0.0)] * 3 + [({2: 50.0}, 0.9)] * 2
    rows, scores, sides, spans = series(events)
    found = event_cases(rows, scores, sides, spans)
    ends = np.cumsum([0, 5, 4, 3, 3, 2])
    groups = [rows[a:b] for a, b in itertools.pairwise(ends.tolist())]
    assert parts(found) == {frozenset(group.tolist()) for group in groups}
    named = names(found)
    said = [named[int(group[0])] for group in groups]
    assert said[:4] == ["flow too high, with pressure", "pressure too high", "pressure too low", "pressure unusual"]
    assert said[4].endswith("… too high")
    assert len(said[4]) < 60
    assert next(case for case in found.cases if rows[0] in case.rows).columns == ("flow", "pressure")


def test_what_swings_around_a_level_is_on_the_side_of_its_middle() -> None:
    """What is expected begins to rise before the level does, and falls after it: there the error is as large, on the other side."""
    rows, scores, sides, spans = series([({0: 40.0}, 1.0)] * 2)
    for first, last in spans.tolist():
        around = scores.column_errors[first : last + 1, 0]
        around[:] = [41, 30, 10, 25, 20, 20, 25, 10, 30, 41]
        sides[first : last + 1, 0] = [-1, -1, 0, 1, 1, 1, 1, 0, -1, -1]
    assert [case.name for case in event_cases(rows, scores, sides, spans).cases] == ["pressure too high"]
    sides[spans[1, 0] : spans[1, 1] + 1, 0] *= -1
    found = event_cases(rows, scores, sides, spans)
    assert {case.name for case in found.cases} == {"pressure too high", "pressure too low"}


def test_an_event_that_lasts_longer_is_the_same_and_any_of_its_rows_stands_for_it() -> None:
    rows, scores, sides, spans = series([({1: 40.0}, 1.0)] * 4)
    spans[0, 1] += 20
    rows[1] += 3
    found = event_cases(rows, scores, sides, spans)
    assert [case.rows.tolist() for case in found.cases] == [sorted(rows.tolist())]


def test_hardly_any_event() -> None:
    rows, scores, sides, spans = series([({0: 9.0}, 1.0)])
    assert event_cases(rows[:0], scores, sides, spans[:0]).cases == ()
    assert [case.name for case in event_cases(rows, scores, sides, spans).cases] == ["pressure too high"]


def test_rows_that_are_no_series_have_no_events() -> None:
    rows, scores, sides, spans = series([({0: 9.0}, 1.0)])
    bare = Scores("", scores.row_keys, scores.values, NAMES, scores.column_errors, scores.splits)
    with pytest.raises(ValueError, match="only a series"):
        event_cases(rows, bare, sides, spans)
