"""It learns its training rows by heart: the validation loss turns up, or stays far above the training loss.

The best epoch is kept, so that a turn alone harms nothing: it counts where even at that epoch new rows are rebuilt much
worse, or where it came so early that little was learned before.
"""

from __future__ import annotations

import numpy as np

from core.specs import LAYERS
from core.training.doctor import Check, Evidence, Finding
from core.training.doctor._curves import Curve, curve, number
from core.training.doctor._errors import learned_nothing
from core.training.doctor._smaller import smaller

FEWEST = 6  # epochs
LEARNED = 0.1  # fall of the training loss, as a share of itself
AFTER = 3  # epochs after the best, at least
TURN, STEEP = 0.05, 0.25  # rise of the validation loss, as shares of its fall
ON = 0.02  # what the training loss fell on after the best epoch, likewise
SEEN = 0.01  # rise of the validation loss as a share of itself: a network that starts near its best falls by little
GAP = 0.25  # validation above training at the kept epoch, as a share of the fall
MOST_TIMES = 100.0  # that are counted
TINY = 1e-12  # loss that is none
TIMES, LEAST_GAP = 4.0, 0.03  # the validation loss is so many times the training loss; and by that share of the fall


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    train, validation = curve(evidence, "train"), curve(evidence, "validation")
    if len(validation) < FEWEST or len(train) != len(validation) or evidence.diverged:
        return None
    if learned_nothing(evidence) or train.values[0] - train.values.min() < LEARNED * abs(train.values[0]):
        return None  # nothing was learned, by heart or otherwise
    if kept_its_start(evidence):
        return None
    whole = curve(evidence, "validation", warm=False)
    said = turned(train, validation, float(whole.values[0] - validation.values.min())) or by_heart(
        train, validation, evidence.item
    )
    if said is None:
        return None
    return Finding(
        "overfitting",
        "doubtful",
        "It learns its training rows by heart",
        said,
        f"Train on more {evidence.item}s if there are any, or with a smaller network or more weight decay.",
        {**smaller(evidence, 4), "weight_decay": max(1e-3, evidence.spec.training.weight_decay)},
        "overfitting",
    )


def kept_its_start(evidence: Evidence) -> bool:
    """Whether it began as a PCA and is no worse on rows held back: what it learned by heart later was not kept."""
    network, pca = evidence.error_network, evidence.error_pca
    begins = LAYERS.get(evidence.spec.layers).begins
    return begins and network is not None and pca is not None and network <= pca


def turned(train: Curve, validation: Curve, fell: float) -> str | None:
    """What says that the validation loss turned while the training loss fell on. fell: by how much it had fallen."""
    best = validation.best
    after = len(validation) - 1 - best
    fall = max(fell, float(train.values[0] - train.values.min()) / 2)
    if after < AFTER or fall <= 0:
        return None
    late = slice(-max(AFTER, after // 3), None)
    now, learned = float(np.median(validation.values[late])), float(np.median(train.values[late]))
    rise = (now - validation.values[best]) / fall
    # Rows to validate on that are harder, such as those with faults among them, lie above from the first epoch on: what
    # counts is by how much the two parted since.
    apart = validation.values - train.values
    gap = float(apart[best] - max(0.0, apart[0])) / fall
    harms = gap >= GAP or (rise >= STEEP and best < len(validation) / 2)
    seen = now - validation.values[best] >= SEEN * abs(validation.values[best])
    if train.values[best] - learned < ON * fall or rise < TURN or not (harms and seen):
        return None
    return (
        f"The validation loss was lowest at epoch {validation.epochs[best]} ({number(validation.values[best])}) and is "
        f"{number(now)} at the end, while the training loss went on falling from {number(train.values[best])} to "
        f"{number(learned)}."
    )


def by_heart(train: Curve, validation: Curve, item: str) -> str | None:
    """What says that at the kept epoch new rows are rebuilt much worse. Of a likelihood the ratio says nothing."""
    best = validation.best
    of_training, of_new = float(train.values[best]), float(validation.values[best])
    fall = float(train.values[0] - train.values.min())
    if train.values.min() < 0 or of_new - of_training < LEAST_GAP * fall:
        return None
    at_first = max(1.0, float(validation.values[0] / max(train.values[0], TINY)))
    if of_new < TIMES * at_first * of_training:
        return None
    times = of_new / of_training if of_new < MOST_TIMES * of_training else MOST_TIMES
    more = "more than " if times == MOST_TIMES else ""
    return (
        f"At the kept epoch, {validation.epochs[best]}, the training loss is {number(of_training)} and the validation loss "
        f"{number(of_new)}: new {item}s are rebuilt with {more}{number(times)} times the error of those it knows."
    )


CHECK = Check("overfitting", True, look)
