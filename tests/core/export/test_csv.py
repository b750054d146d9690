"""Exported rows: nothing that a spreadsheet would run, and figures that mean what their names say."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StorageFailed
from core.export.csv import OURS, flagged_csv, neutralise, top_columns
from core.export.detection import write_detection
from core.results import Dataset, Run, Scores
from core.specs import RunSpec
from core.storage.store import Store
from tests.conftest import add_csv


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-1+1",
        "-2-3",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\tx",
        "  =1+1",
        "\n=1+1",
        "\u00a0=1",
        "\ufeff=1",
        "-cmd",
        "+",
        "-",
        "=",
        "-1e5x",
        "-(1)",
        "-1,5+2",
        "－1＋1",
        "＝1",
        '=HYPERLINK("http://x")',
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert neutralise(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell",
    [
        "-5",
        "+5",
        "-1.5",
        "-1,5",
        "-1.234,50",
        "-1 234",
        "-1'234.5",
        "-1e-5",
        "-5%",
        "-5 %",
        " -7 ",
        "-.5",
        "-inf",
        "+Infinity",
        "",
        "a=b",
        "5-3",
        "a@b.c",
        "'=1",
        "low;-5;+3.2",
        "a; b; c",
        "2024-01-01",
        "(5)",
    ],
)
def test_numbers_and_harmless_text_stay(cell: str) -> None:
    assert neutralise(cell) == cell


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"), ("x\t=1", "x\t'=1"), ("a; @b|-c", "a; '@b|'-c")],
)
def test_a_formula_behind_another_separator_is_no_formula(cell: str, safe: str) -> None:
    assert neutralise(cell) == safe


@given(st.text(max_size=12))
def test_nothing_is_lost_and_nothing_begins_like_a_formula(cell: str) -> None:
    safe = neutralise(cell)
    assert safe.replace("'", "") == cell.replace("'", "")
    start = safe.strip()
    if start.startswith(("=", "@")):
        raise AssertionError(safe)
    if start.startswith(("+", "-")):
        assert not any(mark in start[1:].lower().replace("e-", "").replace("e+", "") for mark in "+-*/(=!|")


@given(st.floats(allow_nan=False))
def test_every_number_stays(number: float) -> None:
    assert neutralise(repr(number)) == repr(number)


def test_top_columns_are_the_largest_parts() -> None:
    names = ("a", "b", "c", "d")
    assert top_columns(np.asarray([0.1, 5, 0.2, 3], np.float32), names) == ["b", "d", "c"]
    assert top_columns(np.asarray([0, 0, 2, 0], np.float32), names) == ["c"]
    assert top_columns(np.zeros(4, np.float32), names) == []
    assert top_columns(np.ones(4, np.float32), names) == ["a", "b", "c"]


def scored(store: Store, dataset: Dataset, columns: tuple[str, ...]) -> tuple[Run, Scores]:
    """Row i has the score i; the last column explains most of it."""
    run = store.runs.submit(dataset.id, RunSpec())
    values = np.arange(dataset.rows, dtype=np.float64)
    parts = np.linspace(0.1, 1, len(columns))
    errors = (values[:, None] * parts / parts.sum()).astype(np.float32)
    keys = store.datasets.row_keys(dataset)
    return run, Scores(run.id, keys, values, columns, errors, np.zeros(dataset.rows, np.uint8))


def records(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


def test_rows_come_with_their_figures_in_the_given_order(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, 'name,n\n"Ann, ""A""",1\nBob,\n=1+1,-3\nÜmit,4\n')
    run, scores = scored(store, dataset, ("name", "n"))
    found = records(flagged_csv(store, run, dataset, scores, np.asarray([3, 2, 0])))
    assert found == [
        ["name", "n", "score", "percentile", "flag", "top_columns"],
        ["Ümit", "4", "3.0", "75.000", "1", "n; name"],
        ["'=1+1", "-3", "2.0", "50.000", "1", "n; name"],
        ['Ann, "A"', "1", "0.0", "0.000", "1", ""],
    ]
    flagged = np.asarray([False, False, False, True])
    found = records(flagged_csv(store, run, dataset, scores, np.asarray([3, 1]), flagged))
    assert [row[4] for row in found] == ["flag", "1", "0"]
    assert found[2][1] == ""


def test_headers_are_safe_and_told_apart(store: Store, tmp_path: Path) -> None:
    names = ["score", "hourglass_score", "flag", "=cmd()", "+x"]
    rows = "".join(f"{i},{i},{i},{i},{i}\n" for i in range(3))
    dataset = add_csv(store, tmp_path, ",".join(names) + "\n" + rows)
    run, scores = scored(store, dataset, tuple(names))
    header, first, *_ = records(flagged_csv(store, run, dataset, scores, np.asarray([2])))
    assert len(set(header)) == len(header) == len(names) + len(OURS)
    assert header[:5] == ["score", "hourglass_score", "flag", "'=cmd()", "'+x"]
    assert header[5:] == ["hourglass_hourglass_score", "percentile", "hourglass_flag", "top_columns"]
    assert first[-1] == "'+x; '=cmd(); flag"


def test_whether_a_flag_came_again_stands_in_a_column_of_its_own(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, "a,came_again\n1,x\n3,y\n5,z\n")
    run, scores = scored(store, dataset, ("a", "came_again"))
    again = np.asarray([0.75, 1.0, np.nan])
    found = records(flagged_csv(store, run, dataset, scores, np.asarray([2, 0, 1]), again=again))
    assert [row[-1] for row in found] == ["hourglass_came_again", "0.75", "1", ""]
    assert [row[1] for row in found] == ["came_again", "z", "x", "y"]


def test_a_target_that_cannot_be_written_is_said(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, "a,b\n1,2\n3,4\n5,7\n")
    run, scores = scored(store, dataset, ("a", "b"))
    addresses = {
        "scores": store.artifacts.put_array(store.space, scores.values),
        "column_errors": store.artifacts.put_array(store.space, scores.column_errors),
        "splits": store.artifacts.put_array(store.space, scores.splits),
    }
    store.runs.change(run.id, artifacts=addresses, summary={"columns": ["a", "b"]})
    run = store.runs.get(run.id)
    assert write_detection(store, run, dataset.id, None, 2, tmp_path / "out.csv") == ({"rows": 3, "flagged": 2}, "")
    assert [(row[0], row[3]) for row in records((tmp_path / "out.csv").read_bytes())] == [
        *(("row", "score"), ("3", "2.0"), ("2", "1.0"), ("1", "0.0")),
    ]
    with pytest.raises(StorageFailed, match=r"(?i)is a directory"):
        write_detection(store, run, dataset.id, None, 2, tmp_path)
