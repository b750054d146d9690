"""Every encoding of numbers: finite for every number, monotone, invertible in the bulk, and decided by no single cell."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from core.datasets.encoding import Encoder
from core.datasets.encoding.parts import PARTS
from core.errors import DatasetRefused, SettingsRefused
from core.results import Column, Table
from core.specs import RunSpec, spec_from_settings

CHOICES: tuple[str, ...] = get_args(RunSpec.model_fields["numbers"].annotation)
ANY = st.floats(allow_nan=False, allow_infinity=True, allow_subnormal=True)
HOSTILE = st.one_of(ANY, st.sampled_from([np.inf, -np.inf, 1e308, -1e308, 5e-324, 0.0, 1.0, 1.0]))

pytestmark = pytest.mark.parametrize("choice", CHOICES)


def table(values: Any) -> Table:
    cells = np.asarray(values, np.float64)
    return Table((Column("x", "number", "feature", ""),), {"x": cells}, np.arange(len(cells)).astype(str))


def fitted(values: Any, choice: str) -> Encoder | None:
    try:
        return Encoder.fit(table(values), None, choice)
    except DatasetRefused:
        return None


def inputs(encoder: Encoder, values: Any) -> np.ndarray:
    return encoder.encode(table(values)).values[:, 0]


def test_a_choice_is_a_file_and_reaches_the_run(choice: str) -> None:
    assert choice in {PARTS.get(name).choice for name in PARTS}
    assert spec_from_settings("vanilla", {"numbers": choice}).numbers == choice
    with pytest.raises(SettingsRefused, match="did you mean"):
        Encoder.fit(table([1.0, 2.0]), None, f"{choice}s")


@given(fit_on=st.lists(HOSTILE, min_size=2, max_size=40), others=st.lists(HOSTILE, min_size=1, max_size=20))
def test_every_number_is_finite_there_and_back(choice: str, fit_on: list[float], others: list[float]) -> None:
    encoder = fitted(fit_on, choice)
    if encoder is None:
        return
    encoded = encoder.encode(table(np.sort([*fit_on, *others])))
    assert np.isfinite(encoded.values).all()
    assert np.isfinite(encoder.layout.blocks[0].weight)
    assert (np.diff(encoded.values[:, 0]) >= 0).all()
    assert np.isfinite(encoder.decode(encoded.values)["x"]).all()


# Beside numbers of 1e-300 one of 8 lies farther out than a float32 reaches.
@given(st.lists(st.floats(-1e9, 1e9).map(lambda value: value if abs(value) > 1e-9 else 0.0), min_size=4, max_size=60))
def test_the_training_rows_come_back(choice: str, values: list[float]) -> None:
    encoder = fitted(values, choice)
    if encoder is None:
        return
    back = encoder.decode(encoder.encode(table(values)).values)["x"]
    # A step of a float32 at the encoded value, taken back: coarse far from the centre, and where ranks lie far apart.
    encoded = inputs(encoder, values)
    steps = np.stack([np.nextafter(encoded, np.float32(way)) for way in (-np.inf, np.inf)])
    around = np.stack([encoder.decode(step[:, None])["x"] for step in steps])
    room = 1e-9 * (np.abs(values).max() + 1)
    assert (around[0] - room <= values).all()
    assert (values <= around[1] + room).all()
    assert ((around[0] - room <= back) & (back <= around[1] + room)).all()


@pytest.mark.parametrize("draw", ["normal", "lognormal", "integers"])
def test_the_bulk_comes_back_within_a_float32(choice: str, draw: str) -> None:
    generator = np.random.default_rng(0)
    values = {
        "normal": 1e6 + 100 * generator.normal(size=3_000),
        "lognormal": generator.lognormal(3, 1, 3_000),
        "integers": generator.integers(0, 20, 3_000).astype(float),
    }[draw]
    encoder = Encoder.fit(table(values), None, choice)
    low, high = np.quantile(values, [0.01, 0.99])
    bulk = values[(values >= low) & (values <= high)]
    back = encoder.decode(encoder.encode(table(bulk)).values)["x"]
    assert np.abs(back - bulk).max() <= 1e-5 * (high - low)


def test_what_was_asked_for_is_what_is_done(choice: str) -> None:
    generator = np.random.default_rng(1)
    values = generator.lognormal(0, 1, 20_000) if choice == "quantile-normal" else generator.normal(40, 7, 20_000)
    found = inputs(Encoder.fit(table(values), None, choice), values)
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    robust = (values - middle) / (high - low)
    if choice == "z-score":
        assert np.allclose(found, (values - values.mean()) / values.std(), atol=1e-3)
    elif choice == "robust":
        assert np.allclose(found, robust, atol=1e-3)
    elif choice == "robust-log":
        assert np.allclose(found, np.sign(robust) * np.log1p(np.abs(robust)), atol=1e-3)
    else:
        assert kstest(found, "norm").statistic < 0.01


@pytest.mark.parametrize("wild", [1e308, -1e308, np.inf, 1e12])
@pytest.mark.parametrize("rows", [20, 60, 500, 5_000])
def test_one_wild_cell_decides_nothing_for_the_others(choice: str, rows: int, wild: float) -> None:
    values = np.random.default_rng(2).normal(size=rows)
    without = Encoder.fit(table(values), None, choice)
    beside = Encoder.fit(table([*values, wild]), None, choice)
    plain, now = inputs(without, values), inputs(beside, values)
    assert now.std() >= 0.5 * plain.std()
    assert 0.4 <= beside.layout.blocks[0].weight / without.layout.blocks[0].weight <= 2.5
    strange = inputs(beside, [wild])[0]
    assert abs(strange) > np.abs(now).max() + 1  # and it is still seen


@pytest.mark.parametrize("share", [0.01, 0.03, 0.1])
def test_a_word_like_1e308_in_many_cells_does_not_turn_the_column_into_zeros(choice: str, share: float) -> None:
    values = np.random.default_rng(3).normal(size=2_000)
    values[: int(share * 2_000)] = 1e308
    rest = inputs(Encoder.fit(table(values), None, choice), values)[int(share * 2_000) :]
    assert rest.std() > 0.05
    assert len(np.unique(rest)) > 1_700


def test_heavy_tails_leave_the_middle_apart(choice: str) -> None:
    values = np.random.default_rng(4).standard_cauchy(5_000)
    found = inputs(Encoder.fit(table(values), None, choice), values)
    low, high = np.quantile(found, [0.25, 0.75])
    assert high - low > 0.1
    assert np.abs(found).max() < 50


def test_a_constant_with_gaps_is_encoded(choice: str) -> None:
    encoder = Encoder.fit(table([7.0, 7.0, np.nan, 7.0]), None, choice)
    data = encoder.encode(table([7.0, np.nan, 8.0, np.inf]))
    assert np.isfinite(data.values).all()
    assert data.values[:, 1].tolist() == [0, 1, 0, 0]
    assert encoder.decode(data.values)["x"][0] == 7.0
