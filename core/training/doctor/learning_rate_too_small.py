"""Steps so short, or so few, that the loss was still on its way down when the epochs were over."""

from __future__ import annotations

import numpy as np

from core.specs import Training
from core.training.doctor import Check, Evidence, Finding
from core.training.doctor._curves import Curve, epochs_of, longer, number, rate, watched, with_rate
from core.training.doctor._errors import learned_nothing
from core.words import count

FEWEST = 8  # epochs
LATE = 0.2  # share of the epochs that is the end
STILL_FALLS, STILL_FALLS_LIVE = 0.06, 0.12  # what falls in the end, as a share of the whole fall
CLEAR = 3.0  # times the scatter around the line
MOVES = 0.03  # what a weight can move in all; at first they are about .1
FEW = 0.1  # fall of the loss, as a share of itself
FEW_EPOCHS = 20  # with fewer no rate is to blame
USUAL = 3e-3  # the rate up to which a higher one is advised; beyond it more epochs are


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    loss, called = watched(evidence)
    if evidence.diverged or not len(loss):
        return None
    if not evidence.finished and loss.epochs[-1] < evidence.spec.training.epochs / 2:
        return None  # it is too early to say
    said = still_falls(evidence, loss, called) or hardly_moved(evidence, loss, called)
    if said is None:
        return None
    return Finding(
        "learning_rate_too_small",
        "wrong" if learned_nothing(evidence) else "doubtful",
        "The learning rate is too small, or the training too short",
        said,
        *advice(evidence),
        "learning_rate",
    )


def still_falls(evidence: Evidence, loss: Curve, called: str) -> str | None:
    """What says that it falls about as fast at the end as before. A run that was ended early says nothing of that."""
    training = evidence.spec.training
    done = loss.epochs[-1] >= training.epochs
    if len(loss) < FEWEST or (evidence.finished and not done):
        return None
    late = max(2, round(LATE * len(loss)))
    end = np.arange(2 * late)
    slope, level = np.polyfit(end, loss.values[-2 * late :], 1)
    scatter = float(np.std(loss.values[-2 * late :] - slope * end - level))
    falls = -float(slope) * late
    whole = float(loss.values[0] - loss.values[-1])
    least = STILL_FALLS if done else STILL_FALLS_LIVE
    if falls < CLEAR * scatter or whole <= 0 or falls < least * whole:
        return None
    return (
        f"At a learning rate of {rate(evidence):.2g} the {called} fell from {number(loss.values[0])} to "
        f"{number(loss.values[-1])}, and {falls / whole:.0%} of that in the last {late} of {epochs_of(evidence, loss)}: it is still on "
        "its way down."
    )


def hardly_moved(evidence: Evidence, loss: Curve, called: str) -> str | None:
    """What says that the weights could not move. A step of Adam is at most about as long as its rate."""
    steps = max(metric.step for metric in evidence.curve)
    reach = rate(evidence) * steps
    fell = float(loss.values[0] - loss.values.min())
    if evidence.spec.training.optimiser == "SGD" or reach >= MOVES or fell > FEW * abs(float(loss.values[0])):
        return None
    return (
        f"In {count(steps, 'step')} at a learning rate of {rate(evidence):.2g} no weight can move by more than about {reach:.2g}, and "
        f"the {called} is {number(loss.values.min())} after {number(loss.values[0])} in epoch {loss.epochs[0]}."
    )


def stays(evidence: Evidence) -> bool:
    """Whether no weight could move at that rate in any number of epochs that would be advised."""
    steps = max(metric.step for metric in evidence.curve)
    return rate(evidence) * steps * longer(evidence, 3) / evidence.spec.training.epochs < MOVES


def advice(evidence: Evidence) -> tuple[str, dict[str, float | bool]]:
    """A higher rate while it is low, else more epochs."""
    training, used = evidence.spec.training, rate(evidence)
    usual_rate = Training().learning_rate
    if training.optimiser != "SGD" and (stays(evidence) or used < usual_rate / 10):
        usual = with_rate(evidence, max(10 * used, usual_rate))
        if training.epochs >= FEW_EPOCHS:
            return "Train again with a higher learning rate.", usual
        return "Train again with a higher learning rate, and for more epochs.", {**usual, "epochs": longer(evidence, 3)}
    if training.epochs >= FEW_EPOCHS and used < USUAL and training.optimiser != "SGD":
        return "Train again with a higher learning rate.", with_rate(evidence, min(USUAL, 10 * used))
    return "Train for more epochs.", {"epochs": longer(evidence, 3)}


CHECK = Check("learning_rate_too_small", True, look)
