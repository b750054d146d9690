"""Layers around a PCA begin as that PCA, with the columns weighed as the loss does, and only become better."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from core.models.base import Objective, build
from core.results import Block, Encoded, Layout
from core.specs import RunSpec, Training
from core.training.loop import Trainer
from tests.core.models.test_contract import MIXED, rows_of
from tests.core.training.ill import bent


def trainer(data: Encoded, held: int = 0, **settings: Any) -> tuple[Trainer, Objective]:
    training = {name: settings.pop(name) for name in list(settings) if name in Training.model_fields}
    spec = RunSpec(layers="around_pca", layer_settings=settings, training=Training(**training)).checked()
    torch.manual_seed(0)
    network = build(spec, data.layout)
    rows = np.arange(len(data.values))
    return Trainer(network, data, rows[held:], rows[:held], spec.training, torch.device("cpu")), network


def numbers(width: int, *weights: float) -> Layout:
    return Layout(tuple(Block(f"c{i}", "squared", i, i + 1, weights[i] if weights else 1.0) for i in range(width)))


@pytest.mark.parametrize(("rows", "width", "kept"), [(300, 8, 3), (300, 8, 0), (6, 20, 4), (300, 5, 9)])
def test_before_the_first_step_it_is_the_pca_of_weighed_columns(rows: int, width: int, kept: int) -> None:
    generator = np.random.default_rng(1)
    values = (generator.normal(size=(rows, 3)) @ generator.normal(size=(3, width))).astype(np.float32)
    values += 0.3 * generator.normal(size=values.shape).astype(np.float32) + 5
    layout = numbers(width, *np.geomspace(0.2, 5, width))
    data = Encoded(layout, values, np.ones(values.shape, bool))
    _, network = trainer(data, bottleneck=kept)
    scale = np.sqrt([block.weight / width for block in layout.blocks])
    model = PCA(min(kept or width // 2, width, rows - 1)).fit(values * scale)
    wanted = model.inverse_transform(model.transform(values * scale)) / scale
    with torch.inference_mode():
        codes, made = network.look(torch.from_numpy(values))
    assert np.allclose(made.numpy(), wanted, atol=2e-3)
    used = codes.numpy()[:, : min(kept or width // 2, 3)]
    assert np.allclose(used.std(axis=0), 1, atol=1e-2)


def test_on_bent_rows_it_ends_better_than_the_pca_that_it_began_as() -> None:
    values = bent(1_200).astype(np.float32)
    data = Encoded(numbers(12), values, np.ones(values.shape, bool))
    one, network = trainer(data, held=200, bottleneck=3, epochs=60)
    held = torch.from_numpy(values[:200])

    def error() -> float:
        with torch.inference_mode():
            return float((network.reconstruct(held) - held).square().mean())

    pca = error()
    for _ in one.epochs():
        pass
    one.use_best()
    assert error() < 0.85 * pca


@pytest.mark.parametrize("members", [1, 2])
def test_where_nothing_is_bent_the_pca_is_kept(members: int) -> None:
    values = np.random.default_rng(0).normal(size=(60, 20)).astype(np.float32)
    data = Encoded(numbers(20), values, np.ones(values.shape, bool))
    one, network = trainer(data, held=30, epochs=30, learning_rate=0.05, members=members)
    begun = {name: value.clone() for name, value in network.state_dict().items()}
    for _ in one.epochs():
        pass
    one.use_best()
    assert one.best_epoch == 0
    assert all(torch.equal(value, begun[name]) for name, value in network.state_dict().items())


def test_categories_begin_as_the_pca_tells_them() -> None:
    generator = np.random.default_rng(0)
    data = rows_of(MIXED, 400)
    which = generator.integers(0, 4, 400)
    data.values[:, 2:6] = np.eye(4)[which]
    data.values[:, 1] = which > 1
    _, network = trainer(data, bottleneck=7)
    with torch.inference_mode():
        made = network.heads.activate(network.reconstruct(torch.from_numpy(data.values))).numpy()
    assert (made[:, 2:6].argmax(axis=1) == which).mean() > 0.99
    assert ((made[:, 1] > 0.5) == (which > 1)).mean() > 0.99


def test_rows_that_are_all_alike_are_rebuilt() -> None:
    values = np.full((30, 4), 2.5, np.float32)
    data = Encoded(numbers(4), values, np.ones(values.shape, bool))
    _, network = trainer(data)
    with torch.inference_mode():
        assert np.allclose(network.reconstruct(torch.from_numpy(values)).numpy(), values, atol=1e-4)
