"""A mark of missing cells is a difference between rows only where something tells that they are missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame

ROWS = 600


def frame(seed: int = 0) -> pd.DataFrame:
    """A number, a name that tells of gaps, and two that stand in the same rows; none is missing yet."""
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "size": draw.normal(50, 9, ROWS),
            "group": draw.choice(["old", "new", "none"], ROWS),
            "first": draw.normal(0, 1, ROWS),
            "second": draw.normal(0, 1, ROWS),
        }
    )


def counted(table: pd.DataFrame) -> set[str]:
    """The columns whose mark of missing cells counts."""
    layout = Encoder.fit(table_from_frame(table)).layout
    last = {block.column: block for block in layout.blocks}  # the mark is a column's last block
    several = {block.column for block in layout.blocks[:-1] if block is not last[block.column]}
    return {name for name, block in last.items() if name in several and block.weight > 0}


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_what_is_missing_at_random_is_no_difference(share: float) -> None:
    table = frame().drop(columns="group")
    assert counted(table.mask(np.random.default_rng(1).random(table.shape) < share)) == set()


def test_what_another_column_tells_is_one() -> None:
    table = frame()
    table.loc[table["group"] == "none", "size"] = np.nan
    assert counted(table.drop(columns="group")) == set()
    encoder = Encoder.fit(table_from_frame(table))
    mark = next(place for place in encoder.markers)
    assert encoder.layout.compared[mark]


def test_what_is_missing_together_is_one() -> None:
    table = frame().drop(columns="group")
    table.loc[np.random.default_rng(1).random(ROWS) < 0.1, ["first", "second"]] = np.nan
    assert counted(table) == {"first", "second"}


def test_where_a_column_says_nothing_else_its_gaps_are_what_it_says() -> None:
    table = frame().drop(columns="group")
    table["size"] = np.where(np.random.default_rng(1).random(ROWS) < 0.5, 7.0, np.nan)
    assert counted(table) == {"size"}


def test_the_network_is_told_in_any_case() -> None:
    table = frame().drop(columns="group").mask(np.random.default_rng(1).random((ROWS, 3)) < 0.1)
    encoder = Encoder.fit(table_from_frame(table))
    data = encoder.encode(table_from_frame(table))
    assert len(encoder.markers) == 3
    for mark in encoder.markers:
        assert set(np.unique(data.values[:, mark])) == {0.0, 1.0}
        assert not data.compared[:, mark].any()
    others = data.layout.compared
    assert (data.compared[:, others] == data.values[:, others]).all()


def test_it_is_kept_with_the_encoding() -> None:
    table = frame().drop(columns="group").mask(np.random.default_rng(1).random((ROWS, 3)) < 0.1)
    encoder = Encoder.fit(table_from_frame(table))
    assert Encoder.from_json(encoder.to_json()).layout == encoder.layout


def test_without_gaps_everything_counts() -> None:
    assert Encoder.fit(table_from_frame(frame())).layout.compared.all()


def test_an_encoding_of_before_compares_its_marks_as_it_did() -> None:
    table = frame().drop(columns="group").mask(np.random.default_rng(1).random((ROWS, 3)) < 0.1)
    record = Encoder.fit(table_from_frame(table)).to_json()
    for part in record["parts"]:
        part["weights"] = [*part["weights"][:-1], 1.4]
    assert Encoder.from_json(record).layout.compared.all()
