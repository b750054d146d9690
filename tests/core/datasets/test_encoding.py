"""The encoding: finite for everything, invertible where it says so, the same after a trip through JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.encoding import OTHER, Encoder, squash, unsquash
from core.errors import DatasetRefused
from core.results import Column, Table

NUMBERS = st.lists(st.one_of(st.none(), st.floats(allow_nan=False)), min_size=2, max_size=40)
NAMES = st.lists(
    st.one_of(st.none(), st.sampled_from(["red", "green", "blue", " red "]), st.text(max_size=5)), min_size=2
)


def numbers(values: list[float | None]) -> Table:
    cells = np.asarray([np.nan if value is None else value for value in values], np.float64)
    return Table((Column("x", "number", "feature", ""),), {"x": cells}, np.arange(len(values)).astype(str))


def names(values: list[str | None]) -> Table:
    cells = np.asarray(values, object)
    return Table((Column("x", "category", "feature", ""),), {"x": cells}, np.arange(len(values)).astype(str))


def fitted(table: Table) -> Encoder | None:
    try:
        return Encoder.fit(table)
    except DatasetRefused:
        return None


@given(NUMBERS)
def test_every_number_encodes_to_something_finite(values: list[float | None]) -> None:
    table = numbers(values)
    encoder = fitted(table)
    if encoder is not None:
        data = encoder.encode(table)
        assert np.isfinite(data.values).all()
        assert data.values.shape == data.observed.shape == (len(values), encoder.layout.width)


@given(st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=40))
def test_numbers_come_back(values: list[float]) -> None:
    table = numbers(list(values))
    encoder = fitted(table)
    if encoder is not None:
        part = encoder.parts[0]
        back = encoder.decode(encoder.encode(table).values)["x"]
        assert np.allclose(back, values, rtol=1e-4, atol=1e-4 * part.scale)


@given(st.floats(-1e300, 1e300), st.floats(-1e100, 1e100), st.floats(1e-100, 1e100))
def test_unsquash_undoes_squash(value: float, centre: float, scale: float) -> None:
    encoded = squash(np.asarray([value]), centre, scale)
    assert np.isfinite(encoded).all()
    again = squash(unsquash(encoded, centre, scale), centre, scale)
    assert np.allclose(again, encoded, rtol=1e-6, atol=1e-6)


@given(NAMES)
def test_categories_come_back_or_are_pooled(values: list[str | None]) -> None:
    table = names(values)
    encoder = fitted(table)
    if encoder is None:
        return
    data = encoder.encode(table)
    kept = set(encoder.parts[0].levels)
    back = encoder.decode(data.values)["x"]
    for given_, found in zip(values, back, strict=True):
        if given_ is not None:
            assert found == (given_.strip() if given_.strip() in kept else OTHER)


@given(NUMBERS)
def test_an_encoder_is_the_same_after_json(values: list[float | None]) -> None:
    table = numbers(values)
    encoder = fitted(table)
    if encoder is not None:
        again = Encoder.from_json(json.loads(json.dumps(encoder.to_json(), allow_nan=False)))
        assert np.array_equal(again.encode(table).values, encoder.encode(table).values)


def test_missing_cells_have_an_indicator_and_are_not_observed() -> None:
    table = numbers([1.0, 2.0, None, 4.0])
    data = Encoder.fit(table).encode(table)
    assert data.layout.width == 2
    assert data.values[2].tolist() == [0.0, 1.0]
    assert data.observed[2].tolist() == [False, True]


def test_a_level_never_seen_is_pooled_and_strange_values_stay_finite() -> None:
    encoder = Encoder.fit(names(["a", "b"] * 20))
    assert encoder.encode(names(["zzz", None])).values.tolist() == [[0, 0, 1], [0, 0, 0]]
    numeric = Encoder.fit(numbers([1.0, 2.0, 3.0, 4.0]))
    assert np.isfinite(numeric.encode(numbers([np.inf, -np.inf, 1e308, None])).values).all()


def test_rare_levels_share_one_column() -> None:
    values = ["often"] * 1_000 + [f"once {i}" for i in range(50)]
    assert Encoder.fit(names(list(values))).layout.width == 2


def test_nothing_that_varies_is_refused() -> None:
    with pytest.raises(DatasetRefused, match="no column is left"):
        Encoder.fit(numbers([3.0, 3.0, 3.0]))


@given(NUMBERS, NAMES, st.integers(0, 2))
def test_columns_side_by_side_encode_as_each_does_alone(
    values: list[float | None], levels: list[str | None], between: int
) -> None:
    count = min(len(values), len(levels))
    cells = {f"n{i}": numbers(values[:count]).values["x"] / (i + 1) for i in range(3)}
    cells["c"] = names(levels[:count]).values["x"]
    order = [f"n{i}" for i in range(3)]
    order.insert(between, "c")
    columns = {name: Column(name, "category" if name == "c" else "number", "feature", "") for name in order}
    keys = np.arange(count).astype(str)
    together = fitted(Table(tuple(columns.values()), {name: cells[name] for name in order}, keys))
    alone = [fitted(Table((columns[name],), {name: cells[name]}, keys)) for name in order]
    if together is None:
        return
    data = together.encode(Table(tuple(columns.values()), cells, keys))
    each = [encoder.encode(Table(tuple(columns.values()), cells, keys)) for encoder in alone if encoder is not None]
    assert np.array_equal(data.values, np.concatenate([part.values for part in each], axis=1))
    assert np.array_equal(data.observed, np.concatenate([part.observed for part in each], axis=1))
