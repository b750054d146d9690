"""Training on images: images a second of our loop, which takes each batch from the stored bytes, next to a plain torch
loop that holds all of them as float32.

`python -m benchmarks.convolutional`. The same network, batch, optimiser settings and thread, in turns.
"""

from __future__ import annotations

import statistics

import numpy as np
import torch
from torch.nn import functional

from benchmarks.measure import timed, write
from core.datasets.encoding import PictureEncoder
from core.models.base import build
from core.results import Pictures
from core.specs import RunSpec, Training
from core.training.loop import Trainer

SETS = ((28, 28, 1, 4_000), (64, 64, 3, 1_000))  # height, width, channels, images
TURNS = 3


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    rows, record = [], {}
    for height, width, channels, count in SETS:
        pieces = np.random.default_rng(0).integers(0, 256, (count, height, width, channels), dtype=np.uint8)
        turns = [(ours(pieces), plain(pieces)) for _ in range(TURNS)]
        mine, loop = (statistics.median(turn[i] for turn in turns) for i in (0, 1))
        name = f"{count:,} of {height} × {width} × {channels}"
        rows.append([name, f"{count / mine:,.0f}", f"{count / loop:,.0f}", f"{loop / mine:.2f}"])
        record[name] = {"ours": count / mine, "plain": count / loop}
    write(
        "convolutional",
        "Training on images",
        ["One epoch, CPU seconds, one thread, batches of 64; median of three turns."],
        ["images", "ours, images/s", "plain loop, images/s", "ratio"],
        rows,
        record,
    )


def ours(pieces: np.ndarray) -> float:
    """CPU seconds of an epoch as a run does it."""
    spec, encoder = _same(pieces)
    places = np.zeros((len(pieces), 5), np.int32)
    everything = np.arange(len(pieces))
    places[:, 0], places[:, 3], places[:, 4] = everything, pieces.shape[1], pieces.shape[2]
    rows = encoder.rows(pieces, places)
    trainer = Trainer(build(spec, encoder.layout), rows, everything, everything[:0], spec.training, torch.device("cpu"))
    return timed(lambda: list(trainer.epochs())).cpu


def plain(pieces: np.ndarray) -> float:
    """CPU seconds of an epoch as it is written in a notebook."""
    spec, encoder = _same(pieces)
    network = build(spec, encoder.layout)
    values = torch.from_numpy(
        (pieces.reshape(len(pieces), -1) / np.float32(255) - encoder.mean) / encoder.spread
    ).float()
    optimiser = torch.optim.AdamW(network.parameters(), lr=spec.training.learning_rate, weight_decay=1e-5)

    def epoch() -> None:
        for part in torch.randperm(len(values)).split(spec.training.batch_size):
            batch = values[part]
            loss = functional.mse_loss(network.reconstruct(batch), batch)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()

    return timed(epoch).cpu


def _same(pieces: np.ndarray) -> tuple[RunSpec, PictureEncoder]:
    torch.manual_seed(0)
    training = Training(epochs=1, validation_share=0.0, learning_rate=2e-3)
    spec = RunSpec(layers="convolutional", layer_settings={"shift": 0}, training=training).checked()
    pictures = Pictures("fit", *pieces.shape[1:], len(pieces), "", "")
    return spec, PictureEncoder.fit(pictures, pieces, np.arange(len(pieces)))


if __name__ == "__main__":
    main()
