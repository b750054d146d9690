"""AdamW here is torch's AdamW behind a clipped gradient, to the bit, and goes on from its state."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.training.optimiser import AdamW


def flat(seed: int) -> nn.Parameter:
    made = nn.Parameter(torch.randn(100, generator=torch.Generator().manual_seed(seed)))
    made.grad = torch.zeros(100)
    return made


def slope(parameter: nn.Parameter, values: torch.Tensor) -> None:
    assert parameter.grad is not None
    parameter.grad.copy_(values)


@pytest.mark.parametrize("size", [0.01, 100.0])
def test_it_steps_as_torch_does_behind_a_clipped_gradient(size: float) -> None:
    mine, theirs = flat(0), flat(0)
    optimiser = AdamW(mine, learning_rate=0.01, weight_decay=0.1, largest_norm=5.0)
    peer = torch.optim.AdamW([theirs], lr=0.01, weight_decay=0.1, fused=True)
    generator = torch.Generator().manual_seed(1)
    for _ in range(20):
        values = torch.randn(100, generator=generator) * size
        slope(mine, values)
        slope(theirs, values / torch.linalg.vector_norm(values).div(5.0).clamp(min=1.0))
        optimiser.step()
        peer.step()
        assert torch.equal(mine, theirs)


def test_it_goes_on_from_its_state() -> None:
    first, second = flat(0), flat(0)
    through = AdamW(first, learning_rate=0.01, weight_decay=0.0, largest_norm=5.0)
    generator = torch.Generator().manual_seed(1)
    steps = [torch.randn(100, generator=generator) for _ in range(10)]
    for values in steps[:5]:
        slope(first, values)
        through.step()
    later = AdamW(second, learning_rate=0.01, weight_decay=0.0, largest_norm=5.0)
    second.data.copy_(first.data)
    later.restore({name: value.clone() for name, value in through.state().items()})
    for values in steps[5:]:
        for parameter, optimiser in ((first, through), (second, later)):
            slope(parameter, values)
            optimiser.step()
    assert torch.equal(first, second)


def test_a_gradient_that_is_not_finite_spoils_the_parameters() -> None:
    parameter = flat(0)
    optimiser = AdamW(parameter, learning_rate=0.01, weight_decay=0.0, largest_norm=5.0)
    slope(parameter, torch.full((100,), float("nan")))
    optimiser.step()
    assert not bool(torch.isfinite(parameter).any())
