"""Which device and which precision “auto” is, on machines with a GPU and without."""

from __future__ import annotations

import os

import pytest
import torch

from core.errors import SettingsRefused
from core.models.base import build
from core.results import Block, Layout
from core.specs import RunSpec, spec_from_settings
from core.training.devices import WORKSPACE, device_for, precision_for, same_bits
from tests.core.models.test_contract import LAYOUTS

CPU, FIRST = torch.device("cpu"), torch.device("cuda", 0)
SMALL, LARGE = {"batch_size": 64}, {"batch_size": 512, "hidden_width": 512}


def cards(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """So many GPUs, for all that is asked here."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)


def test_auto_is_a_gpu_where_there_is_one_and_the_network_is_worth_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = (spec_from_settings("vanilla", settings) for settings in (SMALL, LARGE))
    for count, found in ((0, CPU), (1, FIRST)):
        cards(monkeypatch, count)
        assert device_for(small, (30,)) == CPU
        assert device_for(large, (100,)) == found
    digits = RunSpec(layers="convolutional").checked()
    assert device_for(digits, (28, 28, 1)) == FIRST
    assert device_for(spec_from_settings("vanilla", {**SMALL, "members": 32, "hidden_width": 256}), (30,)) == FIRST


def test_a_device_that_is_named_is_taken_whatever_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    cards(monkeypatch, 2)
    for wanted, found in (("cuda", FIRST), ("cuda:1", torch.device("cuda", 1)), ("cpu", CPU)):
        assert device_for(spec_from_settings("vanilla", {"device": wanted}), (3,)) == found
    with pytest.raises(SettingsRefused, match="no device “cuda:2”"):
        device_for(spec_from_settings("vanilla", {"device": "cuda:2"}), (3,))


def test_on_a_gpu_half_the_digits_are_for_large_networks_of_images(monkeypatch: pytest.MonkeyPatch) -> None:
    cards(monkeypatch, 1)
    layout = Layout((Block("image", "squared", 0, 784, 1 / 784),), (28, 28, 1))
    for channels, found in ((16, "float32"), (160, "bfloat16")):
        spec = spec_from_settings("vanilla", {"channels": channels}, 0, RunSpec(layers="convolutional"))
        layers = build(spec, layout).layers
        assert precision_for("auto", layers, FIRST) == found
        assert precision_for("bfloat16", layers, FIRST) == "bfloat16"


def test_a_gpu_is_asked_for_the_same_bits_and_all_else_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WORKSPACE, raising=False)
    cudnn = torch.backends.cudnn
    before = cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32
    for name, needed in (("gru", True), ("convolutional_1d", False)):
        spec = spec_from_settings("vanilla", {}, 0, RunSpec(layers=name))
        network = build(spec, LAYOUTS["series"][""])
        with same_bits(network, FIRST):
            assert (cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32) == (True, False, before[2])
            assert (WORKSPACE in os.environ) is needed
        assert (cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32) == before
        assert WORKSPACE not in os.environ
        with same_bits(network, CPU):
            assert cudnn.deterministic is before[0]
            assert WORKSPACE not in os.environ
