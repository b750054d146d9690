"""Curves as findings look at them: within the last stage, after a warm-up of the loss; and the learning rate that was used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.specs import sort_of, usual_epochs
from core.training.doctor import Evidence
from core.words import count

MOST_EPOCHS = 5_000
QUICK = 600.0  # seconds of training, up to which the usual number of epochs is advised


@dataclass(frozen=True)
class Curve:
    """One loss by epoch, as far as its values can be compared with each other."""

    epochs: NDArray[np.int64]  # (E,)
    values: NDArray[np.float64]  # (E,)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def best(self) -> int:
        """Where it is lowest."""
        return int(np.argmin(self.values))


def curve(evidence: Evidence, name: str, *, warm: bool = True) -> Curve:
    """Of that name, in the last stage so far. warm: only from where the training loss has the same weights throughout."""
    stage = {metric.epoch: metric.value for metric in evidence.curve if metric.name == "stage"}
    last = max(stage.values(), default=0)
    warm_up = evidence.spec.objective_settings.get("warm_up", 0) if warm else 0
    begins = warm_up * evidence.spec.training.epochs
    found = [
        metric
        for metric in evidence.curve
        if metric.name == name and stage.get(metric.epoch, last) == last and metric.epoch > begins
    ]
    return Curve(
        np.asarray([metric.epoch for metric in found], np.int64),
        np.asarray([metric.value for metric in found], np.float64),
    )


def watched(evidence: Evidence) -> tuple[Curve, str]:
    """The loss that decides which epoch is kept, and what it is called."""
    validation = curve(evidence, "validation", warm=False)
    return (validation, "validation loss") if len(validation) else (curve(evidence, "train"), "training loss")


def epochs_of(evidence: Evidence, loss: Curve) -> str:
    """How many epochs a curve is of, in words that agree with the epochs of the whole run."""
    last = int(loss.epochs[-1])
    if len(loss) == last:
        return count(last, "epoch")
    stages = evidence.by_epoch("stage")
    part = f"of stage {stages[-1]:.0f}" if len(stages) else "after the warm-up"
    return f"the {len(loss):,} epochs {part} (epochs {loss.epochs[0]:,} to {last:,})"


def longer(evidence: Evidence, times: int) -> int:
    """So many times the epochs, and no fewer than usual: twice next to nothing is still next to nothing. Where epochs take
    long, the usual number only as far as it is done in some minutes."""
    usual = usual_epochs(sort_of(evidence.shape), evidence.rows_trained + evidence.rows_validation)
    if evidence.seconds and evidence.curve:
        an_epoch = evidence.seconds / max(metric.epoch for metric in evidence.curve)
        usual = min(usual, int(QUICK / an_epoch))
    return min(MOST_EPOCHS, max(usual, times * evidence.spec.training.epochs))


def rate(evidence: Evidence) -> float:
    """The highest learning rate of the run: as asked for, or as it was found."""
    used = evidence.by_epoch("learning rate")
    return float(used.max()) if len(used) else evidence.spec.training.learning_rate


def with_rate(evidence: Evidence, wanted: float) -> dict[str, float | bool]:
    """The settings of a run with that learning rate."""
    change: dict[str, float | bool] = {"learning_rate": float(f"{min(1.0, wanted):.2g}")}
    return {**change, "find_rate": False} if evidence.spec.training.find_rate else change


def number(value: float) -> str:
    """A loss or an error as it is read easily."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
