"""The strip of rows held back: what stands in it is what stood in the table."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import torch

from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.models.base import build
from core.scoring.strip import strip
from core.specs import RunSpec


def test_a_missing_cell_is_shown_as_missing_and_what_is_expected_there_beside_it() -> None:
    generator = np.random.default_rng(0)
    numbers = generator.normal(size=60)
    names = generator.choice(["left", "right", "above"], 60).astype(object)
    days = pd.date_range("2024-01-01", periods=60).to_series().reset_index(drop=True)
    numbers[::3], names[1::3], days[2::3] = np.nan, None, pd.NaT
    table = table_from_frame(pd.DataFrame({"number": numbers, "name": names, "day": days}))
    encoder = Encoder.fit(table)
    torch.manual_seed(0)
    network = build(RunSpec().checked(), encoder.layout).eval()

    made = strip(network, encoder, encoder.encode(table), np.arange(9), epoch=1)

    assert made.columns == ("number", "name", "day")
    for row, cells in enumerate(made.actual):
        assert [cell is None for cell in cells] == [row % 3 == 0, row % 3 == 1, row % 3 == 2]
    assert all(cell is not None for row in made.expected for cell in row[:2])
    assert [row[2] for row in made.actual[:2]] == ["2024-01-01", "2024-01-02"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row[2]) for row in made.expected)


def test_moments_are_shown_with_their_time_of_day() -> None:
    times = pd.date_range("2024-01-01 08:00:05", periods=60, freq="7h").to_series().reset_index(drop=True)
    table = table_from_frame(pd.DataFrame({"number": np.arange(60.0), "at": times}))
    encoder = Encoder.fit(table)
    torch.manual_seed(0)
    network = build(RunSpec().checked(), encoder.layout).eval()

    made = strip(network, encoder, encoder.encode(table), np.arange(9), epoch=1)

    at = made.columns.index("at")
    assert [row[at] for row in made.actual[:2]] == ["2024-01-01 08:00:05", "2024-01-01 15:00:05"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row[at]) for row in made.expected)
