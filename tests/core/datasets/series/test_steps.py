"""Rows in the order of time: groups, gaps, disorder, resampling."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from core.datasets.series.steps import Steps, resampled, steps_of
from core.errors import DatasetRefused, SettingsRefused
from core.results import Column, Dataset, Reading, Table
from core.specs import Windows

TIME, GROUP, VALUE = (
    Column("t", "datetime", "time", "", form="%Y-%m-%d %H:%M:%S"),
    Column("g", "category", "group", ""),
    Column("x", "number", "feature", ""),
)


def dataset(rows: int, *columns: Column) -> Dataset:
    return Dataset("d", "s", "d", "", (), 0.0, None, "", "", "", "", "", rows, (*columns, VALUE), Reading(), 0)


def minutes(*values: int | None) -> list[str | None]:
    return [None if value is None else f"2026-03-01 {value // 60:02d}:{value % 60:02d}:00" for value in values]


def steps(times: list[str | None] | None, groups: list[str | None] | None = None, every: float = 0.0) -> Steps:
    columns, cells = [], {}
    if times is not None:
        columns.append(TIME)
        cells["t"] = pa.chunked_array([pa.array(times, pa.string())])
    if groups is not None:
        columns.append(GROUP)
        cells["g"] = pa.chunked_array([pa.array(groups, pa.string())])
    rows = len(times if times is not None else groups or [])
    return steps_of(dataset(rows, *columns), pa.table(cells), Windows(every=every))


def test_the_order_of_the_rows_where_there_is_no_time() -> None:
    found = steps(None, ["a", "a", "b", "b", "a"])
    assert found.rows.tolist() == [0, 1, 4, 2, 3]
    assert found.stretch.tolist() == [0, 0, 0, 1, 1]
    assert found.starts.tolist() == [0, 3, 5]
    assert not found.by_time


def test_rows_are_sorted_by_time_within_their_group_and_it_is_said() -> None:
    found = steps(minutes(5, 3, 4, 1, 0), ["a", "a", "a", "b", "b"])
    assert found.rows.tolist() == [1, 2, 0, 4, 3]
    assert any("stand behind a later one" in notice for notice in found.notices)


def test_what_stands_behind_a_later_row_is_counted_within_each_series() -> None:
    found = steps(minutes(0, 9, 3, 1, 4, 2), ["a", "b", "a", "b", "a", "b"])
    assert "2 rows stand behind a later one of the same series: the rows are taken in the order of “t”" in found.notices
    assert not any("stand behind" in notice for notice in steps(minutes(0, 9, 1, 10), ["a", "b", "a", "b"]).notices)


def test_a_gap_ends_a_stretch_and_is_counted() -> None:
    found = steps(minutes(0, 1, 2, 3, 30, 31, 32))
    assert found.stretch.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert any(notice.startswith("a gap in time") for notice in found.notices)
    assert steps(minutes(0, 1, 2, 3, 7, 8)).stretch.tolist() == [0] * 6  # four steps are late, but no gap


def test_equal_times_stay_in_the_order_of_the_file() -> None:
    found = steps(minutes(0, 1, 1, 1, 2))
    assert found.rows.tolist() == [0, 1, 2, 3, 4]
    assert any(notice.startswith("2 rows have the same time") for notice in found.notices)


def test_all_times_equal_is_refused() -> None:
    with pytest.raises(DatasetRefused, match="all rows have the same time"):
        steps(minutes(7, 7, 7, 7))


def test_rows_without_time_or_group_are_no_steps() -> None:
    found = steps(minutes(0, None, 1, 2), ["a", "a", "a", None])
    assert len(found) == 2
    assert found.rows.tolist()[:2] == [0, 2]
    assert found.step.tolist() == [0, 1, -1, -1]
    assert len(found.notices) == 2


def test_offsets_from_utc_are_one_time() -> None:
    zoned = Column("t", "datetime", "time", "", form="%Y-%m-%d %H:%M:%S%z")
    cells = ["2026-03-01 12:00:00+0000", "2026-03-01 13:01:00+0100", "2026-03-01 12:02:00+0000"]
    found = steps_of(dataset(3, zoned), pa.table({"t": pa.chunked_array([pa.array(cells)])}), Windows())
    assert np.diff(found.times).tolist() == [60.0, 60.0]
    assert found.rows.tolist() == [0, 1, 2]
    assert any("shown in UTC" in notice for notice in found.notices)


def test_columns_that_are_said_go_before_those_with_the_role() -> None:
    other = Column("when", "number", "feature", "")
    cells = pa.table({"when": pa.chunked_array([pa.array(["3", "1", "2"])])})
    found = steps_of(dataset(3, other), cells, Windows(time="when"))
    assert found.rows.tolist() == [1, 2, 0]
    with pytest.raises(SettingsRefused, match="no column named"):
        steps_of(dataset(3, other), cells, Windows(time="wen"))
    names = dataset(3, Column("c", "category", "feature", ""))
    with pytest.raises(SettingsRefused, match="holds no times"):
        steps_of(names, pa.table({"c": pa.chunked_array([pa.array(["a", "b", "c"])])}), Windows(time="c"))


def test_resampling_takes_means_and_last_cells_and_an_empty_step_is_a_gap() -> None:
    found = steps(minutes(0, 1, 4, 5, 6, 20), every=300)
    assert found.step.tolist() == [0, 0, 0, 1, 1, 2]
    assert found.stretch.tolist() == [0, 0, 1]
    columns = (VALUE, Column("c", "category", "feature", ""))
    values = {
        "x": np.asarray([1.0, 3.0, np.nan, 5.0, 7.0, np.nan]),
        "c": np.asarray(["a", "b", None, None, None, "z"], object),
    }
    made = resampled(Table(columns, values, np.arange(6).astype(str)), found)
    np.testing.assert_array_equal(made.values["x"], [2.0, 6.0, np.nan])
    assert made.values["c"].tolist() == ["b", None, "z"]


def test_resampling_needs_times_and_more_than_one_step() -> None:
    with pytest.raises(DatasetRefused, match="nothing to resample by"):
        steps(None, ["a", "a"], every=60)
    with pytest.raises(DatasetRefused, match="one step of"):
        steps(minutes(0, 1, 2), every=86_400)


def test_a_column_of_numbers_is_an_order_and_no_moment() -> None:
    cells = pa.table({"hours": pa.chunked_array([pa.array(["0.5", "1.5", "1.0", "9"])])})
    found = steps_of(dataset(4, Column("hours", "number", "time", "")), cells, Windows())
    assert not found.by_time
    assert found.times.tolist() == [0.5, 1.0, 1.5, 9.0]
    assert found.stretch.tolist() == [0, 0, 0, 1]
