"""What is left of the error: by the network, by a PCA of some width, as shares of the error of the means."""

from __future__ import annotations

from itertools import pairwise

from core.training.doctor import Evidence

LEARNED = 0.95  # of the means' error: who leaves more has learned nothing


def left(evidence: Evidence) -> tuple[tuple[int, float], ...]:
    """By width, the share of the means' error that a PCA leaves; nothing where that is not known."""
    means = evidence.error_means
    return tuple((width, error / means) for width, error in evidence.pca_by_width) if means else ()


def left_by_network(evidence: Evidence) -> float | None:
    """The same of the network; None where it is not known, or where another error was minimised."""
    if not evidence.error_means or evidence.error_network is None:
        return None
    return evidence.error_network / evidence.error_means if compares_squares(evidence) else None


def compares_squares(evidence: Evidence) -> bool:
    """Whether the run minimised squared differences, so that its mean squared error is a fair figure."""
    return evidence.spec.number_loss_used not in ("absolute", "huber")


def learned_nothing(evidence: Evidence) -> bool:
    """Whether rows are rebuilt no better than by the means of their columns, as far as is known."""
    share = left_by_network(evidence)
    return share is not None and share >= LEARNED


def dimension(evidence: Evidence, share: float) -> int | None:
    """How many numbers a PCA needs to leave at most that share of the means' error; None where it never does."""
    steps = [(0, 1.0), *left(evidence)]
    for (before, above), (width, below) in pairwise(steps):
        if below <= share:
            drop = above - below
            return max(before + 1, round(before + (width - before) * (above - share) / drop)) if drop > 0 else width
    return None


def percent(share: float) -> str:
    """A share in percent, with a digit more where it is small."""
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"
