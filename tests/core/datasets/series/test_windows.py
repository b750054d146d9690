"""Windows over steps: none over a gap, none left out, none made before it is taken."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.encoding import Encoder, WindowEncoder
from core.datasets.series.steps import Steps
from core.datasets.series.windows import split_by_time, window_starts, within
from core.errors import DatasetRefused
from core.models.heads import Heads
from core.results import Column, Table


def steps(*lengths: int) -> Steps:
    count = sum(lengths)
    stretch = np.repeat(np.arange(len(lengths)), lengths)
    return Steps(np.arange(count), np.arange(count), np.arange(count, dtype=float), stretch, True)


stretches = st.lists(st.integers(1, 60), min_size=1, max_size=6)


@given(stretches, st.integers(1, 20), st.integers(1, 20))
def test_every_window_lies_in_one_stretch_and_every_step_of_a_long_one_in_a_window(
    lengths: list[int], length: int, stride: int
) -> None:
    stride = min(stride, length)
    found = steps(*lengths)
    if max(lengths) < length:
        with pytest.raises(DatasetRefused, match=f"the longest has {max(lengths)}|{max(lengths)}"):
            window_starts(found, length, stride)
        return
    starts = window_starts(found, length, stride)
    assert (np.diff(starts) > 0).all()
    assert (found.stretch[starts] == found.stretch[starts + length - 1]).all()
    seen = np.zeros(len(found), bool)
    for start in starts:
        seen[start : start + length] = True
    long = np.asarray(lengths)[found.stretch] >= length
    np.testing.assert_array_equal(seen, long)


@given(stretches, st.floats(0, 0.5), st.integers(1, 10))
def test_no_step_is_in_both_parts_and_one_window_lies_between_them(
    lengths: list[int], share: float, length: int
) -> None:
    found = steps(*lengths)
    train, held = split_by_time(found, np.ones(len(found), bool), share, length)
    assert not (train & held).any()
    for first, end in zip(found.starts[:-1], found.starts[1:], strict=True):
        if not held[first:end].any():
            assert train[first:end].all()
            continue
        boundary = int(np.flatnonzero(held[first:end])[0])
        assert held[first + boundary : end].all()
        assert not train[first + boundary - length : end].any()
        assert train[first : first + boundary - length].all()
        assert end - first - boundary >= length


def test_windows_within_rows_that_are_left_in() -> None:
    taken = np.ones(12, bool)
    taken[5] = False
    assert within(np.asarray([0, 2, 6, 8]), 4, taken).tolist() == [0, 2, 3]


def encoded(rows: int, channels: int) -> tuple[WindowEncoder, Table]:
    names = [f"x{i}" for i in range(channels)]
    values = np.random.default_rng(0).normal(size=(channels, rows))
    columns = tuple(Column(name, "number", "feature", "") for name in names)
    table = Table(columns, dict(zip(names, values, strict=True)), np.arange(rows).astype(str))
    return WindowEncoder(length=8, step=Encoder.fit(table)), table


def test_a_window_is_its_steps_one_behind_the_other() -> None:
    encoder, table = encoded(30, 3)
    base = encoder.step.encode(table)
    rows = encoder.rows(base, np.asarray([0, 5, 22]))
    taken = rows.take(np.asarray([1, 2]))
    np.testing.assert_array_equal(taken.values[0], base.values[5:13].ravel())
    np.testing.assert_array_equal(taken.values[1], base.values[22:30].ravel())
    assert rows.layout.row_shape == (8, 3)
    assert rows.layout.columns == ("x0", "x1", "x2")
    assert sum(block.weight for block in rows.layout.blocks) == pytest.approx(
        sum(block.weight for block in base.layout.blocks)
    )
    assert WindowEncoder.from_json(encoder.to_json()) == encoder


def test_a_missing_cell_is_not_observed_in_any_window_that_sees_it() -> None:
    encoder, table = encoded(30, 3)
    table.values["x1"][10] = np.nan
    rows = encoder.rows(encoder.step.encode(table), np.asarray([3, 10, 20]))
    assert not rows.whole
    hidden = ~rows.take(slice(None)).observed.reshape(3, 8, 3)
    assert np.argwhere(hidden).tolist() == [[0, 7, 1], [1, 0, 1]]


def test_forty_channels_are_in_memory_once_not_once_a_window() -> None:
    encoder, table = encoded(100_000, 40)
    base = encoder.step.encode(table)
    starts = np.arange(0, 100_000 - 7, 1)
    tracemalloc.start()
    rows = encoder.rows(base, starts)
    for first in range(0, 2_000, 64):
        rows.take(np.arange(first, first + 64))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < base.values.nbytes / 4  # all windows would be eight times as much


def test_a_cell_that_is_missing_is_no_error_whatever_the_network_makes_of_it() -> None:
    _, table = encoded(40, 2)
    cells = table.values["x0"].copy()
    cells[::5] = np.nan
    table = replace(table, values={**table.values, "x0": cells})
    encoder = WindowEncoder(length=8, step=Encoder.fit(table))
    steps = encoder.step.encode(table)
    heads, made = Heads(encoder.of_step), torch.full(steps.values.shape, 7.0)
    errors = heads.column_errors(
        made, torch.from_numpy(steps.values), torch.from_numpy(steps.observed.astype(np.float32))
    )
    missing = np.isnan(cells)
    assert (errors[missing, 0] == 0).all()
    assert (errors[~missing] > 0).all()
    weights = {
        block.weight for block in encoder.layout.blocks if block.start % encoder.of_step.width in encoder.step.markers
    }
    assert weights == {0.0}
    assert (
        steps.values[missing][:, sorted(encoder.step.markers)] == 1
    ).all()  # the network is shown that it is missing
