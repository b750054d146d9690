"""Training on images: images a second of our loop, which takes each batch from the stored bytes, next to a plain torch
loop that holds all of them as float32.

`python -m benchmarks.convolutional`. The same network, batch, optimiser settings and thread, in turns.
"""

from __future__ import annotations

import statistics

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.measure import Seconds, timed, write
from core.datasets.encoding import PictureEncoder
from core.models.base import Objective, build
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
        mine, loop = (statistics.median(turn[i].cpu for turn in turns) for i in (0, 1))
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


def ours(pieces: np.ndarray) -> Seconds:
    """An epoch as a run does it."""
    spec, encoder = _same(pieces)
    places = np.zeros((len(pieces), 5), np.int32)
    everything = np.arange(len(pieces))
    places[:, 0], places[:, 3], places[:, 4] = everything, pieces.shape[1], pieces.shape[2]
    rows = encoder.rows(pieces, places)
    trainer = Trainer(build(spec, encoder.layout), rows, everything, everything[:0], spec.training, torch.device("cpu"))
    return timed(lambda: list(trainer.epochs()))


def plain(pieces: np.ndarray) -> Seconds:
    """An epoch as it is written in a notebook."""
    spec, encoder = _same(pieces)
    network = notebook(build(spec, encoder.layout))
    count, height, width, channels = pieces.shape
    flat = (pieces.reshape(count, -1) / np.float32(255) - encoder.mean) / encoder.spread
    values = torch.from_numpy(flat.astype(np.float32)).view(count, height, width, channels)
    values = values.permute(0, 3, 1, 2).contiguous()  # (N, C, H, W)
    optimiser = torch.optim.AdamW(network.parameters(), lr=spec.training.learning_rate, weight_decay=1e-5)

    def epoch() -> None:
        for part in torch.randperm(len(values)).split(spec.training.batch_size):
            batch = values[part]
            loss = functional.mse_loss(network(batch), batch)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()

    return timed(epoch)


def notebook(network: Objective) -> nn.Sequential:
    """The same layers as one writes them down, in float32 and torch's own order of memory."""
    encoder, decoder = network.layers.encoder, network.layers.decoder
    grown = zip(decoder.before, decoder.maps, decoder.grown, strict=True)
    return nn.Sequential(
        *encoder.maps,
        nn.Flatten(),
        encoder.code,
        decoder.code,
        nn.Unflatten(1, (decoder.channels, decoder.height, decoder.width)),
        *(part for before, maps, size in grown for part in (before, nn.Upsample(size), maps)),
    )


def _same(pieces: np.ndarray) -> tuple[RunSpec, PictureEncoder]:
    torch.manual_seed(0)
    training = Training(epochs=1, validation_share=0.0, learning_rate=2e-3)
    spec = RunSpec(layers="convolutional", layer_settings={"shift": 0}, training=training).checked()
    pictures = Pictures("fit", *pieces.shape[1:], len(pieces), "", "")
    return spec, PictureEncoder.fit(pictures, pieces, np.arange(len(pieces)))


if __name__ == "__main__":
    main()
