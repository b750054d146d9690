"""Roles that are found: what says when, what says which row, what gives the answer away."""

from __future__ import annotations

import pyarrow as pa
import pytest

from core.datasets.kinds import infer

DAYS = [f"2024-01-{i + 1:02d}" for i in range(30)]


def role(name: str, values: list[str | None]) -> str:
    columns, _ = infer([(name, pa.chunked_array([pa.array(values, pa.string())]))])
    return columns[0].role


@pytest.mark.parametrize("days", [DAYS, DAYS[::-1], [None, *DAYS], sorted(DAYS + DAYS[:10])])
def test_moments_in_the_rows_order_are_the_time(days: list[str | None]) -> None:
    assert role("when", days) == "time"


@pytest.mark.parametrize("days", [DAYS[5:] + DAYS[:5], ["2024-01-01"] * 20 + ["2024-01-02"] * 10])
def test_other_moments_are_features(days: list[str | None]) -> None:
    assert role("delivered", days) == "feature"


@pytest.mark.parametrize("name", ["label", "Fault", "is_fraud", "defective", "ANOMALY"])
def test_a_column_that_is_named_like_the_answer_is_the_label(name: str) -> None:
    assert role(name, ["0", "1", "0"] * 10) == "label"
