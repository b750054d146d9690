"""The gradient of a batch's loss, two ways: by autograd for every network, by hand for the plain one.

A table's network is so small that autograd's bookkeeping costs more than its arithmetic. So all parameters
lie in one tensor, which makes clipping and the optimiser's step one call each, and a chain of linear layers
is differentiated here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from core.models.base import Batch, Layers, Objective

ALIGNED = 16  # floats in 64 bytes: where a parameter of its own would begin too


class Gradient(Protocol):
    """Fills the gradients of a network's parameters from a batch; the parts of the batch's loss, (T,), which add up to it.

    names: of the parts, once a batch was seen; the first `terms` of them are means over rows, the others penalties.
    """

    names: tuple[str, ...]
    terms: int

    def __call__(self, batch: Batch) -> Tensor: ...


def gradient_of(network: Objective, flat: nn.Parameter, precision: str = "float32") -> Gradient:
    """The fastest way for this network. `flat` is what `flatten` made of it."""
    if precision == "float32" and _is_plain_chain(network):
        return ByHand(network)
    return ByAutograd(network, flat, precision)


def flatten(network: Objective) -> nn.Parameter:
    """One tensor that holds all trainable parameters, and in `grad` all gradients; the network's own become views."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    starts = [0]
    for parameter in parameters:
        starts.append(starts[-1] + -(-parameter.numel() // ALIGNED) * ALIGNED)
    flat = nn.Parameter(torch.zeros(starts[-1], device=parameters[0].device))
    flat.grad = torch.zeros_like(flat)
    for parameter, start in zip(parameters, starts, strict=False):
        place = slice(start, start + parameter.numel())
        flat.data[place] = parameter.data.view(-1)
        parameter.data = flat.data[place].view(parameter.shape)
        parameter.grad = flat.grad[place].view(parameter.shape)
    return flat


def places(flat: nn.Parameter, parameters: Sequence[nn.Parameter]) -> list[slice]:
    """Where some parameters of a flattened network lie in its one tensor."""
    size = flat.element_size()
    starts = [(parameter.data_ptr() - flat.data_ptr()) // size for parameter in parameters]
    return [slice(start, start + parameter.numel()) for start, parameter in zip(starts, parameters, strict=True)]


def unflatten(network: Objective) -> None:
    """Give each parameter memory of its own again: a view would be pickled with all that it is a view of."""
    for parameter in network.parameters():
        parameter.data = parameter.data.clone()
        parameter.grad = None


class ByAutograd:
    """Any network: the sum of its terms' means and its penalties, differentiated by torch."""

    def __init__(self, network: Objective, flat: nn.Parameter, precision: str = "float32") -> None:
        self.network = network
        self.slopes = _slope(flat)
        self.cast = precision == "bfloat16"
        self.device = flat.device.type
        self.names: tuple[str, ...] = ()
        self.terms = 0

    def __call__(self, batch: Batch) -> Tensor:
        with torch.autocast(self.device, torch.bfloat16, enabled=self.cast):
            terms = self.network.loss_terms(batch)
            penalties = self.network.penalties()
        self.names, self.terms = (*terms, *penalties), len(terms)
        parts = torch.stack([part.mean() for part in (*terms.values(), *penalties.values())])  # (T,)
        self.slopes.zero_()
        parts.sum().backward()  # type: ignore[no-untyped-call]
        return parts.detach()


@dataclass(frozen=True)
class Link:
    """One linear layer of the chain, its gradients, and whether a ReLU follows."""

    weight: Tensor  # (O, I)
    turned: Tensor  # (I, O): the same memory
    bias: Tensor  # (O,)
    weight_slope: Tensor  # (O, I)
    bias_slope: Tensor  # (O,)
    bent: bool


class ByHand:
    """Reconstruction error alone through linear layers and ReLUs: back-propagation written out."""

    names: tuple[str, ...] = ("reconstruction",)
    terms = 1

    def __init__(self, network: Objective) -> None:
        self.heads = network.heads
        modules = _chain(network)
        followers = [*modules[1:], None]
        # `data`: no tensor of this step asks for a gradient, so torch records nothing.
        self.links = [
            Link(
                link.weight.data,
                link.weight.data.t(),
                link.bias.data,
                _slope(link.weight),
                _slope(link.bias),
                isinstance(after, nn.ReLU),
            )
            for link, after in zip(modules, followers, strict=True)
            if isinstance(link, nn.Linear)
        ]

    def __call__(self, batch: Batch) -> Tensor:
        inputs: list[Tensor] = []
        here = batch.seen
        for link in self.links:
            inputs.append(here)
            here = torch.addmm(link.bias, here, link.turned)  # (B, O)
            if link.bent:
                here.relu_()
        loss, slope = self.heads.loss_and_slope(here, batch.values, batch.observed)
        for i in range(len(self.links) - 1, -1, -1):
            link = self.links[i]
            torch.mm(slope.t(), inputs[i], out=link.weight_slope)
            torch.sum(slope, 0, out=link.bias_slope)
            if i > 0:
                slope = torch.mm(slope, link.weight)  # (B, I)
                if self.links[i - 1].bent:
                    slope = torch.ops.aten.threshold_backward(slope, inputs[i], 0)
        return loss.view(1)


def _slope(parameter: Tensor) -> Tensor:
    if parameter.grad is None:
        raise ValueError("the network is not flattened")
    return parameter.grad


def _chain(network: Objective) -> list[nn.Module]:
    halves = (network.layers.encoder, network.layers.decoder)
    return [module for half in halves for module in half.children() if type(module) is not nn.Identity]


def _is_plain_chain(network: Objective) -> bool:
    """Whether nothing between rows and loss is other than what `ByHand` computes."""
    kind, layers = type(network), type(network.layers)
    plain = (
        kind.loss_terms is Objective.loss_terms
        and kind.penalties is Objective.penalties
        and kind.reconstruct is Objective.reconstruct
        and kind.encode is Objective.encode
        and kind.decode is Objective.decode
        and kind.after_step is Objective.after_step
        and network.heads.number_loss == "squared"
        and layers.encode is Layers.encode
        and layers.decode is Layers.decode
    )
    sequential = all(type(half) is nn.Sequential for half in (network.layers.encoder, network.layers.decoder))
    if not plain or not sequential:
        return False
    modules = _chain(network)
    linear = all(type(module) in (nn.Linear, nn.ReLU) for module in modules) and type(modules[0]) is nn.Linear
    biased = all(module.bias is not None for module in modules if isinstance(module, nn.Linear))
    trainable = all(parameter.requires_grad for parameter in network.parameters())
    return linear and biased and trainable
