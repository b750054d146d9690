"""The layers for windows of a series: they begin as PCA, and go on from there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from core.errors import SettingsRefused
from core.models.base import Objective, build
from core.results import Block, Encoded, Layout
from core.specs import LAYERS, RunSpec, Training
from core.training.loop import Trainer

FAMILIES = ("convolutional_1d", "gru")
CPU = torch.device("cpu")


def series(values: NDArray[np.floating[Any]], channels: int) -> Encoded:
    """Rows (N, T·C) as windows of numbers."""
    steps = values.shape[1] // channels
    blocks = (
        Block(f"channel {c}", "squared", t * channels + c, t * channels + c + 1, 1 / steps)
        for t in range(steps)
        for c in range(channels)
    )
    return Encoded(Layout(tuple(blocks), (steps, channels)), values.astype(np.float32), np.ones(values.shape, bool))


def sines(count: int = 300, steps: int = 24, seed: int = 0) -> Encoded:
    """Two channels, the second the square of the first: what no linear map knows."""
    generator = np.random.default_rng(seed)
    phase, speed = generator.uniform(0, 6.28, (count, 1)), generator.uniform(0.2, 0.5, (count, 1))
    first = np.sin(phase + speed * np.arange(steps))
    return series(np.stack([first, first**2 - 0.5], axis=2).reshape(count, -1), 2)


def trainer_of(family: str, data: Encoded, seed: int = 0, epochs: int = 4, **settings: Any) -> Trainer:
    training = Training(epochs=epochs, seed=seed, learning_rate=2e-3)
    spec = RunSpec(layers=family, layer_settings=settings, training=training).checked()
    torch.manual_seed(seed)
    every = np.arange(len(data))
    return Trainer(build(spec, data.layout), data, every, every[:0], spec.training, CPU)


def run(trainer: Trainer) -> Objective:
    for _ in trainer.epochs():
        pass
    trainer.use_best()
    return trainer.network


def rebuilt(network: Objective, data: Encoded) -> NDArray[np.float32]:
    with torch.inference_mode():
        return network.eval().reconstruct(torch.from_numpy(data.values)).numpy()


def pca_of(values: NDArray[np.float32], width: int) -> NDArray[np.float64]:
    exact = values.astype(np.float64)
    pca = PCA(width, svd_solver="full").fit(exact)
    rows: NDArray[np.float64] = pca.inverse_transform(pca.transform(exact))
    return rows


@pytest.mark.parametrize("family", FAMILIES)
class TestEachFamily:
    @pytest.mark.parametrize("count", [20, 400], ids=["fewer windows than numbers", "more"])
    def test_it_begins_as_pca(self, family: str, count: int) -> None:
        generator = np.random.default_rng(1)
        data = series(3 + generator.normal(size=(count, 36)) @ generator.normal(size=(36, 36)), 3)
        network = trainer_of(family, data, bottleneck=7).network
        assert np.allclose(rebuilt(network, data), pca_of(data.values, 7), atol=2e-4)
        codes = network.encode(torch.from_numpy(data.values)).detach()
        assert torch.allclose(codes.T @ codes / count, torch.eye(7), atol=1e-3)

    def test_it_looks_at_windows_from_all_of_a_long_series(self, family: str) -> None:
        """The second half of a window varies in the later half of the rows alone."""
        generator = np.random.default_rng(2)
        values = np.zeros((4_000, 16))
        values[:2_000, :8] = generator.normal(size=(2_000, 1))
        values[2_000:, 8:] = generator.normal(size=(2_000, 1))
        data = series(values, 2)
        seen: list[int] = []
        network = trainer_of(family, data, bottleneck=2).network
        assert np.allclose(rebuilt(network, data), values, atol=1e-3)
        network.layers.start = lambda rows, heads: seen.append(len(rows))  # type: ignore[method-assign]
        for count in (3, 2_000, 2_001, 3_999):
            every = np.arange(count)
            Trainer(network, data, every, every[:0], Training(), CPU)
        assert seen == [3, 2_000, 1_001, 2_000]

    def test_training_improves_on_its_start(self, family: str) -> None:
        data = sines()
        trainer = trainer_of(family, data, epochs=40, bottleneck=3)
        before = np.square(rebuilt(trainer.network, data) - data.values).mean()
        after = np.square(rebuilt(run(trainer), data) - data.values).mean()
        assert after < 0.5 * before
        others = sines(seed=9)
        assert np.square(rebuilt(trainer.network, others) - others.values).mean() < 0.7 * before

    def test_the_same_seed_gives_the_same_bits(self, family: str) -> None:
        data = sines(70)
        first, second = (rebuilt(run(trainer_of(family, data)), data) for _ in range(2))
        assert np.array_equal(first, second)

    def test_going_on_from_a_checkpoint_is_never_having_stopped(self, family: str) -> None:
        data = sines(70)
        whole = rebuilt(run(trainer_of(family, data)), data)
        stopped = trainer_of(family, data)
        epochs = stopped.epochs()
        next(epochs), next(epochs)
        resumed = trainer_of(family, data, epochs=4)
        resumed.restore(stopped.checkpoint())
        assert resumed.epoch == 2
        assert np.array_equal(rebuilt(run(resumed), data), whole)

    @pytest.mark.parametrize("count", [1, 2, 40])
    @pytest.mark.parametrize("channels", [1, 2])
    def test_few_windows_and_one_channel(self, family: str, channels: int, count: int) -> None:
        data = series(np.random.default_rng(3).normal(size=(count, 16 * channels)), channels)
        assert np.isfinite(rebuilt(run(trainer_of(family, data, bottleneck=6)), data)).all()

    @pytest.mark.parametrize("level", [0.0, 0.1, 7.0])
    def test_nothing_varies(self, family: str, level: float) -> None:
        data = series(np.full((50, 24), level), 2)
        trainer = trainer_of(family, data)
        assert np.allclose(rebuilt(trainer.network, data), level, atol=1e-5)
        assert np.isfinite(rebuilt(run(trainer), data)).all()

    def test_one_channel_is_constant(self, family: str) -> None:
        values = np.random.default_rng(4).normal(size=(60, 12, 2))
        values[:, :, 1] = 0.3
        data = series(values.reshape(60, -1), 2)
        trainer = trainer_of(family, data, bottleneck=20)
        assert np.allclose(rebuilt(trainer.network, data), data.values, atol=1e-4)  # twelve directions are all
        assert np.isfinite(rebuilt(run(trainer), data)).all()

    def test_units_without_a_direction_can_still_learn(self, family: str) -> None:
        data = series(np.random.default_rng(5).normal(size=(3, 24)), 2)  # two directions
        network = trainer_of(family, data, bottleneck=5).network
        wanted = torch.from_numpy(np.random.default_rng(6).normal(size=(8, 24)).astype(np.float32))
        network.zero_grad()
        (network.reconstruct(wanted) - wanted).square().mean().backward()
        slope = network.layers.decoder.get_parameter("code.weight").grad
        assert slope is not None
        assert bool((slope.abs().amax(dim=0) > 0).all())

    def test_an_automatic_bottleneck_is_a_tenth_within_bounds(self, family: str) -> None:
        plan, settings = LAYERS.get(family).plan, LAYERS.get(family).settings.read({})
        found = [plan(settings, shape).bottleneck for shape in ((8, 1), (12, 3), (64, 6), (64, 40))]
        assert found == [2, 3, 38, 64]

    def test_what_does_not_fit_is_refused_in_words(self, family: str) -> None:
        span = "kernel" if family == "convolutional_1d" else "patch"
        for shape, settings, words in (
            ((40,), {}, "at least 8 steps"),
            ((7, 3), {}, "at least 8 steps"),
            ((9, 9, 3), {}, "at least 8 steps"),
            ((12, 2), {span: 13}, "13 steps are looked at together"),
            ((12, 2), {"bottleneck": 24}, "squeezes nothing"),
        ):
            card = LAYERS.get(family)
            with pytest.raises(SettingsRefused, match=words):
                card.plan(card.settings.read(settings), shape)


def test_a_filter_of_even_length_is_refused() -> None:
    with pytest.raises(SettingsRefused, match="odd"):
        LAYERS.get("convolutional_1d").settings.read({"kernel": 6})
