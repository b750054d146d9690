"""New rows are rebuilt no better than by writing the mean into each column."""

from __future__ import annotations

from core.training.doctor import (
    Check,
    Evidence,
    Finding,
    diverged,
    learning_rate_too_large,
    learning_rate_too_small,
    posterior_collapse,
)
from core.training.doctor._curves import longer, number
from core.training.doctor._errors import LEARNED, learned_nothing, percent
from core.words import count

CAUSES = (diverged, learning_rate_too_large, learning_rate_too_small, posterior_collapse)


def look(evidence: Evidence) -> Finding | None:
    """See the module. Where the cause is known, that is said instead."""
    network, means, pca = evidence.error_network, evidence.error_means, evidence.error_pca
    if network is None or not means or not learned_nothing(evidence):
        return None
    if any(cause.look(evidence) is not None for cause in CAUSES):
        return None
    beside, structure = "", False
    places = {1: "of each column", 2: "at each place", 3: "of each pixel"}[len(evidence.shape)]
    if pca is not None and pca < LEARNED * means and evidence.spec.objective != "masked":
        structure = True
        beside = f"; a PCA that keeps {count(evidence.plan.kept, 'number')} leaves {percent(pca / means)}"
    return Finding(
        "no_better_than_means",
        "wrong",
        f"No better than the mean {places}",
        f"On {evidence.item}s that were held back the mean squared error is {number(network)}; the mean {places} gives "
        f"{number(means)}, so that {percent(network / means)} is left{beside}.",
        *advice(evidence, structure),
        "underfitting",
    )


def advice(evidence: Evidence, structure: bool) -> tuple[str, dict[str, int | bool]]:
    """By whether there is something to learn."""
    if structure:
        return "Train longer, and let the learning rate be found.", {"epochs": longer(evidence, 2), "find_rate": True}
    return "Look whether the columns have anything to do with each other, and add some that have, or more rows.", {}


CHECK = Check("no_better_than_means", False, look)
