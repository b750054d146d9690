"""Back-propagation by hand is what autograd finds, and a network's parameters survive lying in one tensor."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

from core.models.base import Batch, Objective, build
from core.results import Block, Layout
from core.specs import RunSpec, spec_from_settings
from core.training.gradients import ByAutograd, ByHand, flatten, gradient_of, unflatten

NUMBERS = Layout(tuple(Block(f"c{i}", "squared", i, i + 1, 0.5 + i) for i in range(5)))
MIXED = Layout(
    (
        Block("name", "categorical", 0, 3, 2.0),
        Block("number", "squared", 3, 4),
        Block("flag", "binary", 4, 5, 0.5),
        Block("place", "categorical", 5, 9),
        Block("place", "binary", 9, 10),
    )
)


def batch(layout: Layout, gaps: bool, rows: int = 7) -> Batch:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(rows, layout.width)).astype(np.float32)
    observed = np.ones_like(values)
    for block in layout.blocks:
        cells = slice(block.start, block.stop)
        if block.head == "binary":
            values[:, cells] = values[:, cells] > 0
        if block.head == "categorical":
            values[:, cells] = np.eye(block.stop - block.start)[values[:, cells].argmax(axis=1)]
        if gaps:
            gone = generator.random(rows) < 0.3
            values[gone, cells], observed[gone, cells] = 0.0, 0.0
    return Batch(torch.from_numpy(values), torch.from_numpy(observed) if gaps else None)


def network(layout: Layout, **settings: object) -> Objective:
    torch.manual_seed(3)
    made = build(spec_from_settings("vanilla", settings), layout)
    with torch.no_grad():
        for parameter in made.parameters():  # those that start at nothing would hide the slopes of others
            parameter.add_(0.1 * torch.randn_like(parameter))
    return made


CHAINS = (
    {"depth": 0},
    {"depth": 1},
    {"depth": 3},
    {"activation": "linear"},
    {"layers": "around_pca"},
    {"layers": "around_pca", "activation": "linear", "bottleneck": 7},
)


@pytest.mark.parametrize("trim", [0.0, 0.3])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("layout", [NUMBERS, MIXED], ids=["numbers", "mixed"])
@pytest.mark.parametrize("settings", CHAINS, ids=str)
def test_by_hand_is_what_autograd_finds(layout: Layout, gaps: bool, settings: dict[str, object], trim: float) -> None:
    made = network(layout, **settings)
    flat = flatten(made)
    by_hand = gradient_of(made, flat, trim=trim)
    assert isinstance(by_hand, ByHand)
    rows = batch(layout, gaps)
    assert flat.grad is not None
    expected_loss = ByAutograd(made, flat, trim=trim)(rows)
    expected = flat.grad.clone()
    assert expected.abs().max() > 0
    flat.grad.fill_(7.0)
    loss = by_hand(rows)
    for parameter in made.parameters():
        assert parameter.grad is not None
    assert torch.allclose(loss, expected_loss, rtol=1e-5)
    found = torch.cat([parameter.grad.reshape(-1) for parameter in made.parameters() if parameter.grad is not None])
    ByAutograd(made, flat, trim=trim)(rows)
    again = torch.cat([parameter.grad.reshape(-1) for parameter in made.parameters() if parameter.grad is not None])
    assert torch.allclose(found, again, rtol=1e-4, atol=1e-6)


def test_the_worst_rows_of_a_batch_teach_nothing_where_a_share_is_left_out() -> None:
    made = network(NUMBERS)
    flat = flatten(made)
    assert flat.grad is not None
    rows = batch(NUMBERS, gaps=False, rows=10)
    rows.values[4] = 1e3
    gradient_of(made, flat, trim=0.1)(rows)
    found = flat.grad.clone()
    others = torch.arange(10) != 4
    gradient_of(made, flat)(Batch(rows.values[others], None))
    assert torch.allclose(found, flat.grad, rtol=1e-5, atol=1e-7)


def test_other_networks_go_through_autograd() -> None:
    class Sparse(Objective):
        def penalties(self) -> dict[str, torch.Tensor]:
            return {"size": sum((p.abs().sum() for p in self.parameters()), torch.zeros(()))}

    plain = network(NUMBERS)
    assert isinstance(gradient_of(plain, flatten(plain)), ByHand)
    sparse = Sparse(plain.layers, NUMBERS, None)
    assert isinstance(gradient_of(sparse, flatten(sparse)), ByAutograd)
    for settings in (
        {"dropout": 0.2},
        {"activation": "gelu"},
        {"layers": "around_pca", "dropout": 0.2},
        {"layers": "around_pca", "activation": "tanh"},
    ):
        other = network(NUMBERS, **settings)
        assert isinstance(gradient_of(other, flatten(other)), ByAutograd)
    frozen = network(NUMBERS)
    next(frozen.parameters()).requires_grad_(False)
    flat = flatten(frozen)
    gradient = gradient_of(frozen, flat)
    assert isinstance(gradient, ByAutograd)
    before = next(frozen.parameters()).clone()
    gradient(batch(NUMBERS, gaps=False))
    assert flat.grad is not None
    flat.data.sub_(flat.grad)
    assert torch.equal(next(frozen.parameters()), before)


def test_one_tensor_holds_the_parameters_and_lets_them_go() -> None:
    made = network(MIXED)
    before = {name: value.clone() for name, value in made.state_dict().items()}
    flat = flatten(made)
    assert all(torch.equal(before[name], value) for name, value in made.state_dict().items())
    assert all(parameter.data_ptr() % 64 == flat.data_ptr() % 64 for parameter in made.parameters())
    with torch.no_grad():
        flat.zero_()
    assert not any(bool(parameter.detach().any()) for parameter in made.parameters())
    large = len(pickle.dumps(made))
    unflatten(made)
    assert len(pickle.dumps(made)) < large
    with torch.no_grad():
        flat.fill_(1.0)
    assert not any(bool(parameter.detach().any()) for parameter in made.parameters())


def test_an_unflattened_network_is_refused() -> None:
    with pytest.raises(ValueError, match="not flattened"):
        made = build(RunSpec().checked(), NUMBERS)
        ByHand(made, next(made.parameters()))
