"""The gradient of a batch's loss: by autograd for every network, by hand for those that are a chain of linear layers, and
either way for the members of an ensemble at once.

A table's network is so small that autograd's bookkeeping costs more than its arithmetic. So all parameters
lie in one tensor, which makes clipping and the optimiser's step one call each, and a chain of linear layers
is differentiated here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from core.models.base import Batch, Layers, Objective
from core.models.ensemble import Ensemble, each_of, members_of
from core.models.layers.around_pca.module import Beside

threshold_backward = torch.ops.aten.threshold_backward.grad_input
ALIGNED = 16  # floats in 64 bytes: where a parameter of its own would begin too


class Gradient(Protocol):
    """Fills the gradients of a network's parameters from a batch; the parts of the batch's loss, (T,), which add up to it.

    names: of the parts, once a batch was seen; the first `terms` of them are means over rows, the others penalties.
    recorded: whether torch has to record what is computed, to differentiate it.
    """

    names: tuple[str, ...]
    terms: int
    recorded: bool

    def __call__(self, batch: Batch) -> Tensor: ...


def gradient_of(network: Objective, flat: nn.Parameter, precision: str = "float32", trim: float = 0.0) -> Gradient:
    """The fastest way for this network. `flat` is what `flatten` made of it; trim: see `kept`."""
    if precision == "float32" and all(_is_plain_chain(member) for member in each_of(network)):
        return ByHand(network, flat, trim)
    if isinstance(network, Ensemble) and precision == "float32" and _as_one(network.first, flat.device):
        return ByAutogradTogether(network, flat, trim)
    return ByAutograd(network, flat, precision, trim)


def kept(losses: Tensor, trim: float) -> Tensor:
    """What each row counts in the mean of a batch's losses, (…, B), where the worst share of the rows is left out: least
    trimmed squares (Rousseeuw 1984), batch by batch."""
    rows = losses.shape[-1]
    count = rows - int(trim * rows)
    return torch.zeros_like(losses).scatter(-1, losses.topk(count, largest=False).indices, rows / count)


def flatten(network: Objective) -> nn.Parameter:
    """One tensor that holds all trainable parameters, and in `grad` all gradients; the network's own become views.

    The same parameter of an ensemble's members lies in one stretch, so that all of them are one tensor, (K, …).
    """
    moving = [[parameter for parameter in one.parameters() if parameter.requires_grad] for one in each_of(network)]
    parameters, starts, end = [], [], 0
    for same in zip(*moving, strict=True):
        for parameter in same:
            parameters.append(parameter)
            starts.append(end)
            end += parameter.numel()
        end = -(-end // ALIGNED) * ALIGNED
    flat = nn.Parameter(torch.zeros(end, device=parameters[0].device))
    flat.grad = torch.zeros_like(flat)
    for parameter, start in zip(parameters, starts, strict=True):
        place = slice(start, start + parameter.numel())
        flat.data[place] = parameter.data.view(-1)
        parameter.data = flat.data[place].view(parameter.shape)
        parameter.grad = flat.grad[place].view(parameter.shape)
    return flat


def places(flat: nn.Parameter, parameters: Sequence[Tensor]) -> list[slice]:
    """Where some parameters of a flattened network lie in its one tensor."""
    size = flat.element_size()
    starts = [(parameter.data_ptr() - flat.data_ptr()) // size for parameter in parameters]
    return [slice(start, start + parameter.numel()) for start, parameter in zip(starts, parameters, strict=True)]


def unflatten(network: Objective) -> None:
    """Give each parameter memory of its own again: a view would be pickled with all that it is a view of."""
    for parameter in network.parameters():
        parameter.data = parameter.data.clone()
        parameter.grad = None


def means(terms: list[Tensor], trim: float) -> list[Tensor]:
    """The mean of each term of the loss, (B,), over the rows that count."""
    if not trim:
        return [term.mean() for term in terms]
    counts = kept(torch.stack(terms).sum(dim=0).detach(), trim)  # (B,)
    return [(term * counts).mean() for term in terms]


def _without_the_worst(errors: Tensor, slope: Tensor, trim: float) -> Tensor:
    """The mean of errors (K, B) over the rows that count, (), of which alone the slope (K, B, D) stays."""
    counts = kept(errors, trim)
    slope.mul_(counts[:, :, None])
    return (errors * counts).mean()


class ByAutograd:
    """Any network: the sum of its terms' means and its penalties, differentiated by torch."""

    recorded = True

    def __init__(self, network: Objective, flat: nn.Parameter, precision: str = "float32", trim: float = 0.0) -> None:
        self.network, self.trim = network, trim
        self.slopes = _slope(flat)
        self.members = members_of(network)
        self.cast = precision == "bfloat16"
        self.device = flat.device.type
        self.names: tuple[str, ...] = ()
        self.terms = 0

    def __call__(self, batch: Batch) -> Tensor:
        with torch.autocast(self.device, torch.bfloat16, enabled=self.cast):
            terms = self.network.loss_terms(batch)
            penalties = self.network.penalties()
        self.names, self.terms = (*terms, *penalties), len(terms)
        parts = torch.stack(
            [*means(list(terms.values()), self.trim), *(part.mean() for part in penalties.values())]
        )  # (T,)
        self.slopes.zero_()
        # The mean over members, as often as there are members: each learns as it would alone.
        total = parts.sum() if self.members == 1 else parts.sum() * self.members
        total.backward()  # type: ignore[no-untyped-call]
        return parts.detach()


@dataclass(frozen=True)
class Link:
    """One linear layer of the chain in K members, and its gradients."""

    weight: Tensor  # (K, O, I)
    turned: Tensor  # (K, I, O): the same memory
    bias: Tensor  # (K, 1, O)
    weight_slope: Tensor  # (K, O, I)
    bias_slope: Tensor  # (K, 1, O)
    bent: bool  # whether a ReLU follows
    beside: bool  # whether the next link sees what came in, and beside it what comes out


@dataclass(frozen=True)
class Room:
    """Memory for what a link makes of a batch, and for the slopes of that: to ask the system for it anew costs as much as
    the products."""

    made: Tensor  # (K, B, O), or (K, B, I + O) beside what came in: what the next link sees
    passed: Tensor  # (K, B, I): the part of it that came in, or nothing
    own: Tensor  # (K, B, O): the part of it that came out
    slope: Tensor  # as `made`
    passed_slope: Tensor
    own_slope: Tensor

    @classmethod
    def of(cls, link: Link, rows: int) -> Room:
        """For a batch of so many rows."""
        members, outputs, inputs = link.weight.shape
        passed = inputs if link.beside else 0
        made, slope = (link.weight.new_empty(members, rows, passed + outputs) for _ in range(2))
        return cls(made, made[:, :, :passed], made[:, :, passed:], slope, slope[:, :, :passed], slope[:, :, passed:])


class ByHand:
    """Reconstruction error alone through linear layers and ReLUs: back-propagation written out, for all members of an
    ensemble at once."""

    names: tuple[str, ...] = ("reconstruction",)
    terms = 1
    recorded = False

    def __init__(self, network: Objective, flat: nn.Parameter, trim: float = 0.0) -> None:
        self.heads, self.members, self.trim = network.heads, members_of(network), trim
        self.rooms: dict[int, list[Room]] = {}
        self.links = []
        for same in zip(*(_linear(member) for member in each_of(network)), strict=True):
            weight, slope = _stacked([linear.weight for linear, _, _ in same], flat)  # (K, O, I)
            bias, bias_slope = _stacked([linear.bias for linear, _, _ in same], flat)  # (K, O)
            _, bent, beside = same[0]
            self.links.append(
                Link(weight, weight.transpose(1, 2), bias[:, None], slope, bias_slope[:, None], bent, beside)
            )

    def __call__(self, batch: Batch) -> Tensor:
        seen = batch.seen
        here = seen if seen.dim() == 3 else seen.expand(self.members, -1, -1)  # (K, B, D)
        rooms = self._rooms(here.shape[1])
        inputs: list[Tensor] = []
        for link, room in zip(self.links, rooms, strict=True):
            inputs.append(here)
            torch.baddbmm(link.bias, here, link.turned, out=room.own)
            if link.bent:
                room.own.relu_()
            if link.beside:
                room.passed.copy_(here)
            here = room.made
        loss, slope = self.heads.loss_and_slope(here, batch.values, batch.observed)  # slope: (K, B, D)
        if self.trim:
            loss = _without_the_worst(self.heads.errors(here, batch.values, batch.observed), slope, self.trim)
        for i in range(len(self.links) - 1, -1, -1):
            link, room = self.links[i], rooms[i]
            if link.bent:
                threshold_backward(slope, room.own, 0, grad_input=slope)
            torch.bmm(slope.transpose(1, 2), inputs[i], out=link.weight_slope)
            torch.sum(slope, 1, keepdim=True, out=link.bias_slope)
            if i == 0:
                break
            before = rooms[i - 1]
            if link.beside:
                torch.baddbmm(room.passed_slope, slope, link.weight, out=before.slope)
            else:
                torch.bmm(slope, link.weight, out=before.slope)
            slope = before.own_slope  # (K, B, O)
        return loss.view(1)

    def _rooms(self, rows: int) -> list[Room]:
        if rows not in self.rooms:
            with torch.inference_mode(False):  # they may be written to outside of that as well
                self.rooms[rows] = [Room.of(link, rows) for link in self.links]
        return self.rooms[rows]


class ByAutogradTogether:
    """As `ByAutograd` for all members of an ensemble: torch runs each operation on K tensors as one."""

    recorded = True

    def __init__(self, network: Ensemble, flat: nn.Parameter, trim: float = 0.0) -> None:
        self.network = network
        self.slopes = _slope(flat)
        self.parameters: dict[str, Tensor] = {}
        for same in zip(*(member.named_parameters() for member in network.each), strict=True):
            values, slopes = _stacked([parameter for _, parameter in same], flat)
            values.requires_grad_().grad = slopes
            self.parameters[f"member.{same[0][0]}"] = values
        self.one = Loss(network.first, trim)
        self.names: tuple[str, ...] = ()
        self.terms = 0

    def __call__(self, batch: Batch) -> Tensor:
        self.network.first.done = self.network.done
        parts = {name: part for name, part in vars(batch).items() if part is not None}
        own = {name: 0 if part.dim() == 3 else None for name, part in parts.items()}

        def of_one(parameters: dict[str, Tensor], seen: dict[str, Tensor]) -> Tensor:
            found: Tensor = functional_call(self.one, parameters, (seen,))
            return found

        losses = vmap(of_one, in_dims=(0, own), randomness="different")(self.parameters, parts)  # (K, T)
        self.names, self.terms = self.one.names, len(self.one.names)
        self.slopes.zero_()
        losses.sum().backward()  # type: ignore[no-untyped-call]
        return losses.detach().mean(dim=0)


class Loss(nn.Module):
    """The parts of one member's loss as a function of a batch's tensors, for torch to run over members."""

    def __init__(self, member: Objective, trim: float) -> None:
        super().__init__()
        self.member, self.trim = member, trim
        self.names: tuple[str, ...] = ()

    def forward(self, parts: dict[str, Tensor]) -> Tensor:
        nothing: dict[str, Any] = {"observed": None}
        terms = self.member.loss_terms(Batch(**(nothing | parts)))
        self.names = tuple(terms)
        return torch.stack(means(list(terms.values()), self.trim))  # (T,)


def _stacked(same: Sequence[Tensor], flat: nn.Parameter) -> tuple[Tensor, Tensor]:
    """The same parameter of all members, and its gradient, as views of what `flatten` made, (K, …) each."""
    first, places_ = same[0], places(flat, same)
    apart = places_[-1].start - places_[-2].start if len(same) > 1 else 0
    shape, strides = (len(same), *first.shape), (apart, *first.stride())
    return (
        torch.as_strided(flat.data, shape, strides, places_[0].start),
        torch.as_strided(_slope(flat), shape, strides, places_[0].start),
    )


def _slope(parameter: Tensor) -> Tensor:
    if parameter.grad is None:
        raise ValueError("the network is not flattened")
    return parameter.grad


def _modules(half: nn.Module) -> list[nn.Module]:
    """What an encoder or decoder consists of, in the order that rows go through it."""
    parts = [*half.hidden, half.last] if isinstance(half, Beside) else half.children()
    return [module for module in parts if type(module) is not nn.Identity]


def _linear(network: Objective) -> list[tuple[nn.Linear, bool, bool]]:
    """The linear layers of the chain, whether a ReLU follows each, and whether what comes in goes on beside what comes out."""
    found = []
    for half in (network.layers.encoder, network.layers.decoder):
        modules = _modules(half)
        for module, after in zip(modules, [*modules[1:], None], strict=True):
            if isinstance(module, nn.Linear):
                found.append((module, isinstance(after, nn.ReLU), isinstance(half, Beside) and after is not None))
    return found


def _as_one(member: Objective, device: torch.device) -> bool:
    """Whether its loss is a function of weights and batch alone, of operations that torch runs over members at once, and
    faster than one after the other."""
    kind = type(member)
    pure = kind.penalties is Objective.penalties and kind.after_step is Objective.after_step and not kind.remembers
    unfit: tuple[type[nn.Module], ...] = (nn.modules.batchnorm._BatchNorm, nn.RNNBase)
    if device.type == "cpu":
        unfit = (*unfit, nn.Conv2d)  # whose products fill a processor: as one they take twice as long
    return pure and not any(isinstance(module, unfit) for module in member.modules())


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
    halves = (network.layers.encoder, network.layers.decoder)
    if not plain or any(type(half) not in (nn.Sequential, Beside) for half in halves):
        return False
    modules = [module for half in halves for module in _modules(half)]
    linear = all(type(module) in (nn.Linear, nn.ReLU) for module in modules) and type(modules[0]) is nn.Linear
    biased = all(module.bias is not None for module in modules if isinstance(module, nn.Linear))
    trainable = all(parameter.requires_grad for parameter in network.parameters())
    return linear and biased and trainable
