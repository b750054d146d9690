"""Training and scoring beside PyOD's AutoEncoder: one thread, one architecture, the same rows, in one run."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import torch
from numpy.typing import NDArray
from pyod.models.auto_encoder import AutoEncoder
from threadpoolctl import threadpool_limits
from torch.utils.data import DataLoader

from benchmarks.measure import Comparison, Seconds, in_turns, timed, write
from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.detector import AutoencoderDetector
from core.models.base import build
from core.results import Block, Encoded, Layout, Rows
from core.scoring.trained import Trained
from core.specs import RunSpec, spec_from_settings
from core.training.loop import Trainer

HIDDEN, BOTTLENECK, BATCH = 64, 32, 32
TURNS = 7
CPU = torch.device("cpu")
NOTES = [
    f"PyOD {version('pyod')}. One thread. The rows are drawn from eight hidden factors with noise.",
    "",
    f"Both train D → {HIDDEN} → ReLU → {BOTTLENECK} (linear) → {HIDDEN} → ReLU → D, float32, batches of {BATCH}, mean "
    "squared error, learning rate 0.001, weight decay 0.00001, without batch normalisation or dropout (PyOD's defaults "
    "have both; they are off, and its ReLU at the bottleneck is taken out). Every epoch is shuffled anew.",
    "",
    "Ours: one permuted tensor an epoch, AdamW, the gradient clipped to norm 5, the loss looked at for NaN, commands "
    "looked at every 8 steps, a validation loss on a tenth more rows after each epoch and the best weights kept; all of "
    "that is in its time. PyOD's: a DataLoader that standardises row by row, Adam, `loss.item()` each step; the time is "
    "its `train` alone. It drops the last partial batch, ours trains on it.",
    "",
    "Ratios are PyOD's time by ours, the median over turns that alternate. Under load the CPU ratio is the steadier.",
    "Lines without a goal show the whole way from an array and back, with each one's own reading and encoding.",
]


class Peer(AutoEncoder):
    """PyOD's, linear at the bottleneck as ours is; keeps the seconds of its training loop."""

    def build_model(self) -> None:
        super().build_model()
        self.model.encoder[-1].has_act = False

    def train(self, train_loader: DataLoader) -> None:
        self.trained_in = timed(lambda: super(Peer, self).train(train_loader))


def rows(count: int, width: int) -> NDArray[np.float64]:
    generator = np.random.default_rng(0)
    hidden = generator.normal(size=(count, 8))
    return hidden @ generator.normal(size=(8, width)) + 0.1 * generator.normal(size=(count, width))


def encoded(values: NDArray[np.float64]) -> Encoded:
    """As they are: one squared-error cell a column."""
    layout = Layout(tuple(Block(f"x{i}", "squared", i, i + 1) for i in range(values.shape[1])))
    return Encoded(layout, values.astype(np.float32), np.ones(values.shape, bool))


def settings(epochs: int) -> dict[str, object]:
    shape = {"bottleneck": BOTTLENECK, "depth": 1, "hidden_width": HIDDEN, "activation": "relu"}
    return {**shape, "batch_size": BATCH, "epochs": epochs, "patience": 1_000}


def peer(epochs: int, preprocessing: bool = True) -> Peer:
    return Peer(
        preprocessing=preprocessing,
        epoch_num=epochs,
        batch_size=BATCH,
        hidden_neuron_list=[HIDDEN, BOTTLENECK],
        batch_norm=False,
        dropout_rate=0.0,
        verbose=0,
        device="cpu",
    )


def spec_of(epochs: int) -> RunSpec:
    return spec_from_settings("vanilla", settings(epochs), 0)


def training(width: int, goal: float, count: int = 10_000, epochs: int = 3) -> Comparison:
    """Rows trained on a second: `Trainer` over an Encoded beside PyOD's training loop."""
    values = rows(count + count // 10, width)
    data = encoded(values)
    spec = spec_of(epochs)

    return in_turns(
        f"training, {count:,} × {width}",
        count * epochs,
        lambda: ours(spec, data, count),
        lambda: theirs(values[:count], epochs),
        TURNS,
        goal,
    )


def ours(spec: RunSpec, data: Rows, count: int) -> Seconds:
    """Our trainer on the first rows, with validation on the others."""
    torch.manual_seed(0)
    network = build(spec, data.layout)

    def work() -> None:
        trainer = Trainer(network, data, np.arange(count), np.arange(count, len(data)), spec.training, CPU)
        for _ in trainer.epochs():
            pass

    return timed(work)


def theirs(values: NDArray[np.float64], epochs: int) -> Seconds:
    """PyOD's training loop."""
    detector = peer(epochs)
    detector.fit(values)
    return detector.trained_in


def whole_fit(width: int, count: int = 10_000, epochs: int = 3) -> Comparison:
    """Rows trained on a second by the estimators, from an array to scores of all its rows."""
    values = rows(count, width)
    return in_turns(
        f"estimator's fit, {count:,} × {width}",
        count * epochs,
        lambda: timed(lambda: AutoencoderDetector(settings=settings(epochs)).fit(values)),
        lambda: timed(lambda: peer(epochs).fit(values)),
        3,
    )


def scoring(goal: float, count: int = 20_000, width: int = 500) -> list[Comparison]:
    """Rows scored a second: encoded rows, typed rows, and an array through the estimators."""
    values = rows(count, width)
    few = values[:1_000]
    standing = peer(1)
    standing.fit(few)
    bare = peer(1, preprocessing=False)
    bare.fit(few)
    detector = AutoencoderDetector(settings=settings(1)).fit(few)
    table = table_from_frame(values)
    encoder = Encoder.fit(table_from_frame(few))
    trained = Trained(encoder, build(spec_of(1), encoder.layout).eval(), spec_of(1))
    data = encoder.encode(table)
    floats = data.values

    def standardised() -> Seconds:
        return timed(lambda: standing.decision_function(values))

    return [
        in_turns(
            f"scoring encoded rows, {count:,} × {width}, beside decision_function",
            count,
            lambda: timed(lambda: trained.scores(data)),
            standardised,
            TURNS,
            goal,
        ),
        in_turns(
            f"scoring encoded rows, {count:,} × {width}, beside decision_function without its preprocessing",
            count,
            lambda: timed(lambda: trained.scores(data)),
            lambda: timed(lambda: bare.decision_function(floats)),
            TURNS,
        ),
        in_turns(
            f"encoding and scoring, {count:,} × {width}, beside decision_function",
            count,
            lambda: timed(lambda: trained.scores(trained.encoder.encode(table))),
            standardised,
            TURNS,
        ),
        in_turns(
            f"estimator's decision_function, {count:,} × {width}",
            count,
            lambda: timed(lambda: detector.decision_function(values)),
            standardised,
            TURNS,
        ),
    ]


def main() -> None:
    torch.set_num_threads(1)
    with threadpool_limits(1):
        found = [training(32, 4.0), training(500, 3.0), whole_fit(32), whole_fit(500), *scoring(9.0)]
    header = ["what", "ours, rows/s", "PyOD, rows/s", "CPU ratio", "wall ratio", "goal"]
    table = [
        [
            one.name,
            f"{one.rate('ours', 'cpu'):,.0f}",
            f"{one.rate('peer', 'cpu'):,.0f}",
            f"{one.ratio('cpu'):.1f}",
            f"{one.ratio('wall'):.1f}",
            f"≥ {one.goal:g}" if one.goal else "",
        ]
        for one in found
    ]
    notes = [*NOTES, "Rows a second are rows a CPU second."]
    write("throughput", "Training and scoring beside PyOD", notes, header, table, [one.record() for one in found])


if __name__ == "__main__":
    main()
