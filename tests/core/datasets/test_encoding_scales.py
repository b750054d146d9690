"""In distances between rows every column has about as much say, whatever it became."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.results import Column, Table

ROWS = 2_000


def table() -> Table:
    draw = np.random.default_rng(0)
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 700 * 86_400, ROWS), "s")
    frame = pd.DataFrame({"number": draw.normal(50, 9, ROWS), "name": draw.choice(list("abcd"), ROWS), "when": when})
    made = table_from_frame(frame)
    grades = np.asarray([("low", "mid", "high", "top")[i] for i in draw.integers(0, 4, ROWS)], object)
    picks = [";".join(c for c in "pqrstu" if draw.random() < 0.4) or "p" for _ in range(ROWS)]
    columns = (
        *made.columns,
        Column("grade", "ordered", "feature", "", levels=("low", "mid", "high", "top")),
        Column("picks", "multiple", "feature", "", form=";"),
    )
    return Table(columns, {**made.values, "grade": grades, "picks": np.asarray(picks, object)}, made.row_keys)


@pytest.mark.parametrize("name", ["name", "when", "grade", "picks"])
def test_two_rows_differ_by_a_column_about_as_much_as_by_a_number(name: str) -> None:
    cells = table()
    data = Encoder.fit(cells).encode(cells)
    apart = (data.values * data.layout.scale)[::2] - (data.values * data.layout.scale)[1::2]
    by = {
        column: float((apart[:, data.layout.owners == i] ** 2).sum(axis=1).mean())
        for i, column in enumerate(data.layout.columns)
    }
    assert 0.5 < by[name] / by["number"] < 2.0, by
