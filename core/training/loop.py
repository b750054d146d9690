"""The training loop: a generator of Progress, the best weights kept.

A `Trainer` can be asked for a checkpoint after any epoch and be built anew from it; it then goes on with
the same bits as if it had never stopped.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save
from torch import Tensor

from core.errors import Diverged
from core.models.base import Objective
from core.models.memory import memory_in_words
from core.results import Progress, Rows
from core.specs import Training
from core.training.gradients import flatten, gradient_of, unflatten
from core.training.held import Held, held
from core.training.optimiser import AdamW

LARGEST_GRADIENT = 5.0  # norm; one wild cell must not throw the weights away
WARM_UP, LOWEST = 0.1, 0.04  # of one cycle: share of its steps, and where the rate begins
CHECK_EVERY = 8  # steps between looks at the user's commands
EVALUATION_ROWS, EVALUATION_CELLS = 4_096, 4_000_000  # at once
STARTING_CELLS = 16_000_000  # that a network looks at before its first step, in double precision
# A better loss must be better by this share, or training crawls on for nothing.
SMALLEST_GAIN = 1e-4


class Trainer:
    """Trains one network. `check` is called every few steps and may raise; `stop` is read after each epoch."""

    def __init__(
        self,
        network: Objective,
        data: Rows,
        train_rows: NDArray[np.int64],
        validation_rows: NDArray[np.int64],
        settings: Training,
        device: torch.device,
        *,
        check: Callable[[], None] = lambda: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.settings = settings
        self.device = device
        self.check = check
        self.stop = stop
        self.rows, self.width = len(train_rows), data.layout.width
        with self._memory("before the first epoch"):
            self.network = network.to(device)
            self._start(data, train_rows)
            self.train = held(data, train_rows, device)
            self.validation = held(data, validation_rows, device)
            self.flat = flatten(network)
            self.optimiser = AdamW(
                self.flat,
                learning_rate=settings.learning_rate,
                weight_decay=settings.weight_decay,
                largest_norm=LARGEST_GRADIENT,
            )
        self.gradient = gradient_of(network, self.flat)
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.epoch = 0
        self.step = 0
        self.best_loss = float("inf")
        self.best_epoch = 0
        self.best: dict[str, Tensor] = {}
        self.seconds = 0.0
        self.stopped = False

    def _start(self, data: Rows, train_rows: NDArray[np.int64]) -> None:
        layers = self.network.layers
        if layers.start_rows:
            most = max(1, min(layers.start_rows, STARTING_CELLS // self.width))
            some = train_rows[:: max(1, -(-len(train_rows) // most))]
            layers.start(torch.from_numpy(data.take(some).values).to(self.device))

    def epochs(self) -> Iterator[Progress]:
        """Train until the epochs are over, the validation loss stays bad, or `stop` says so.

        Yields after each epoch. Raises Diverged (the best weights so far stay in `best`) and OutOfMemory.
        """
        while self.epoch < self.settings.epochs:
            began = time.perf_counter()
            with self._memory(f"epoch {self.epoch + 1}"):
                train_loss = self._one_epoch()
                loss = self._loss(self.validation) if len(self.validation) else train_loss
            self.epoch += 1
            self.seconds += time.perf_counter() - began
            if not np.isfinite(loss):
                raise self._diverged(self.step)
            improved = loss < self.best_loss * (1 - SMALLEST_GAIN)
            if improved:
                self.best_loss, self.best_epoch = loss, self.epoch
                self.best = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
            self.stopped = self.stop()
            over = self.stopped or self._patience_over()
            yield Progress(
                epoch=self.epoch,
                epochs=self.settings.epochs,
                step=self.step,
                losses={"train": train_loss, "validation": loss} if len(self.validation) else {"train": train_loss},
                seconds_left=self._seconds_left(),
                best=improved,
                stopped=over,
            )
            if over:
                return

    def use_best(self) -> None:
        """Put the best weights so far into the network. The training is over then."""
        if self.best:
            self.network.load_state_dict(self.best)
        unflatten(self.network)
        self.network.eval()

    def _memory(self, when: str) -> AbstractContextManager[None]:
        return memory_in_words(
            "the network and its rows do not fit into memory",
            where=f"{when}, on {self.device}",
            fix="lower the batch size or the hidden width, or train on fewer rows",
        )

    def _patience_over(self) -> bool:
        watching = len(self.validation) > 0
        return watching and self.epoch - self.best_epoch >= self.settings.patience

    def _seconds_left(self) -> float:
        return (self.settings.epochs - self.epoch) * self.seconds / max(1, self.epoch)

    def _one_epoch(self) -> float:
        """Mean loss over the epoch; no value leaves the device before its end."""
        self.network.train()
        order = torch.randperm(self.rows, generator=self.generator)
        losses: list[Tensor] = []
        for count, part in enumerate(self.train.batches(self.settings.batch_size, order)):
            if count % CHECK_EVERY == 0:
                self.check()
            batch = self.network.corrupt(part, self.generator)
            losses.append(self.gradient(batch))
            self.optimiser.learning_rate = self._rate(self.step + count)
            self.optimiser.step()
        history = torch.stack(losses).cpu()
        finite = torch.isfinite(history)
        if not bool(finite.all()):
            raise self._diverged(self.step + int((~finite).nonzero()[0]) + 1)
        self.step += len(losses)
        return float(history.mean())

    def _rate(self, step: int) -> float:
        """The learning rate of a step. One cycle: Smith and Topin (2018), a warm-up and half a cosine."""
        highest = self.settings.learning_rate
        if self.settings.schedule == "constant":
            return highest
        done = step / max(1, self.settings.epochs * -(-self.rows // self.settings.batch_size) - 1)
        if done < WARM_UP:
            return highest * (LOWEST + (1 - LOWEST) * done / WARM_UP)
        return highest * 0.5 * (1 + math.cos(math.pi * min(1.0, (done - WARM_UP) / (1 - WARM_UP))))

    def _diverged(self, step: int) -> Diverged:
        kept = f"the weights of epoch {self.best_epoch} are kept" if self.best else "there were no good weights yet"
        return Diverged(
            f"the loss became infinite or not a number; {kept}",
            where=f"step {step:,}, epoch {self.epoch + 1}",
            fix=f"lower the learning rate (it is {self.settings.learning_rate:g}), to a tenth for a start",
        )

    @torch.inference_mode()
    def _loss(self, rows: Held) -> float:
        self.network.eval()
        total = torch.zeros((), device=self.device)
        for part in rows.batches(min(EVALUATION_ROWS, max(1, EVALUATION_CELLS // self.width))):
            for term in self.network.loss_terms(part).values():
                total = total + term.sum()
        return float(total) / len(rows)

    # --- checkpoints -----------------------------------------------------------------------------------

    def checkpoint(self) -> dict[str, bytes]:
        """Everything that the rest of the training depends on, as safetensors and JSON."""
        progress: dict[str, Any] = {
            "epoch": self.epoch,
            "step": self.step,
            "best_loss": self.best_loss if self.best else None,
            "best_epoch": self.best_epoch,
            "seconds": self.seconds,
        }
        random = {"order": self.generator.get_state(), "torch": torch.get_rng_state()}
        weights = {name: value.contiguous() for name, value in self.network.state_dict().items()}
        return {
            "weights": save(weights),
            "best": save(self.best),
            "optimiser": save(self.optimiser.state()),
            "random": save(random),
            "progress": json.dumps(progress).encode(),
        }

    def restore(self, blobs: dict[str, bytes]) -> None:
        """Go on from a checkpoint of a trainer with the same spec and data."""
        progress = json.loads(blobs["progress"])
        self.network.load_state_dict(load(blobs["weights"]))
        self.best = {name: value.to(self.device) for name, value in load(blobs["best"]).items()}
        self.optimiser.restore(load(blobs["optimiser"]))
        random = load(blobs["random"])
        self.generator.set_state(random["order"])
        torch.set_rng_state(random["torch"])
        self.epoch, self.step = progress["epoch"], progress["step"]
        self.best_epoch, self.seconds = progress["best_epoch"], progress["seconds"]
        self.best_loss = progress["best_loss"] if progress["best_loss"] is not None else float("inf")
