"""Optimisers over the one tensor that holds all parameters, its gradient clipped in the same pass.

torch's own optimisers call the same fused kernels, but for a table's network their bookkeeping around the call takes
longer than the step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

BETAS = (0.9, 0.999)
EPSILON = 1e-8


class Optimiser(ABC):
    """Moves `flat` (P,) against its gradient, or only the parts of it that `move` names."""

    def __init__(
        self,
        flat: nn.Parameter,
        *,
        learning_rate: float,
        weight_decay: float,
        largest_norm: float,
        momentum: float = 0.0,
    ) -> None:
        """largest_norm: a longer gradient is scaled down to it; 0 leaves all as they are."""
        if flat.grad is None:
            raise ValueError("the network is not flattened")
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.largest_norm = largest_norm
        self.momentum = momentum
        self._flat, self._slope = flat.data, flat.grad
        self._mean = torch.zeros_like(flat.data)  # (P,): of the gradient
        self._square = torch.zeros_like(flat.data)  # (P,): of its square
        self._count = torch.zeros((), device=flat.device)
        self.norm = torch.zeros((), device=flat.device)  # of the last gradient, before it was scaled
        self.move([slice(0, len(flat))])

    def move(self, places: Sequence[slice]) -> None:
        """From now on only these parts of the tensor move, from a state as at the beginning."""
        for tensor in (self._mean, self._square, self._count):
            tensor.zero_()
        self.parameters, self.slopes, self.mean, self.square = (
            [tensor[place] for place in places] for tensor in (self._flat, self._slope, self._mean, self._square)
        )
        self.counts = [self._count] * len(places) if len(places) == 1 else [self._count.clone() for _ in places]

    def step(self) -> None:
        """One step. A gradient that is not finite spoils the parameters, and so the next loss, which is looked at."""
        norms = [torch.linalg.vector_norm(slope) for slope in self.slopes]
        self.norm = norms[0] if len(norms) == 1 else torch.linalg.vector_norm(torch.stack(norms))
        for count in self.counts:
            count.add_(1)
        self._kernel(self.norm.div(self.largest_norm).clamp_(min=1.0) if self.largest_norm else None)

    @abstractmethod
    def _kernel(self, scale: Tensor | None) -> None:
        """Move. scale: what the gradient is divided by first, ()."""

    def state(self) -> dict[str, Tensor]:
        """What the next step depends on, besides parameters and gradient."""
        return {"mean": self._mean, "square": self._square, "count": self.counts[0]}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        self._mean.copy_(state["mean"])
        self._square.copy_(state["square"])
        for count in self.counts:
            count.copy_(state["count"])


class Adaptive(Optimiser):
    """Steps by running means of the gradient and of its square."""

    kernel: Callable[..., None]

    def _kernel(self, scale: Tensor | None) -> None:
        self.kernel(
            self.parameters,
            self.slopes,
            self.mean,
            self.square,
            [],
            self.counts,
            lr=self.learning_rate,
            beta1=BETAS[0],
            beta2=BETAS[1],
            weight_decay=self.weight_decay,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
            grad_scale=scale,
            found_inf=None,
        )


class AdamW(Adaptive):
    """Loshchilov and Hutter: Decoupled weight decay regularization (2019), algorithm 2."""

    kernel = staticmethod(torch._fused_adamw_)


class Adam(Adaptive):
    """Kingma and Ba: Adam (2015), algorithm 1; weight decay is part of the gradient."""

    kernel = staticmethod(torch._fused_adam_)


class SGD(Optimiser):
    """Gradient descent with momentum (Polyak 1964)."""

    def _kernel(self, scale: Tensor | None) -> None:
        torch._fused_sgd_(
            self.parameters,
            self.slopes,
            self.mean,
            weight_decay=self.weight_decay,
            momentum=self.momentum,
            lr=self.learning_rate,
            dampening=0.0,
            nesterov=False,
            maximize=False,
            is_first_step=False,
            grad_scale=scale,
            found_inf=None,
        )


OPTIMISERS: dict[str, type[Optimiser]] = {"AdamW": AdamW, "Adam": Adam, "SGD": SGD}
