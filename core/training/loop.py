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
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save
from torch import Tensor

from core.errors import Diverged
from core.models.base import Batch, Objective
from core.models.ensemble import members_of
from core.models.memory import memory_in_words
from core.results import Progress, Rows
from core.specs import Training
from core.training.devices import precision_for, same_bits
from core.training.gradients import flatten, gradient_of, places, unflatten
from core.training.held import Held, cut, held
from core.training.optimiser import OPTIMISERS
from core.training.rates import RateTest, range_test

WARM_UP, LOWEST = 0.1, 0.04  # of one cycle: share of its steps, and where the rate begins
CHECK_EVERY = 8  # steps between looks at the user's commands
TOGETHER, TOGETHER_CELLS = 16, 250_000  # batches, and cells in them, whose noise is drawn at once
EVALUATION_ROWS, EVALUATION_CELLS = 4_096, 4_000_000  # at once
EVALUATION_BATCHES = 64  # whose rows are looked at at once: where memory allows small ones only, it allows few of them
STARTING_CELLS = 16_000_000  # that a network looks at before its first step, in double precision
WATCHED = 256  # training rows whose codes are looked at after each epoch
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
            self.watched = held(data, train_rows[:: max(1, -(-self.rows // WATCHED))], device)
            self.flat = flatten(network)
            self.optimiser = OPTIMISERS[settings.optimiser](
                self.flat,
                learning_rate=settings.learning_rate,
                weight_decay=settings.weight_decay,
                largest_norm=settings.clip * math.sqrt(members_of(network)),  # of all members' gradients together
                momentum=settings.momentum,
            )
        self.precision = precision_for(settings.precision, network.layers, device)
        self.gradient = gradient_of(network, self.flat, self.precision, settings.trim)
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.epoch = 0
        self.step = 0
        self.best_loss = float("inf")
        self.best_epoch = 0
        self.best_reached = False
        self.best: dict[str, Tensor] = {}
        self.seconds = 0.0
        self.stopped = False
        self.rate, self.rate_test = settings.learning_rate, RateTest((), ())
        self.lowered = 1.0  # by plateaus
        self.stages = stages_of(network, settings.epochs)
        self._begin(self.stages[0])
        if network.keeps_start and len(self.validation):
            with self._memory("before the first epoch"):
                self._settle()
                self._keep(sum(self._losses(self.validation).values()), self.network.reached(self._codes()))

    def _keep(self, loss: float, reached: bool) -> None:
        self.best_loss, self.best_epoch, self.best_reached = loss, self.epoch, reached
        self.best = {name: value.detach().clone() for name, value in self.network.state_dict().items()}

    def _start(self, data: Rows, train_rows: NDArray[np.int64]) -> None:
        layers = self.network.layers
        if layers.start_rows:
            most = max(1, min(layers.start_rows, STARTING_CELLS // self.width))
            some = train_rows[:: max(1, -(-len(train_rows) // most))]
            self.network.start(torch.from_numpy(data.take(some).values).to(self.device))

    def _begin(self, stage: Stage) -> None:
        """Go over to a stage, from the network as it is."""
        self.stage = stage
        self.stage_epoch, self.stage_step = self.epoch, self.step  # at which it began
        self.best_loss, self.best_epoch, self.best_reached, self.best = float("inf"), self.epoch, False, {}
        self.lowered = 1.0
        moving = self.network.begin(stage.name)
        if len(self.stages) > 1:
            self.optimiser.move(places(self.flat, moving))

    def epochs(self) -> Iterator[Progress]:
        """Train until the epochs are over, the validation loss stays bad, or `stop` says so.

        Yields after each epoch. Raises Diverged (the best weights so far stay in `best`) and OutOfMemory.
        """
        if self.settings.find_rate and self.step == 0 and self.settings.epochs:
            self._find_rate()
        while True:
            while self.epoch - self.stage_epoch < self.stage.epochs:
                progress = self._next_epoch()
                yield progress
                if self.stopped:
                    return
                if progress.stopped:
                    break
            following = self.stages.index(self.stage) + 1
            if following == len(self.stages):
                return
            self._load_best()
            self._begin(self.stages[following])

    def _next_epoch(self) -> Progress:
        began = time.perf_counter()
        with self._memory(f"epoch {self.epoch + 1}"), same_bits(self.network, self.device):
            train, measures = self._one_epoch()
            self._settle()
            validation = self._losses(self.validation) if len(self.validation) else {}
            codes = self._codes()
        loss = sum(validation.values()) if validation else sum(train[name] for name in self._terms())
        self.epoch += 1
        if not np.isfinite(loss):
            raise self._diverged(self.step)
        reached = self.network.reached(codes)
        gain = SMALLEST_GAIN * (abs(self.best_loss) if math.isfinite(self.best_loss) else 0.0)
        improved = (reached and not self.best_reached) or (
            reached == self.best_reached and loss < self.best_loss - gain
        )
        if improved:
            self._keep(loss, reached)
        self._lower_on_plateau()
        self.seconds += time.perf_counter() - began
        self.stopped = self.stop()
        in_time = not self.settings.minutes or self.seconds < 60 * self.settings.minutes
        last = self.stages.index(self.stage) == len(self.stages) - 1
        return Progress(
            epoch=self.epoch,
            epochs=self.settings.epochs,
            step=self.step,
            losses=named(train, validation, self._terms()),
            seconds_left=self._seconds_left(),
            measures={**measures, "code usage": self.network.usage(codes), **self._stage_number()},
            best=improved,
            stopped=self.stopped or self._patience_over() or (last and not in_time),
        )

    def _stage_number(self) -> dict[str, float]:
        return {"stage": self.stages.index(self.stage) + 1} if len(self.stages) > 1 else {}

    def _find_rate(self) -> None:
        """Take the learning rate that a range test finds; the network is as it was before."""
        with self._memory("looking for the learning rate"), same_bits(self.network, self.device):
            before, random = self._snapshot(), self._random()
            self.rate_test = range_test(self)
            self._restore(before)
            self._set_random(random)
        self.generator.manual_seed(self.settings.seed)
        if self.rate_test.found is not None:
            self.rate = self.rate_test.found

    def _random(self) -> dict[str, Tensor]:
        """The state of torch's own generators, which dropout draws from: each device has one."""
        out = {"torch": torch.get_rng_state()}
        if self.device.type == "cuda":
            out["cuda"] = torch.cuda.get_rng_state(self.device)
        return out

    def _set_random(self, state: dict[str, Tensor]) -> None:
        """Of a device that this state knows nothing of, as its seed left it."""
        torch.set_rng_state(state["torch"])
        if self.device.type == "cuda" and "cuda" in state:
            torch.cuda.set_rng_state(state["cuda"], self.device)

    def _snapshot(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        weights = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        return weights, {name: value.clone() for name, value in self.optimiser.state().items()}

    def _restore(self, snapshot: tuple[dict[str, Tensor], dict[str, Tensor]]) -> None:
        self.network.load_state_dict(snapshot[0])
        self.optimiser.restore(snapshot[1])

    def _lower_on_plateau(self) -> None:
        stale = self.epoch - self.best_epoch
        half = max(1, self.settings.patience // 2)
        if self.settings.schedule == "on plateau" and stale and stale % half == 0:
            self.lowered /= 2

    def _terms(self) -> tuple[str, ...]:
        """The parts of the loss that are means over rows."""
        return self.gradient.names[: self.gradient.terms]

    def use_best(self) -> None:
        """Put the best weights so far into the network. The training is over then."""
        self._load_best()
        self.network.begin(self.stages[-1].name)
        unflatten(self.network)
        self.network.eval()

    def _load_best(self) -> None:
        if self.best:
            self.network.load_state_dict(self.best)

    def _memory(self, when: str) -> AbstractContextManager[None]:
        return memory_in_words(
            "the network and its rows do not fit into memory",
            where=f"{when}, on {self.device}",
            fix="lower the batch size or the hidden width, or train on fewer rows",
        )

    def _patience_over(self) -> bool:
        watching = len(self.validation) > 0 and self.best_reached
        return watching and self.epoch - self.best_epoch >= self.settings.patience

    def _seconds_left(self) -> float:
        return (self.settings.epochs - self.epoch) * self.seconds / max(1, self.epoch)

    def _one_epoch(self) -> tuple[dict[str, float], dict[str, float]]:
        """Mean of each part of the loss over the epoch, and what was measured; no value leaves the device before its end."""
        self.network.train()
        losses: list[Tensor] = []
        norms: list[Tensor] = []
        total = max(1, self.settings.epochs * self._steps_an_epoch())
        # Where torch differentiates nothing it need not get ready to, which takes an eighth of a step.
        with torch.inference_mode(not self.gradient.recorded):
            for count, part in enumerate(self._batches()):
                if count % CHECK_EVERY == 0:
                    self.check()
                self.network.done = min(1.0, (self.step + count) / total)
                losses.append(self.gradient(part))
                self.optimiser.learning_rate = self._rate(self.step + count)
                self.optimiser.step()
                norms.append(self.optimiser.norm)
                self.network.after_step()
        history = torch.stack(losses).cpu()  # (S, T)
        finite = torch.isfinite(history).all(dim=1)
        if not bool(finite.all()):
            raise self._diverged(self.step + int((~finite).nonzero()[0]) + 1)
        self.step += len(losses)
        measures = {"learning rate": self.optimiser.learning_rate, "gradient norm": self._mean_norm(norms)}
        return dict(zip(self.gradient.names, history.mean(dim=0).tolist(), strict=True)), measures

    def _batches(self) -> Iterator[Batch]:
        """All training rows, in an order of their own, as the network is shown them. Noise for one batch costs more than its
        share of the noise for many."""
        size = self.settings.batch_size
        together = max(1, min(TOGETHER, TOGETHER_CELLS // (size * self.width)))
        for rows in self.train.shuffled(together * size, self.generator):
            yield from cut(self.varied(rows), size)

    def _mean_norm(self, norms: list[Tensor]) -> float:
        """Of one member's gradient, over the steps."""
        return float(torch.stack(norms).mean()) / math.sqrt(members_of(self.network))

    def varied(self, part: Batch) -> Batch:
        """Rows as the network is shown them while it trains."""
        values = self.network.layers.vary(part.values, self.generator)
        if values is not part.values:
            part = replace(part, values=values)
        return self.network.corrupt(part, self.generator)

    def _steps_an_epoch(self) -> int:
        return -(-self.rows // self.settings.batch_size)

    def _rate(self, step: int) -> float:
        """The learning rate of a step. One cycle: Smith and Topin (2018), a warm-up and half a cosine."""
        highest = self.rate * self.lowered
        if self.settings.schedule in ("constant", "on plateau"):
            return highest
        done = (step - self.stage_step) / max(1, self.stage.epochs * self._steps_an_epoch() - 1)
        warm_up = WARM_UP if self.settings.schedule == "one cycle" else 0.0
        if done < warm_up:
            return highest * (LOWEST + (1 - LOWEST) * done / warm_up)
        return highest * 0.5 * (1 + math.cos(math.pi * min(1.0, (done - warm_up) / (1 - warm_up))))

    def _diverged(self, step: int) -> Diverged:
        kept = f"the weights of epoch {self.best_epoch} are kept" if self.best else "there were no good weights yet"
        return Diverged(
            f"the loss became infinite or not a number; {kept}",
            where=f"step {step:,}, epoch {self.epoch + 1}",
            fix=f"lower the learning rate (it is {self.settings.learning_rate:g}), to a tenth for a start",
        )

    @torch.inference_mode()
    def _losses(self, rows: Held) -> dict[str, float]:
        """Mean of each row term; what is random in it is the same at every call, so that epochs can be compared."""
        self.network.eval()
        generator = torch.Generator().manual_seed(self.settings.seed)
        totals: dict[str, Tensor] = {}
        most = min(EVALUATION_ROWS, EVALUATION_BATCHES * self.settings.batch_size, EVALUATION_CELLS // self.width)
        for part in rows.batches(max(1, most)):
            for name, term in self.network.loss_terms(self.network.corrupt(part, generator)).items():
                totals[name] = totals[name] + term.sum() if name in totals else term.sum()
        return {name: float(total) / len(rows) for name, total in totals.items()}

    def _settle(self) -> None:
        self.network.eval()
        for part in self.watched.batches(WATCHED):
            self.network.settle(part.values)

    @torch.inference_mode()
    def _codes(self) -> Tensor:
        """The codes of some training rows, (W, L)."""
        self.network.eval()
        return torch.cat([self.network.encode(part.values) for part in self.watched.batches(WATCHED)])

    # --- checkpoints -----------------------------------------------------------------------------------

    def checkpoint(self) -> dict[str, bytes]:
        """Everything that the rest of the training depends on, as safetensors and JSON."""
        progress: dict[str, Any] = {
            "epoch": self.epoch,
            "step": self.step,
            "best_loss": self.best_loss if self.best else None,
            "best_epoch": self.best_epoch,
            "best_reached": self.best_reached,
            "seconds": self.seconds,
            "rate": self.rate,
            "rate_test": [list(self.rate_test.rates), list(self.rate_test.losses)],
            "lowered": self.lowered,
            "batch_size": self.settings.batch_size,
            "stage": [self.stages.index(self.stage), self.stage_epoch, self.stage_step],
        }
        random = {"order": self.generator.get_state(), **self._random()}
        weights = {name: value.contiguous() for name, value in self.network.state_dict().items()}
        return {
            "weights": save(weights),
            "best": save(self.best),
            "optimiser": save(self.optimiser.state()),
            "random": save(random),
            "progress": json.dumps(progress).encode(),
        }

    def _usual(self) -> dict[str, Any]:
        """What checkpoints of earlier versions do not say."""
        return {
            "best_reached": True,
            "lowered": 1.0,
            "rate": self.settings.learning_rate,
            "rate_test": [[], []],
            "stage": [0, 0, 0],
        }

    def restore(self, blobs: dict[str, bytes]) -> None:
        """Go on from a checkpoint of a trainer with the same spec and data."""
        progress = {**self._usual(), **json.loads(blobs["progress"])}
        stage, began_epoch, began_step = progress["stage"]
        self._begin(self.stages[stage])
        self.stage_epoch, self.stage_step = began_epoch, began_step
        self.network.load_state_dict(load(blobs["weights"]))
        self.best = {name: value.to(self.device) for name, value in load(blobs["best"]).items()}
        self.optimiser.restore(load(blobs["optimiser"]))
        random = load(blobs["random"])
        self.generator.set_state(random["order"])
        self._set_random(random)
        self.epoch, self.step = progress["epoch"], progress["step"]
        self.best_epoch, self.seconds = progress["best_epoch"], progress["seconds"]
        self.best_loss = progress["best_loss"] if progress["best_loss"] is not None else float("inf")
        self.best_reached, self.lowered, self.rate = progress["best_reached"], progress["lowered"], progress["rate"]
        self.rate_test = RateTest(*(tuple(part) for part in progress["rate_test"]))


@dataclass(frozen=True)
class Stage:
    """A part of the training in which some of the parameters move."""

    name: str
    epochs: int  # at most


def stages_of(network: Objective, epochs: int) -> list[Stage]:
    """The network's stages, with the epochs of each; those that get none are passed over."""
    names = list(network.stages())
    ends = np.rint(np.cumsum([network.share(name) for name in names]) * epochs).astype(int)
    ends[-1] = epochs
    found = [Stage(name, int(count)) for name, count in zip(names, np.diff(ends, prepend=0), strict=True) if count > 0]
    return found or [Stage(names[-1], 0)]


def named(train: dict[str, float], validation: dict[str, float], terms: tuple[str, ...]) -> dict[str, float]:
    """The losses of an epoch by the names that are shown; single parts only where there are several."""
    out = {"train": sum(train[name] for name in terms)}
    if validation:
        out["validation"] = sum(validation.values())
    if len(train) > 1:
        out.update({f"train {name}": value for name, value in train.items()})
        out.update({f"validation {name}": value for name, value in validation.items()})
    return out
