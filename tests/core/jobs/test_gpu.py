"""On a real GPU, where there is one: the same bits, memory that runs out, a worker that is killed, what the record says."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sqlalchemy import select

from core.jobs.launch import ensure_supervisor
from core.jobs.wait import wait
from core.models.base import build
from core.specs import LAYERS, spec_from_settings
from core.storage.store import Store
from core.storage.tables import jobs
from core.training.loop import Trainer
from tests.conftest import add_csv, grid_csv
from tests.core.jobs.test_train import trained
from tests.core.models.test_contract import LAYOUTS, rows_of
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
ROOM = 500_000_000  # bytes of the card


def trainer(model: str, **settings: Any) -> Trainer:
    spec = spec_from_settings(model, {"epochs": 4, "batch_size": 16, **settings})
    layout = LAYOUTS[LAYERS.get(spec.layers).suits[0]][""]
    torch.manual_seed(0)
    rows = np.arange(120)
    return Trainer(
        build(spec, layout), rows_of(layout, 120), rows[20:], rows[:20], spec.training, torch.device("cuda", 0)
    )


def weights(one: Trainer) -> dict[str, torch.Tensor]:
    for _ in one.epochs():
        pass
    return {name: value.cpu() for name, value in one.network.state_dict().items()}


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("vanilla", {"dropout": 0.3}),
        ("vanilla", {"dropout": 0.3, "find_rate": True}),
        ("denoising", {"members": 3, "dropout": 0.3}),
        ("variational", {"number_loss": "likelihood"}),
        ("contractive", {}),
        ("vanilla", {"layers": "convolutional", "dropout": 0.3}),
        ("vanilla", {"layers": "convolutional", "precision": "bfloat16"}),
        ("vanilla", {"layers": "convolutional", "members": 3}),
        ("vanilla", {"layers": "convolutional_1d"}),
        ("vanilla", {"layers": "gru"}),
        ("vanilla", {"layers": "lstm"}),
    ],
    ids=str,
)
def test_a_training_that_goes_on_has_the_bits_of_one_that_never_stopped(model: str, settings: dict[str, Any]) -> None:
    whole = weights(trainer(model, **settings))
    first = trainer(model, **settings)
    next(first.epochs())
    blobs = first.checkpoint()
    torch.rand(7, device="cuda")  # another state of the world
    second = trainer(model, **settings)
    second.restore(blobs)
    found = weights(second)
    assert all(torch.equal(found[name], value) for name, value in whole.items())


@pytest.fixture
def short_of_memory() -> Iterator[None]:
    card = torch.device("cuda", 0)
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(ROOM / torch.cuda.get_device_properties(card).total_memory, card)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0, card)


@pytest.mark.usefixtures("short_of_memory")
def test_a_batch_that_does_not_fit_is_halved_until_it_does(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv(20_000))
    large = {"hidden_width": 1_024, "depth": 2, "batch_size": 16_384, "epochs": 3, "device": "cuda"}
    run = trained(store, dataset, **large)
    assert run.state == "succeeded"
    assert run.summary["epochs"] == 3
    assert run.summary["device"] == "cuda:0"
    assert any("memory was short: trained with" in notice for notice in run.summary["notices"])


def test_a_worker_that_is_killed_goes_on_there(working: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = add_csv(working, tmp_path, grid_csv(4_000))
    settings = {"epochs": 250, "patience": 1_000, "device": "cuda", "batch_size": 32}
    losses = []
    for killed in (True, False):
        run = working.runs.submit(dataset.id, spec_from_settings("vanilla", settings))
        ensure_supervisor(working.settings)
        if killed:
            folder = working.settings.home / "checkpoints" / run.job_id / "attempt-1"
            eventually(lambda folder=folder: any(folder.glob("step-*")), "there is no checkpoint")
            with working.engine.connect() as connection:
                os.kill(connection.scalar(select(jobs.c.pid).where(jobs.c.id == run.job_id)), signal.SIGKILL)
        job = wait(working, run.job_id, timeout=120.0)
        assert (job.state, job.attempt) == ("succeeded", 2 if killed else 1), job.error
        summary = working.runs.get(run.id).summary
        assert summary["device"] == "cuda:0"
        losses.append(summary["loss_best"])
    assert losses[0] == losses[1]
