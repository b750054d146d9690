"""Flagged rows as cases: copies are one, the order of rows makes no difference, and the name says what is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import core.triage.cases
from core.results import Column, Table
from core.triage.cases import Case, Cases, cases
from core.triage.known import Known

ROWS, WIDTH = 400, 4
KINDS = ("number", "number", "datetime", "category")


def known(seed: int = 0, rows: int = ROWS, kinds: tuple[str, ...] = KINDS) -> Known:
    """Healthy rows only: numbers and dates by chance, and words of which one is rare."""
    generator = np.random.default_rng(seed)
    columns = tuple(Column("abcdefgh"[i], kind, "feature", "") for i, kind in enumerate(kinds))  # type: ignore[arg-type]
    values: dict[str, np.ndarray] = {
        column.name: generator.choice(np.asarray(["red", "green", "blue"], object), rows, p=[0.6, 0.39, 0.01])
        if column.kind == "category"
        else generator.normal(size=rows)
        for column in columns
    }
    return Known(Table(columns, values, np.arange(rows).astype(str)), np.zeros((rows, 2), np.float32))


def grouped(rows: Known, wrong: dict[int, list[int]], scores: np.ndarray | None = None) -> Cases:
    """wrong: by flagged row the columns that have its score in equal parts."""
    flagged = np.asarray(list(wrong), np.int64)
    errors = np.full((len(flagged), len(rows.table.columns)), 0.01, np.float32)
    for i, columns in enumerate(wrong.values()):
        errors[i, columns] = 1.0
    return cases(rows, flagged, errors.sum(axis=1).astype(float) if scores is None else scores, errors)


def parts(found: Cases) -> set[frozenset[int]]:
    return {frozenset(case.rows.tolist()) for case in found.cases}


def of(found: Cases, row: int) -> Case:
    return next(case for case in found.cases if row in case.rows)


def test_two_faults_and_a_single_one_are_three_cases_with_names() -> None:
    rows = known()
    values = rows.table.values
    values["a"][:30] = 40 + np.random.default_rng(1).normal(size=30)
    values["b"][30:50] = -3.0
    values["c"][30:50] = 40.0
    values["d"][50] = "blue"
    found = grouped(rows, {**{i: [0] for i in range(30)}, **{i: [1, 2] for i in range(30, 50)}, 50: [3]})
    assert parts(found) == {frozenset(range(30)), frozenset(range(30, 50)), frozenset({50})}
    assert of(found, 0).name == "a far too high"
    assert of(found, 30).name.startswith("c far too late")
    assert of(found, 50).name == "d blue"
    assert of(found, 0).count == 30


def test_the_other_side_is_another_case() -> None:
    rows = known()
    rows.table.values["a"][:10] = 30.0
    rows.table.values["a"][10:20] = -30.0
    found = grouped(rows, {i: [0] for i in range(20)})
    assert parts(found) == {frozenset(range(10)), frozenset(range(10, 20))}
    assert {case.name for case in found.cases} == {"a far too high", "a far too low"}


def test_what_is_a_thousand_times_as_far_out_is_another_case() -> None:
    rows = known()
    rows.table.values["a"][:10] = 30.0
    rows.table.values["a"][10:20] = 30_000.0
    found = grouped(rows, {i: [0] for i in range(20)})
    assert parts(found) == {frozenset(range(10)), frozenset(range(10, 20))}
    assert sorted(case.name for case in found.cases) == ["a far too high", "a far too high (2)"]


def test_missing_cells_and_words_that_no_healthy_row_has() -> None:
    rows = known()
    rows.table.values["b"][:7] = np.nan
    rows.table.values["d"][7:14] = ["x1", "x2", "x3", "x4", "x5", "x6", "x7"]
    rows.table.values["d"][14:20] = None
    found = grouped(rows, {**{i: [1] for i in range(7)}, **{i: [3] for i in range(7, 20)}})
    assert parts(found) == {frozenset(range(7)), frozenset(range(7, 14)), frozenset(range(14, 20))}
    assert of(found, 0).name == "b missing"
    assert of(found, 7).name == "d never seen so"
    assert of(found, 14).name == "d missing"


def test_cases_are_in_the_order_of_their_strangest_rows() -> None:
    rows = known()
    rows.table.values["a"][:4] = 30.0
    rows.table.values["b"][4:6] = 30.0
    scores = np.asarray([1.0, 9.0, 2.0, 3.0, 8.0, 8.5])
    found = grouped(rows, {**{i: [0] for i in range(4)}, 4: [1], 5: [1]}, scores)
    assert [case.leader for case in found.cases] == [1, 5]
    assert found.cases[0].rows.tolist() == [1, 3, 2, 0]
    assert found.numbers.tolist() == [0, 0, 0, 0, 1, 1]
    assert found.cases[0].columns == ("a",)


@pytest.mark.parametrize("flagged", [0, 1, 2])
def test_hardly_any_row(flagged: int) -> None:
    rows = known()
    rows.table.values["a"][:flagged] = 50.0
    found = grouped(rows, {i: [0] for i in range(flagged)})
    assert len(found.numbers) == flagged
    assert len(found.cases) == min(flagged, 1)


def test_one_column_and_all_rows_flagged() -> None:
    rows = known(rows=20, kinds=("number",))
    rows.table.values["a"][:3] = 1e6
    found = grouped(rows, {i: [0] for i in range(20)})
    assert frozenset(range(3)) in parts(found)
    assert sorted(i for case in found.cases for i in case.rows) == list(range(20))


def test_rows_without_any_error_are_one_case() -> None:
    rows = known()
    found = cases(rows, np.arange(5), np.zeros(5), np.zeros((5, WIDTH), np.float32))
    assert [case.name for case in found.cases] == ["no column stands out"]
    assert found.cases[0].columns == ()


@pytest.mark.parametrize("block", [3, 10])
def test_copies_are_one_case_however_many_rows_are_looked_at_at_once(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.triage.cases, "BLOCK", block)
    rows = known()
    rows.table.values["a"][:40:2] = 30.0
    rows.table.values["b"][1:40:2] = -30.0
    found = grouped(rows, {i: [i % 2] for i in range(40)})
    assert parts(found) == {frozenset(range(0, 40, 2)), frozenset(range(1, 40, 2))}


@settings(deadline=None)
@given(some.data())
def test_any_order_gives_the_same_cases(data: some.DataObject) -> None:
    """Of flagged rows, and of the whole table; ties of scores among them."""
    seed, count = data.draw(some.integers(0, 1_000)), data.draw(some.integers(1, 40))
    generator = np.random.default_rng(seed)
    rows = known(seed)
    flagged = generator.choice(ROWS, count, replace=False)
    for name in "abc":
        changed = flagged[generator.random(count) < 0.4]
        rows.table.values[name][changed] = generator.choice([30.0, -30.0, np.nan, np.inf, 1e300], len(changed))
    rows.table.values["d"][flagged[generator.random(count) < 0.2]] = None
    errors = np.round(generator.random((count, WIDTH)) ** 4, 1).astype(np.float32)
    scores = np.round(errors.sum(axis=1).astype(float))
    found = cases(rows, flagged, scores, errors)
    order = np.asarray(data.draw(some.permutations(range(count))))
    again = cases(rows, flagged[order], scores[order], errors[order])
    assert parts(again) == parts(found)
    assert [(case.name, case.leader) for case in again.cases] == [(case.name, case.leader) for case in found.cases]
    assert again.numbers.tolist() == found.numbers[order].tolist()
    mixed = generator.permutation(ROWS)
    table = Table(
        rows.table.columns,
        {name: cells[mixed] for name, cells in rows.table.values.items()},
        rows.table.row_keys[mixed],
    )
    moved = cases(Known(table, rows.codes), np.argsort(mixed)[flagged], scores, errors)
    assert {frozenset(mixed[list(part)].tolist()) for part in parts(moved)} == parts(found)


@settings(deadline=None)
@given(some.integers(0, 1_000), some.integers(2, 30))
def test_copies_are_one_case(seed: int, copies: int) -> None:
    generator = np.random.default_rng(seed)
    rows = known(seed)
    values = rows.table.values
    for name in "abc":
        values[name][:20] = generator.normal(scale=20, size=20)
        values[name][20 : 20 + copies] = values[name][0]
    values["d"][20 : 20 + copies] = values["d"][0]
    errors = generator.random((20 + copies, WIDTH)).astype(np.float32)
    errors[20:] = errors[0]
    found = cases(rows, np.arange(20 + copies), errors.sum(axis=1).astype(float), errors)
    assert len(set(found.numbers[[0, *range(20, 20 + copies)]].tolist())) == 1


def test_long_names_are_cut_and_alike_names_numbered() -> None:
    rows = known(kinds=("number",))
    column = Column("x" * 90, "number", "feature", "")
    values = rows.table.values["a"]
    values[:3], values[3:6] = 50.0, 5e6
    table = Table((column,), {column.name: values}, rows.table.row_keys)
    found = grouped(Known(table, rows.codes), {i: [0] for i in range(6)})
    names = [case.name for case in found.cases]
    assert len(set(names)) == 2
    assert all(len(name) < 70 for name in names)
