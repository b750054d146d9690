"""Each family's training beside its best peer: PyOD's AutoEncoder and VAE, pythae's VAE, else a plain torch loop.

`python -m benchmarks.peers`. The same rows, architecture, batch and thread, in turns; CPU seconds. A plain loop is what one
writes in a notebook: the same network and loss in float32, a permutation an epoch, torch's AdamW and clipping.
"""

from __future__ import annotations

import logging
import statistics
import sys
from collections.abc import Callable
from importlib.metadata import version
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray
from pyod.models.vae import VAE
from pythae.data.datasets import BaseDataset
from pythae.models import VAE as PythaeVAE
from pythae.models import VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from threadpoolctl import threadpool_limits
from torch import Tensor, nn
from torch.utils.data import DataLoader

from benchmarks import convolutional
from benchmarks.measure import Comparison, Seconds, in_turns, timed, write
from benchmarks.plain import step
from benchmarks.throughput import encoded, ours, rows, theirs
from core.datasets.encoding import Encoder as TableEncoder
from core.datasets.encoding import WindowEncoder
from core.datasets.frames import table_from_frame
from core.models.base import Batch, build
from core.results import Block, Encoded, Layout, Rows
from core.specs import RunSpec, Training

HIDDEN, LATENT, BATCH, EPOCHS, TURNS = 64, 32, 32, 3, 5
MEMBERS = 8
CPU = torch.device("cpu")
SHAPE = {"bottleneck": LATENT, "depth": 1, "hidden_width": HIDDEN}
LOOP = "a plain loop"


def spec_of(objective: str, layers: str = "fully_connected", epochs: int = EPOCHS, **training: int) -> RunSpec:
    """The family as it is compared: on tables of one architecture, else as it is by default."""
    shape = SHAPE if layers == "fully_connected" else {"shift": 0} if layers == "convolutional" else {}
    settings = {"epochs": epochs, "batch_size": BATCH, "patience": 1_000, **training}
    return RunSpec(
        objective=objective, layers=layers, layer_settings=shape, training=Training(**settings), number_loss="squared"
    ).checked()


def plain(spec: RunSpec, values: NDArray[np.float32], layout: Layout) -> Seconds:
    """The same network and loss, trained as one writes it down. values: (N, D) in memory."""
    torch.manual_seed(0)
    network, data = build(spec, layout).train(), torch.from_numpy(values)
    generator, training = torch.Generator().manual_seed(0), spec.training
    optimiser = torch.optim.AdamW(network.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay)

    def work() -> None:
        for stage in network.stages():
            network.begin(stage)
            for _ in range(round(training.epochs * network.share(stage)) or 1):
                for part in torch.randperm(len(data)).split(training.batch_size):
                    shown = network.corrupt(Batch(data[part], None), generator)
                    step(network, optimiser, shown, training.clip).item()

    return timed(work)


def in_memory(name: str, spec: RunSpec, data: Rows, count: int, goal: float | None = None) -> Comparison:
    """Beside the plain loop."""
    values = data.take(np.arange(count)).values
    epochs = count * spec.training.epochs
    return in_turns(
        name, epochs, lambda: ours(spec, data, count), lambda: plain(spec, values, data.layout), TURNS, goal
    )


# --- peers ---------------------------------------------------------------------------------------------


class Timed(VAE):
    """PyOD's, which keeps the seconds of its training loop."""

    def train(self, train_loader: DataLoader) -> None:
        self.trained_in = timed(lambda: super(Timed, self).train(train_loader))


def pyod_vae(values: NDArray[np.float64]) -> Seconds:
    detector = Timed(
        epoch_num=EPOCHS,
        batch_size=BATCH,
        encoder_neuron_list=[HIDDEN],
        decoder_neuron_list=[HIDDEN],
        latent_dim=LATENT,
        dropout_rate=0.0,
        verbose=0,
        device="cpu",
    )
    detector.fit(values)
    return detector.trained_in


class Encoder(BaseEncoder):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, HIDDEN), nn.ReLU())
        self.mean, self.log_variance = nn.Linear(HIDDEN, LATENT), nn.Linear(HIDDEN, LATENT)

    def forward(self, values: Tensor) -> ModelOutput:
        hidden = self.layers(values)
        return ModelOutput(embedding=self.mean(hidden), log_covariance=self.log_variance(hidden))


class Decoder(BaseDecoder):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(LATENT, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, width))

    def forward(self, codes: Tensor) -> ModelOutput:
        return ModelOutput(reconstruction=self.layers(codes))


def pythae_vae(values: NDArray[np.float32]) -> Seconds:
    width = values.shape[1]
    with TemporaryDirectory() as folder:
        model = PythaeVAE(VAEConfig(input_dim=(width,), latent_dim=LATENT), Encoder(width), Decoder(width))
        config = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=EPOCHS,
            learning_rate=1e-3,
            per_device_train_batch_size=BATCH,
            no_cuda=True,
        )
        trainer = BaseTrainer(model, BaseDataset(torch.from_numpy(values), torch.zeros(len(values))), None, config)
        return timed(lambda: trainer.train())


def tables() -> list[Comparison]:
    """Fully connected, 10,000 rows of 32 columns and a tenth more to validate on."""
    count, width = 10_000, 32
    values = rows(count + count // 10, width)
    data, learned = encoded(values), count * EPOCHS
    floats = data.values[:count]

    def beside(name: str, objective: str, peer: Callable[[], Seconds], goal: float | None = None) -> Comparison:
        spec = spec_of(objective)
        return in_turns(name, learned, lambda: ours(spec, data, count), peer, TURNS, goal)

    found = [
        beside("vanilla, fully connected · PyOD's AutoEncoder", "vanilla", lambda: theirs(values[:count], EPOCHS), 4.0),
        beside("variational, fully connected · PyOD's VAE", "variational", lambda: pyod_vae(values[:count])),
        beside("variational, fully connected · pythae's VAE", "variational", lambda: pythae_vae(floats)),
    ]
    for objective in ("vanilla", "variational", "denoising", "sparse", "contractive", "stacked", "masked"):
        found.append(in_memory(f"{objective}, fully connected · {LOOP}", spec_of(objective), data, count))
    return found


def together() -> list[list[str]]:
    """What K members at once cost, as a multiple of one member, and of one member in a plain loop."""
    out = []
    count = 10_000
    for width, hidden, batch in ((16, 32, 32), (32, 64, 32), (32, 64, 64), (100, 64, 64)):
        data = encoded(rows(count + count // 10, width))
        for objective in ("vanilla", "denoising", "variational"):
            shape = {"bottleneck": max(2, width // 2), "depth": 1, "hidden_width": hidden}
            training = Training(epochs=2, batch_size=batch, patience=1_000)
            one = RunSpec(objective=objective, layer_settings=shape, training=training, number_loss="squared").checked()
            many = one.changed({"members": MEMBERS})
            costs = [
                (
                    ours(one, data, count).cpu,
                    ours(many, data, count).cpu,
                    plain(one, data.values[:count], data.layout).cpu,
                )
                for _ in range(TURNS)
            ]
            ratios = [statistics.median(turn[1] / turn[which] for turn in costs) for which in (0, 2)]
            out.append(
                [f"{objective}, {width} columns, hidden {hidden}, batches of {batch}", *(f"{r:.2f}" for r in ratios)]
            )
            print(out[-1], file=sys.stderr)
    return out


def images() -> Comparison:
    """Beside the notebook of `benchmarks.convolutional`, whose plain loop has the layers in torch's own order of memory."""
    count = 2_000
    pieces = np.random.default_rng(0).integers(0, 256, (count, 28, 28, 1), dtype=np.uint8)
    return in_turns(
        f"vanilla, convolutional, 28 × 28 · {LOOP}",
        count,
        lambda: convolutional.ours(pieces),
        lambda: convolutional.plain(pieces),
        TURNS,
        1.4,
    )


def series() -> list[Comparison]:
    """2,000 windows of 64 steps and 6 channels."""
    count, length, channels = 2_000, 64, 6
    steps = rows(count + length, channels)
    layout = Layout(tuple(Block(f"x{i}", "squared", i, i + 1) for i in range(channels)))
    step = TableEncoder.fit(table_from_frame(steps))
    made = Encoded(layout, steps.astype(np.float32), np.ones(steps.shape, bool))
    data = WindowEncoder(length=length, step=step).rows(made, np.arange(count))
    return [
        in_memory(
            f"vanilla, {layers}, windows of {length} × {channels} · {LOOP}", spec_of("vanilla", layers, 1), data, count
        )
        for layers in ("convolutional_1d", "gru", "lstm")
    ]


def main() -> None:
    """Measure, print, keep."""
    logging.disable(logging.INFO)
    torch.set_num_threads(1)
    with threadpool_limits(1):
        found = [*tables(), images(), *series()]
        members = together()
    body = [
        [
            one.name,
            f"{one.rate('ours', 'cpu'):,.0f}",
            f"{one.rate('peer', 'cpu'):,.0f}",
            f"{one.ratio('cpu'):.2f}",
            f"≥ {one.goal:g}" if one.goal else "",
        ]
        for one in found
    ]
    notes = [
        f"PyOD {version('pyod')}, pythae {version('pythae')}. One thread; median of {TURNS} turns that alternate; rows a CPU "
        f"second. Fully connected: 32 → {HIDDEN} → ReLU → {LATENT} → {HIDDEN} → ReLU → 32, batches of {BATCH}, {EPOCHS} epochs.",
        "Ours clips the gradient, measures a validation loss on a tenth more rows after each epoch, keeps the best weights, "
        "looks at codes and for NaN, and at the user's commands every 8 steps; the plain loops do the clipping and read the "
        "loss of each step. Convolutions compute products in bfloat16 where the processor has it.",
        "",
        f"{MEMBERS} members of an ensemble trained at once cost, of one member's CPU time (goal: at most 2.5), and of one "
        "member's in a plain loop. Products of small matrices run at the processor's full speed already: where they, and not "
        "a step's overhead, take the time, members cost what their multiplications cost.",
        "",
        *(f"- {name}: **{of_ours}**, {of_plain}" for name, of_ours, of_plain in members),
    ]
    header = ["family · peer", "ours, rows/s", "peer, rows/s", "ratio", "goal"]
    record = {"peers": [one.record() for one in found], "ensemble": members}
    write("peers", "Families beside their peers", notes, header, body, record)


if __name__ == "__main__":
    main()
