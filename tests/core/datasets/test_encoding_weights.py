"""Columns weigh alike: under the best constant answer each has about the same error, whatever it became."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
import pytest
import torch

from core.datasets.encoding import Encoder
from core.models.base import build
from core.models.heads import Heads
from core.results import Column, Encoded, Kind, Table
from core.specs import RunSpec, spec_from_settings
from core.training.loop import Trainer

CHOICES: tuple[str, ...] = get_args(RunSpec.model_fields["numbers"].annotation)
ROWS = 3_000


def columns(seed: int = 0) -> Table:
    draw = np.random.default_rng(seed)
    picks = draw.random((ROWS, 5)) < [0.5, 0.3, 0.3, 0.2, 0.1]
    scale = ("low", "mid", "high", "higher", "highest")
    cells: dict[tuple[str, Kind], Any] = {
        ("number", "number"): draw.normal(50, 9, ROWS),
        ("skewed", "number"): draw.lognormal(0, 1, ROWS),
        ("flag", "boolean"): (draw.random(ROWS) < 0.3).astype(float),
        ("three", "category"): [f"l{i}" for i in draw.integers(0, 3, ROWS)],
        ("three hundred", "category"): [f"l{i}" for i in draw.integers(0, 300, ROWS)],
        ("uneven", "category"): [f"l{int(x)}" for x in np.minimum(draw.pareto(1, ROWS) * 5, 299)],
        ("rank", "ordered"): [scale[i] for i in draw.binomial(4, 0.6, ROWS)],
        ("many", "multiple"): ["; ".join(f"c{i}" for i in np.flatnonzero(row)) or "none" for row in picks],
        ("when", "datetime"): 1.6e9 + draw.integers(0, 10**8, ROWS).astype(float),
    }
    schema = tuple(
        Column(name, kind, "feature", "", levels=scale if kind == "ordered" else (), form=";" * (kind == "multiple"))
        for name, kind in cells
    )
    values = {
        name: np.asarray(these, float if kind in ("number", "boolean", "datetime") else object)
        for (name, kind), these in cells.items()
    }
    return Table(schema, values, np.arange(ROWS).astype(str))


def best_constant(data: Encoded) -> np.ndarray:
    """The output that is the best answer for all rows: means, and the logarithms of shares, (D,)."""
    mean = np.clip(data.values.mean(axis=0, dtype=np.float64), -1e9, 1e9)
    out = mean.copy()
    for block in data.layout.blocks:
        here = slice(block.start, block.stop)
        shares = np.clip(mean[here], 1e-6, 1 - 1e-6)
        if block.head == "binary":
            out[here] = np.log(shares / (1 - shares))
        if block.head == "categorical":
            out[here] = np.log(shares)
    return out


def typical_errors(data: Encoded, output: torch.Tensor) -> dict[str, float]:
    """Mean error of each source column."""
    heads = Heads(data.layout)
    errors = heads.column_errors(output, torch.from_numpy(data.values), None).mean(dim=0)
    return dict(zip(data.layout.columns, (errors * heads.columns).tolist(), strict=True))


@pytest.mark.parametrize("numbers", CHOICES)
def test_under_the_best_constant_answer_all_columns_weigh_alike(numbers: str) -> None:
    whole = columns()
    data = Encoder.fit(whole, None, numbers).encode(whole)
    constant = torch.from_numpy(best_constant(data).astype(np.float32)).expand(ROWS, -1)
    found = typical_errors(data, constant)
    assert set(found) == {column.name for column in whole.columns}
    assert all(0.8 < error < 1.2 for error in found.values()), found
    assert found["three hundred"] / found["number"] == pytest.approx(1, abs=0.1)


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_a_network_at_its_beginning_does_not_hear_many_levels_louder_than_a_number() -> None:
    whole = columns()
    encoder = Encoder.fit(whole)
    data = encoder.encode(whole)
    torch.manual_seed(0)
    spec = spec_from_settings("vanilla", {"epochs": 3})
    network = build(spec, encoder.layout)
    rows = np.arange(ROWS)
    trainer = Trainer(network, data, rows, rows[:0], spec.training, torch.device("cpu"))
    for _ in trainer.epochs():
        pass
    trainer.use_best()
    with torch.inference_mode():
        found = typical_errors(data, network.reconstruct(torch.from_numpy(data.values)))
    # What can't be learned in so few steps costs about one; nothing costs many times that.
    assert all(error < 1.3 for error in found.values()), found
    assert 0.5 < found["three hundred"] < 1.2


def test_a_level_never_seen_does_not_make_an_ordered_column_weigh_double() -> None:
    order = ("low", "mid", "high")
    draw = np.random.default_rng(0)
    cells = np.asarray([order[i] for i in draw.integers(0, 3, ROWS)], object)
    schema = (Column("x", "ordered", "feature", "", levels=order),)
    whole = Table(schema, {"x": cells}, np.arange(ROWS).astype(str))
    data = Encoder.fit(whole).encode(whole)
    constant = torch.from_numpy(best_constant(data).astype(np.float32)).expand(ROWS, -1)
    assert typical_errors(data, constant)["x"] == pytest.approx(1, abs=0.05)
