"""What real tables taught about kinds: names taken apart, whole numbers that count or name, codes and words in cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from core.datasets import moments
from core.datasets.kinds import infer
from core.results import Column


def columns(**cells: Sequence[object]) -> tuple[Column, ...]:
    """The columns of a table with these cells, None where empty."""
    texts = {name: [None if cell is None else str(cell) for cell in each] for name, each in cells.items()}
    return infer((name, pa.chunked_array([pa.array(each, pa.string())])) for name, each in texts.items())[0]


def column(name: str, cells: Sequence[object]) -> Column:
    return columns(**{name: cells})[0]


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


# --- words in cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [str, str.upper, str.title, lambda name: name.replace("ı", "i")])
def test_a_months_name_is_read_in_any_case_and_with_a_turkish_i_of_either_sort(write) -> None:  # type: ignore[no-untyped-def]
    for month, names in moments.MONTHS.items():
        for name in names.split():
            (form, *_) = moments.readings(np.asarray([f"5 {write(name)} 2021"], object))
            seconds = moments.under(np.asarray([f"5 {write(name)} 2021"], object), form)[0]
            assert seconds == np.datetime64(f"2021-{month:02d}-05", "s").astype(float), name


def test_the_mark_that_databases_write_for_nothing_is_missing() -> None:
    found = column("depth", ["3.5", "\\N", "4", "0.5", "\\N", "7.25"] * 4)
    assert (found.kind, found.question, found.missing_words) == ("number", "", ("\\N",))


@pytest.mark.parametrize("word", ["no", "No", "nein", "нет", "False"])
def test_no_or_nothing_is_a_boolean_as_yes_or_nothing_is(word: str) -> None:
    assert column("contained", [word, None, None] * 20).kind == "boolean"
    assert column("count", ["0", None, None] * 20).kind == "constant"
