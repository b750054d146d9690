"""Which device a run trains on, and in which precision there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from core.models.base import Layers, Objective
from core.specs import RunSpec, no_device

# Measured beside each other (benchmarks.gpu). A GPU is asked for each step in some dozens of single orders, which take as
# long for a small network as for one of millions of weights.
LEAST_PRODUCTS = 20_000_000  # multiply-adds of a step, from which on a GPU is faster than the processor beside it
LEAST_HALVED = 4_000_000  # weights, from which on a GPU gains more by bfloat16 than the conversions cost
# Recurrent cells need it; others seem to pay for it at each product. So it is set for those alone.
WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"


def precision_for(wanted: str, layers: Layers, device: torch.device) -> str:
    """ "auto" is bfloat16 where the layers gain by it and the machine computes it itself, else float32."""
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        weights = sum(parameter.numel() for parameter in layers.parameters())
        gains = weights >= LEAST_HALVED and torch.cuda.is_bf16_supported()
    else:
        gains = torch.cpu._is_avx512_bf16_supported()
    return "bfloat16" if layers.halves and gains else "float32"


def device_for(spec: RunSpec, shape: tuple[int, ...]) -> torch.device:
    """ "auto" is the first GPU where there is one and a step of this network gives it enough to do. shape: of a row.

    Raises SettingsRefused for a GPU that isn't there.
    """
    wanted = spec.training.device
    if wanted == "auto":
        plan = spec.plan(shape)
        products = plan.parameters * plan.members * plan.shared * spec.training.batch_size
        wanted = "cuda" if products >= LEAST_PRODUCTS and torch.cuda.is_available() else "cpu"
    device = torch.device(wanted)
    if device.type == "cpu":
        return device
    number = device.index or 0  # said, so that a run's record names the card
    if number >= torch.cuda.device_count():
        raise no_device(wanted)
    return torch.device("cuda", number)


@contextmanager
def same_bits(network: Objective, device: torch.device) -> Iterator[None]:
    """A GPU's convolutions and recurrent cells are computed in a way that gives the same bits each time: else they add in
    the order in which it comes to be done."""
    if device.type != "cuda":
        yield
        return
    before = os.environ.get(WORKSPACE)
    if before is None and any(isinstance(module, nn.RNNBase) for module in network.modules()):
        os.environ[WORKSPACE] = ":4096:8"
    cudnn = torch.backends.cudnn
    try:
        with cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=cudnn.allow_tf32):
            yield
    finally:
        if before is None:
            os.environ.pop(WORKSPACE, None)
