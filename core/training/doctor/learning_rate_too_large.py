"""Steps so long that the training loss leaps up at the start, or turns up again and does not come back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.training.doctor import Check, Evidence, Finding
from core.training.doctor._curves import Curve, curve, number, rate, with_rate
from core.training.doctor._errors import learned_nothing

FEWEST = 3  # epochs
LEAP, FAR = 2.0, 5.0  # of the first epoch: means of columns of numbers cost about 1, and so does a fresh network
HIGH = 0.5  # where it settles, as if little was learned
TURN = 0.25  # rise of the training loss, as a share of its fall
LEAST = 0.5  # of the loss itself, that counts as its fall at least: batches are noisy


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    train = curve(evidence, "train")
    if evidence.diverged or len(train) < FEWEST:
        return None
    said = leapt(evidence) or turned(train, curve(evidence, "validation"))
    if said is None:
        return None
    used = rate(evidence)
    nothing = learned_nothing(evidence)
    return Finding(
        "learning_rate_too_large",
        "wrong" if nothing else "doubtful",
        "The learning rate is too large",
        f"At a learning rate of {used:.2g} {said}{'; no better than the mean of each column in the end' if nothing else ''}.",
        "Train again with a tenth of the learning rate.",
        with_rate(evidence, used / 10),
        "learning_rate",
    )


def leapt(evidence: Evidence) -> str | None:
    """What says that the first epoch threw the weights far away."""
    of_rows = evidence.by_epoch("train reconstruction")  # what a code is held by may cost much at first
    train = of_rows if len(of_rows) else evidence.by_epoch("train")
    usual = LEAP if all(column.kind == "number" for column in evidence.columns) else FAR  # names cost more
    settled = float(np.median(train[len(train) // 2 :]))
    if train[0] < max(usual, LEAP * settled) or (train[0] < FAR and settled < HIGH):
        return None
    return f"the training loss leapt to {number(train[0])} in the first epoch and settled at {number(settled)}"


def turned(train: Curve, validation: Curve) -> str | None:
    """What says that the training loss itself went up again, and the validation loss with it."""
    if len(train) < 2 * FEWEST:
        return None
    lowest, middle, now = ends(train)
    least = TURN * max(float(middle[0] - middle[lowest]), LEAST * abs(float(middle[lowest])))
    if now - middle[lowest] < least:
        return None
    if len(validation) == len(train):
        best, smooth, late = ends(validation)
        if late - smooth[best] < least:
            return None  # batches that happen to be hard
    return (
        f"the training loss was down to {number(float(middle[lowest]))} around epoch {train.epochs[lowest + 1]} and is "
        f"{number(now)} at the end"
    )


def ends(loss: Curve) -> tuple[int, NDArray[np.float64], float]:
    """Where its running median is lowest, that median, (E - 2,), and the level of the last epochs."""
    middle = np.median(np.lib.stride_tricks.sliding_window_view(loss.values, 3), axis=1)
    return int(np.argmin(middle)), middle, float(np.median(loss.values[-max(3, len(loss) // 5) :]))


CHECK = Check("learning_rate_too_large", True, look, silences=("learning_rate_too_small",))
