"""The loop: the best weights are kept, NaN is named, and a resumed training is the same training."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from core.errors import Cancelled, Diverged
from core.models.base import build
from core.results import Block, Encoded, Layout
from core.specs import RunSpec, Training
from core.training.estimate import estimate, raw_estimate
from core.training.loop import Trainer

LAYOUT = Layout(tuple(Block(f"c{i}", "squared", i, i + 1) for i in range(6)))


def data(rows: int = 300) -> Encoded:
    generator = np.random.default_rng(0)
    hidden = generator.normal(size=(rows, 2))
    values = (hidden @ generator.normal(size=(2, 6)) + 0.05 * generator.normal(size=(rows, 6))).astype(np.float32)
    return Encoded(LAYOUT, values, np.ones_like(values, bool))


def trainer(source: Encoded | None = None, held: int = 30, **training: object) -> Trainer:
    source = source or data()
    spec = RunSpec(training=Training(**training)).checked()
    torch.manual_seed(spec.training.seed)
    rows = np.arange(len(source.values))
    return Trainer(build(spec, LAYOUT), source, rows[held:], rows[:held], spec.training, torch.device("cpu"))


def bits(one: Trainer) -> bytes:
    return b"".join(value.numpy().tobytes() for value in one.network.state_dict().values())


def test_the_loss_falls_and_the_best_epoch_is_kept() -> None:
    one = trainer(epochs=40)
    seen = list(one.epochs())
    validation = [progress.losses["validation"] for progress in seen]
    assert validation[-1] < validation[0] / 2
    assert one.best_loss <= min(validation) * 1.001
    assert seen[one.best_epoch - 1].best
    assert [progress.epoch for progress in seen] == list(range(1, len(seen) + 1))


@pytest.mark.parametrize("cut", [1, 4, 9])
def test_resuming_from_a_checkpoint_gives_the_same_bits(cut: int) -> None:
    whole = trainer(epochs=12)
    list(whole.epochs())
    first = trainer(epochs=12)
    for progress in first.epochs():
        if progress.epoch == cut:
            break
    blobs = first.checkpoint()
    torch.rand(7)  # another state of the world
    second = trainer(epochs=12)
    second.restore(blobs)
    list(second.epochs())
    assert second.step == whole.step
    assert bits(second) == bits(whole)
    second.use_best()
    whole.use_best()
    assert bits(second) == bits(whole)


def test_a_checkpoint_of_an_earlier_version_is_gone_on_from() -> None:
    whole = trainer(epochs=8)
    list(whole.epochs())
    first = trainer(epochs=8)
    for progress in first.epochs():
        if progress.epoch == 4:
            break
    blobs = first.checkpoint()
    known = ("epoch", "step", "best_loss", "best_epoch", "seconds")
    said = json.loads(blobs["progress"])
    second = trainer(epochs=8)
    second.restore({**blobs, "progress": json.dumps({name: said[name] for name in known}).encode()})
    list(second.epochs())
    assert bits(second) == bits(whole)


def test_rows_and_gradients_can_be_asked_for_between_epochs() -> None:
    one = trainer(epochs=2)
    next(one.epochs())
    for part in one.train.shuffled(50, one.generator):
        assert torch.isfinite(one.gradient(one.varied(part))).all()


def test_patience_ends_it_and_stop_ends_it() -> None:
    noise = data()
    noise.values[:] = np.random.default_rng(1).normal(size=noise.values.shape)
    early = trainer(noise, epochs=500, patience=3)
    assert len(list(early.epochs())) < 500
    stopped = trainer(epochs=500, patience=400)
    stopped.stop = lambda: stopped.epoch >= 5
    assert len(list(stopped.epochs())) == 5
    assert stopped.stopped


def test_nan_stops_with_the_step_and_keeps_the_best() -> None:
    one = trainer(epochs=50)
    epochs = one.epochs()
    for _ in range(3):
        next(epochs)
    good = {name: value.clone() for name, value in one.best.items()}
    with torch.no_grad():
        next(one.network.parameters()).fill_(float("nan"))
    with pytest.raises(Diverged) as caught:
        next(epochs)
    assert "step" in caught.value.where
    assert "learning rate" in (caught.value.fix or "")
    assert "kept" in caught.value.what
    assert all(torch.equal(good[name], value) for name, value in one.best.items())
    one.use_best()
    assert all(bool(torch.isfinite(value).all()) for value in one.network.state_dict().values())


def test_cancel_is_heard_inside_an_epoch() -> None:
    one = trainer(data(20_000), epochs=5, batch_size=8)
    asked = 0

    def cancel() -> None:
        nonlocal asked
        asked += 1
        if asked > 10:
            raise Cancelled("the job was cancelled", where="test", fix="none")

    one.check = cancel
    with pytest.raises(Cancelled):
        list(one.epochs())
    assert one.epoch == 0


def test_the_estimate_grows_with_the_work_and_learns_from_history() -> None:
    small, large = RunSpec().checked(), RunSpec(training=Training(epochs=600)).checked()
    watched = RunSpec(training=Training(epochs=600, patience=20)).checked()
    blind = RunSpec(training=Training(epochs=600, validation_share=0)).checked()
    assert estimate(small, 100_000, (30,)) > 3 * estimate(small, 10_000, (30,))
    assert estimate(large, 10_000, (30,)) <= estimate(watched, 10_000, (30,)) < estimate(blind, 10_000, (30,)) / 3
    assert estimate(large, 10_000, (30,), epochs=600) == pytest.approx(estimate(blind, 10_000, (30,)), rel=0.2)
    hurried = RunSpec(training=Training(epochs=5_000, validation_share=0, minutes=0.1)).checked()
    assert estimate(hurried, 10_000, (30,)) < 10
    took = 3 * raw_estimate(small, 10_000, (30,))
    history = [(small, {"seconds": took, "rows_scored": 10_000, "width": 30})]
    assert estimate(small, 10_000, (30,), history) == pytest.approx(took)
    # A run that stopped after half the epochs says as much about the machine.
    half = 3 * raw_estimate(small, 10_000, (30,), epochs=30)
    history = [(small, {"seconds": half, "rows_scored": 10_000, "width": 30, "epochs": 30})]
    assert estimate(small, 10_000, (30,), history) == pytest.approx(took)
