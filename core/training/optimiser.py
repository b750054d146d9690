"""AdamW over the one tensor that holds all parameters, its gradient clipped in the same pass.

Loshchilov and Hutter: Decoupled weight decay regularization (2019), algorithm 2, as torch's own fused kernel
computes it. `torch.optim.AdamW` calls the same kernel, but for a table's network its bookkeeping around the
call takes longer than the step.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

BETAS = (0.9, 0.999)
EPSILON = 1e-8


class AdamW:
    """Moves `flat` (P,) against its gradient."""

    def __init__(self, flat: nn.Parameter, *, learning_rate: float, weight_decay: float, largest_norm: float) -> None:
        if flat.grad is None:
            raise ValueError("the network is not flattened")
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.largest_norm = largest_norm
        self.parameters = [flat.data]
        self.slopes = [flat.grad]
        self.mean = [torch.zeros_like(flat.data)]  # (P,): of the gradient
        self.square = [torch.zeros_like(flat.data)]  # (P,): of its square
        self.count = [torch.zeros((), device=flat.device)]

    def step(self) -> None:
        """One step. A gradient longer than `largest_norm` is scaled down to it; one that is not finite spoils
        the parameters, and so the next loss, which is looked at."""
        scale = torch.linalg.vector_norm(self.slopes[0]).div_(self.largest_norm).clamp_(min=1.0)
        self.count[0].add_(1)
        torch._fused_adamw_(
            self.parameters,
            self.slopes,
            self.mean,
            self.square,
            [],
            self.count,
            lr=self.learning_rate,
            beta1=BETAS[0],
            beta2=BETAS[1],
            weight_decay=self.weight_decay,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
            grad_scale=scale,  # what the kernel divides the gradient by
            found_inf=None,
        )

    def state(self) -> dict[str, Tensor]:
        """What the next step depends on, besides parameters and gradient."""
        return {"mean": self.mean[0], "square": self.square[0], "count": self.count[0]}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        for name, tensor in self.state().items():
            tensor.copy_(state[name])
