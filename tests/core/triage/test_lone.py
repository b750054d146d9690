"""A value that is strange by itself comes with how the healthy rows' values are spread; text that can't be read is said as it is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.triage.counterfactual import Change
from core.triage.evidence import evidence
from core.triage.known import Known, Unread
from core.triage.lone import BARS, DRAWN, LEVELS, lone
from core.triage.sentence import HOW_OFTEN, sentence
from tests.core.triage.test_evidence import ROWS, known, scored


def healthy_but(row: int) -> np.ndarray:
    return np.arange(ROWS) != row


def test_a_number_far_out_comes_with_the_healthy_rows_histogram() -> None:
    rows = known()
    rows.table.values["b"][7] = 40.0
    (found,) = lone(rows, 7, healthy_but(7))
    others = np.delete(rows.table.values["b"], 7)
    assert found.histogram is not None
    assert (found.column, found.kind, found.at) == ("b", "number", 40.0)
    assert len(found.histogram.counts) == BARS
    assert found.histogram.edges[0] == others.min()
    assert found.histogram.edges[-1] == others.max()
    expected, _ = np.histogram(others, np.asarray(found.histogram.edges))
    assert list(found.histogram.counts) == expected.tolist()
    assert found.histogram.other == 0
    assert lone(rows, 8, healthy_but(8)) == []  # nothing strange: nothing to draw


def test_a_healthy_row_far_out_does_not_flatten_the_bars_and_is_counted() -> None:
    rows = known()
    rows.table.values["b"][3] = 1e9
    rows.table.values["b"][7] = -1e300
    (found,) = [each for each in lone(rows, 7, healthy_but(7)) if each.column == "b"]
    assert found.histogram is not None
    assert found.histogram.edges[-1] < 100
    assert found.histogram.other >= 1
    assert sum(found.histogram.counts) + found.histogram.other == ROWS - 1


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1.7e308])
def test_what_is_told_is_finite(value: float) -> None:
    rows = known()
    rows.table.values["b"][7] = value
    rows.table.values["b"][8] = 1e308
    for each in lone(rows, 7, healthy_but(7)):
        assert np.isfinite(each.at)
        assert each.histogram is not None
        assert np.isfinite(each.histogram.edges).all()


def test_a_category_nobody_has_is_the_last_bar_and_an_empty_cell_stands_beside_the_filled() -> None:
    rows = known()
    rows.table.values["c"][:200] = np.asarray([f"k{i % 9}" for i in range(200)], object)
    rows.table.values["c"][7] = "<b>never</b>"
    rows.table.values["d"][7] = np.nan
    found = {each.column: each for each in lone(rows, 7, healthy_but(7))}
    c, d = found["c"].histogram, found["d"].histogram
    assert c is not None
    assert d is not None
    assert len(c.labels) == LEVELS
    assert c.labels[int(found["c"].at)] == "<b>never</b>"
    assert c.counts[int(found["c"].at)] == 0
    assert sum(c.counts) + c.other == ROWS - 1
    assert list(c.counts[:-1]) == sorted(c.counts[:-1], reverse=True)
    assert d.labels == ("a value", "(empty)")
    assert d.counts == (ROWS - 1, 0)
    assert found["d"].at == 1


def test_a_code_of_its_own_is_not_strange_where_most_rows_have_one() -> None:
    rows = known()
    rows.table.values["c"][:] = np.asarray([f"z{i}" for i in range(ROWS)], object)
    assert "c" not in {each.column for each in lone(rows, 7, healthy_but(7))}
    rows = known()
    rows.table.values["c"][:] = "z"
    rows.table.values["c"][7] = "y"
    assert "c" in {each.column for each in lone(rows, 7, healthy_but(7))}


def test_only_the_first_three_are_drawn() -> None:
    rows = known()
    rows.table.values["a"][7], rows.table.values["b"][7], rows.table.values["d"][7] = 1e5, 1e6, np.nan
    rows.table.values["c"][7] = "other"
    found = lone(rows, 7, healthy_but(7))
    assert [each.histogram is not None for each in found] == [True] * DRAWN + [False]


def with_text(rows: Known, row: int, others: int = 0) -> dict[str, Unread]:
    """Text in `b` of a row, and of so many others."""
    which = np.arange(ROWS) == row
    which[np.flatnonzero(~which)[:others]] = True
    rows.table.values["b"][which] = np.nan
    return {"b": Unread("heavy", which)}


def test_text_that_cannot_be_read_is_strange_by_itself_where_it_is_rare() -> None:
    rows = known()
    (found,) = lone(rows, 7, healthy_but(7), with_text(rows, 7))
    assert (found.value, found.how) == (
        "heavy",
        "can't be read as a number, so taken as empty; no healthy row has such a cell",
    )
    assert found.histogram is not None
    assert found.histogram.counts == (ROWS - 1, 0, 0)
    assert found.histogram.labels[int(found.at)] == "text that can't be read"
    rows = known()
    assert lone(rows, 7, healthy_but(7), with_text(rows, 7, others=60)) == []


@pytest.mark.parametrize("others", [0, 60])
def test_the_ticket_says_the_files_own_text(others: int) -> None:
    rows = known()
    unread = with_text(rows, 7, others)
    a = float(rows.table.values["a"][7])
    expected = [a, 2 * a, "high" if a > 0 else "low", 1.6e9, 1.0]
    healthy = (scored(rows.table) < 1) | np.isnan(rows.table.values["b"])
    shares = np.asarray([0.2, 0.5, 0.3, 0.0, 0.0])
    found = evidence(rows, 7, healthy, shares, [str(e) for e in expected], expected, scored, 1.0, unread)
    cell = next(each for each in found.cells if each.column == "b")
    assert (cell.actual, cell.unread) == ("heavy", "number")
    assert {each.unread for each in found.cells if each.column != "b"} == {""}
    words = sentence(found, "Row 8", ROWS, 9.0, 0.99, 1.0)
    assert words.count("can't be read as a number, so taken as empty") == 1
    assert "b heavy" in words
    assert "b (empty)" not in words
    assert ("No value alone is unusual" in words) == bool(others)
    assert found.counterfactual is not None
    assert all(each.before == "heavy" for each in found.counterfactual.changes if each.column == "b")
    assert Change("b", "heavy", found.counterfactual.changes[0].after) in found.counterfactual.changes


def test_how_often_a_change_is_found_is_said_as_it_was_measured() -> None:
    kept = Path(__file__).resolve().parents[3] / "benchmarks" / "results" / "triage.json"
    none, one, two, three = json.loads(kept.read_text())["figures"]["counterfactuals"]
    found = one + two + three
    assert f"of the {none + found} strangest rows" in HOW_OFTEN
    assert f"one was found for {found}, for {one} of them in one column" in HOW_OFTEN


def test_an_empty_category_is_said_as_an_empty_number_is() -> None:
    rows = known()
    rows.table.values["c"][7] = None
    found = {each.column: each.how for each in lone(rows, 7, healthy_but(7))}
    assert found["c"] == "every healthy row has a value"
