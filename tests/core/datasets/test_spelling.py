"""Codes that another program spelt otherwise are the codes that they were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.spelling import spelling, spelt, spelt_so
from core.datasets.typed import typed
from core.results import Column, Histogram


def column(*labels: str, kind: str = "category") -> Column:
    return Column("x", kind, "feature", "", histogram=Histogram(labels=labels))  # type: ignore[arg-type]


def read(learned: Column, *cells: str | None) -> list[str | None]:
    return list(typed(spelt_so(learned), np.asarray(cells, object)).tolist())


def test_how_levels_are_spelt() -> None:
    assert spelling(column("1", "2", "-9")) == "whole"
    assert spelling(column("1.0", "2.0")) == "tenths"
    assert spelling(column("0501", "9912")) == "digits 4"
    assert spelling(column("01", "501")) == ""
    assert spelling(column("1", "2.0")) == ""
    assert spelling(column("1", "many")) == ""
    assert spelling(column()) == ""
    assert spelling(column("1", "2", kind="text")) == ""


def test_cells_are_read_as_the_levels_that_they_are() -> None:
    assert read(column("1", "2", "3"), "3.0", "3", " 3.00 ", "3.5", "three", None, "") == [
        *("3", "3", "3", "3.5", "three", None, None)
    ]
    assert read(column("1.0", "2.0"), "1", "2.0", "2.00", "x") == ["1.0", "2.0", "2.0", "x"]
    assert read(column("0501", "9912"), "501", "501.0", "0501", "9912", "-1", "12345") == [
        *("0501", "0501", "0501", "9912", "-1", "12345")
    ]
    with_word = replace(column("1", "2"), missing_words=("9",))
    assert read(with_word, "1.0", "9.0", "9") == ["1", None, None]
    assert read(column("yes", "no"), " yes") == [" yes"]  # left alone


@given(st.lists(st.integers(-999, 999), min_size=1, unique=True), st.sampled_from(["{}", "{}.0", "{:05d}"]))
def test_different_levels_stay_different_whatever_spells_them(codes: list[int], written: str) -> None:
    labels = [written.format(abs(code)) for code in codes if code >= 0] or ["0"]
    how = spelling(column(*labels))
    assert how
    for other in ("{}", "{}.0", "{}.00"):
        cells = np.asarray([other.format(int(float(label))) for label in labels], object)
        assert spelt(cells, how).tolist() == labels
