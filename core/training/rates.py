"""The learning-rate range test (Smith 2017, section 3.3): rates from tiny to huge, one step each, and the loss at each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.training.loop import Trainer

LOWEST, HIGHEST, STEPS = 1e-6, 1.0, 120
SMOOTH = 0.9  # of the running mean of losses
TOO_MUCH = 4.0  # times the smallest loss: the test is over
BEFORE_LOWEST = 3.0  # the rate is taken at most this many times below the rate of the lowest loss


@dataclass(frozen=True)
class RateTest:
    """What was tried, in order."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]  # smoothed

    @property
    def found(self) -> float | None:
        """The rate at which the loss falls fastest; None where it falls at none."""
        if len(self.losses) < 10:
            return None
        lowest = min(range(len(self.losses)), key=self.losses.__getitem__)
        span = 5
        falls = [self.losses[i + span] - self.losses[i] for i in range(max(0, lowest - span + 1))]
        if not falls or min(falls) >= 0:
            return None
        steepest = falls.index(min(falls)) + span // 2
        return float(f"{min(self.rates[steepest], self.rates[lowest] / BEFORE_LOWEST):.2g}")


def range_test(trainer: Trainer) -> RateTest:
    """Runs it on the trainer's network, which is other afterwards."""
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    trainer.network.train()
    parts = list(islice(trainer.train.shuffled(trainer.settings.batch_size, trainer.generator), STEPS))
    for step, part in enumerate(islice(cycle(parts), STEPS)):
        trainer.check()
        rate = LOWEST * (HIGHEST / LOWEST) ** (step / (STEPS - 1))
        loss = float(trainer.gradient(trainer.varied(part)).sum())
        if not math.isfinite(loss):
            break
        mean = SMOOTH * mean + (1 - SMOOTH) * loss
        smoothed = mean / (1 - SMOOTH ** (step + 1))
        rates.append(rate)
        losses.append(smoothed)
        if step > STEPS // 4 and smoothed > TOO_MUCH * abs(min(losses)) + 1e-9:
            break
        trainer.optimiser.learning_rate = rate
        trainer.optimiser.step()
        trainer.network.after_step()
    return RateTest(tuple(rates), tuple(losses))
