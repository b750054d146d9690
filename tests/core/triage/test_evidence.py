"""What speaks for a row: cells beside like rows, lone values, neighbours, and the smallest change that was checked by scoring it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.results import Column, Histogram, Table
from core.triage.evidence import Evidence, drops, evidence, usual_otherwise
from core.triage.known import Known, changed
from core.triage.lone import lone
from core.triage.sentence import percent, sentence

ROWS = 300


def known(seed: int = 0) -> Known:
    """Two numbers of which the second is twice the first, a category that goes by the first, a date and a boolean of chance."""
    generator = np.random.default_rng(seed)
    first = generator.normal(size=ROWS)
    columns = tuple(
        Column(name, kind, "feature", "", histogram=Histogram(labels=("nein", "ja") if kind == "boolean" else ()))  # type: ignore[arg-type]
        for name, kind in (("a", "number"), ("b", "number"), ("c", "category"), ("d", "datetime"), ("e", "boolean"))
    )
    values = {
        "a": first,
        "b": 2 * first + generator.normal(scale=0.1, size=ROWS),
        "c": np.where(first > 0, "high", "low").astype(object),
        "d": 1.6e9 + generator.random(ROWS) * 1e7,
        "e": (generator.random(ROWS) < 0.5).astype(float),
    }
    table = Table(columns, values, np.asarray([f"r{i}" for i in range(ROWS)]))
    return Known(table, np.stack([first, first**2], axis=1).astype(np.float32))


def scored(table: Table) -> np.ndarray:
    """How far the second number is from twice the first, and the category from its sign."""
    a, b = (np.nan_to_num(table.values[name].astype(float), nan=9.0, posinf=1e9, neginf=-1e9) for name in "ab")
    wrong = np.asarray([word != ("high" if x > 0 else "low") for word, x in zip(table.values["c"], a, strict=True)])
    return np.abs(b - 2 * a) + 3.0 * wrong


def asked(rows: Known, row: int, threshold: float = 1.0) -> Evidence:
    scores = scored(rows.table)
    a = float(np.nan_to_num(rows.table.values["a"][row]))
    expected = [a, 2 * a, "high" if a > 0 else "low", 1.6e9, 1.0]
    shares = np.asarray([0.2, 0.5, 0.3, 0.0, 0.0]) * scores[row]
    return evidence(
        rows, row, scores < threshold, shares, [str(each) for each in expected], expected, scored, threshold
    )


def test_a_broken_combination_is_none_of_one_value_and_is_mended_by_one_change() -> None:
    rows = known()
    row = int(np.abs(rows.table.values["a"] - 1).argmin())
    rows.table.values["b"][row] = -2.0
    found = asked(rows, row)
    assert found.lone == ()
    assert found.cells[0].column == "b"
    assert found.cells[0].actual == "-2"
    low, high = map(float, found.cells[0].usual.split(" to "))
    assert 1 < low < 2 < high < 3
    assert found.counterfactual is not None
    assert [each.column for each in found.counterfactual.changes] == ["b"]
    assert found.counterfactual.score < 1
    assert float(found.counterfactual.changes[0].after) in [
        float(f"{v:.6g}") for v in np.delete(rows.table.values["b"], row)
    ]
    for near in found.near:
        assert near.differs[found.near_columns.index("b")]
        assert not near.differs[found.near_columns.index("a")]
        assert near.row != row
    words = sentence(found, "Row 1", ROWS, 4.0, 0.997, 1.0)
    assert "No value alone is unusual" in words
    assert "With b " in words
    assert "99.7 % of 300 rows" in words


def test_the_column_that_mends_the_row_is_named_first_whatever_its_share() -> None:
    rows = known()
    row = int(np.abs(rows.table.values["a"] - 1).argmin())
    rows.table.values["b"][row] = -2.0
    scores = scored(rows.table)
    shares = np.asarray([0.9, 0.1, 0.0, 0.0, 0.0]) * scores[row]
    a = float(rows.table.values["a"][row])
    expected = [a, 2 * a, "high", 1.6e9, 1.0]
    found = evidence(rows, row, scores < 1, shares, [str(each) for each in expected], expected, scored, 1.0)
    assert found.cells[0].column == "b"
    assert found.cells[0].drop > 0.9
    assert found.cells[0].share == pytest.approx(0.1)
    assert sorted((cell.drop for cell in found.cells), reverse=True) == [cell.drop for cell in found.cells]
    words = sentence(found, "x", ROWS, 4.0, 0.9, 1.0)
    assert "The score would fall most with a usual value in b -2" in words
    assert f"with {found.cells[0].instead})" in words  # the value that was tried, not what is usual somewhere else
    assert found.cells[0].falls >= found.cells[0].drop


def test_what_is_usual_otherwise_does_not_follow_the_wrong_cell() -> None:
    rows = known()
    row = int(np.abs(rows.table.values["a"] - 1).argmin())
    rows.table.values["b"][row] = -2.0
    rows.table.values["c"][row] = None
    healthy = np.arange(ROWS) != row
    found = usual_otherwise(rows, row, healthy)
    assert 1 < float(str(found[1])) < 2.5
    assert found[2] == "high"
    assert usual_otherwise(rows, row, ~healthy & (np.arange(ROWS) < 0)) == [None] * 5


def test_a_drop_is_the_mean_over_what_may_be_usual_and_is_asked_for_once() -> None:
    rows = known()
    rows.table.values["a"][5], rows.table.values["b"][5], rows.table.values["c"][5] = 1.0, 6.0, "high"
    calls = []

    def counted(table: Table) -> np.ndarray:
        calls.append(len(table))
        return scored(table)

    lost, best, asked = drops(
        rows.table, 5, np.asarray([1, 2]), [[0.0, 2.0, "high", 0.0, 0.0], [0.0, 4.0, None, 0.0, 0.0]], counted
    )
    assert lost.tolist() == pytest.approx([0.0, 0.75, 0.0, 0.0, 0.0])
    assert best == {1: (2.0, pytest.approx(1.0))}
    assert asked == 2
    assert calls == [3]


def test_two_cells_have_to_change_where_one_does_not_do() -> None:
    rows = known()
    row = int(np.abs(rows.table.values["a"] - 1).argmin())
    rows.table.values["b"][row] = 9.0  # twice no first number
    rows.table.values["c"][row] = "low"
    found = asked(rows, row)
    assert found.counterfactual is not None
    names = {each.column for each in found.counterfactual.changes}
    assert len(names) == 2


def test_one_cell_changes_where_it_is_the_other_two_that_go_together() -> None:
    rows = known()
    row = int(np.abs(rows.table.values["a"] - 1).argmin())
    rows.table.values["b"][row] = -2.0
    rows.table.values["c"][row] = "low"
    found = asked(rows, row)
    assert found.counterfactual is not None
    assert [each.column for each in found.counterfactual.changes] == ["a"]


@pytest.mark.parametrize("seed", range(6))
def test_one_change_is_found_wherever_one_is_enough_and_the_nearest_of_its_column(seed: int) -> None:
    """Beside all values that healthy rows have, tried one by one."""
    rows, generator = known(seed), np.random.default_rng(seed)
    row = int(generator.integers(ROWS))
    rows.table.values["b"][row] = 2 * rows.table.values["a"][row] + generator.choice([-1.5, 1.5])
    threshold = 0.35  # narrow: few of three hundred values will do
    healthy = (scored(rows.table) < threshold) & (np.arange(ROWS) != row)
    plans = [
        ((i, value),)
        for i, column in enumerate(rows.table.columns)
        for value in set(rows.table.values[column.name][healthy].tolist()) - {rows.table.values[column.name][row]}
    ]
    told = scored(changed(rows.table, row, plans))
    enough = [plan[0] for plan, score in zip(plans, told, strict=True) if score < threshold]
    found = asked(rows, row, threshold).counterfactual
    assert enough
    assert found is not None
    assert len(found.changes) == 1
    change = found.changes[0]
    i = [column.name for column in rows.table.columns].index(change.column)
    mine = rows.table.values[change.column][row]
    will_do = [value for k, value in enough if k == i]
    if change.column in ("a", "b"):
        nearest = min(will_do, key=lambda value: abs(value - mine))
        between = np.sort(rows.table.values[change.column])
        steps = np.searchsorted(between, [float(change.after), nearest])
        assert abs(int(steps[1] - steps[0])) <= 2
    else:
        assert change.after in will_do


def test_a_value_beyond_all_others_is_strange_by_itself() -> None:
    rows = known()
    rows.table.values["b"][7] = 1e6
    rows.table.values["c"][7] = "never seen"
    rows.table.values["d"][7] = np.nan
    found = asked(rows, 7)
    assert [each.column for each in found.lone] == ["b", "c", "d"] or {each.column for each in found.lone} == {
        "b",
        "c",
        "d",
    }
    how = {each.column: each.how for each in found.lone}
    assert how["b"].startswith("the highest of healthy rows is")
    assert how["c"] == "no healthy row has this value"
    assert how["d"] == "every healthy row has a value"
    assert "3 values are unusual by themselves" in sentence(found, "Row 8", ROWS, 9.0, 1.0, 1.0)


def test_hardly_any_healthy_row_has_a_value_that_is_called_strange() -> None:
    called = []
    for seed in range(3):
        rows = known(seed)
        for row in range(ROWS):
            healthy = np.ones(ROWS, bool)
            healthy[row] = False
            called.append(bool(lone(rows, row, healthy)))
    assert np.mean(called) <= 0.05


def test_nobody_healthy_and_nothing_to_change() -> None:
    rows = known()
    found = asked(rows, 3, threshold=-1.0)
    assert found.near == ()
    assert found.counterfactual is None
    assert found.lone == ()
    assert "No change of up to three columns" in sentence(found, "Row 4", ROWS, 4.0, 0.5, -1.0)


@given(
    some.integers(0, ROWS - 1),
    some.sampled_from("abcde"),
    some.sampled_from([np.nan, np.inf, -np.inf, 1e300, 0.0, None]),
)
def test_no_cell_breaks_it(row: int, name: str, value: object) -> None:
    rows = known()
    numeric = rows.table.values[name].dtype.kind == "f"
    if name == "e" and value not in (0.0, None):
        value = np.nan
    rows.table.values[name][row] = (
        (np.nan if value is None else value) if numeric else (None if value is None else "other")
    )
    found = asked(rows, row)
    assert all(np.isfinite(cell.share) for cell in found.cells)
    assert "nan" not in sentence(found, "x", ROWS, 1.0, 0.5, 1.0).lower()


@pytest.mark.parametrize(
    ("share", "words"),
    [(1.0, "100 %"), (0.9999, "99.99 %"), (0.5, "50 %"), (0.0, "0 %"), (0.9999999, "more than 99.999 %")],
)
def test_a_share_is_never_rounded_up_to_all(share: float, words: str) -> None:
    assert percent(share) == words
