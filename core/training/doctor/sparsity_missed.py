"""A sparse code whose active share is not what was asked for."""

from __future__ import annotations

from typing import Any

from core.training.doctor import Check, Evidence, Finding
from core.training.doctor._curves import longer
from core.training.doctor._errors import percent

OFF = 0.25  # of the target


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    target, share = evidence.active_target, evidence.active_share
    if not target or share is None or abs(share / target - 1) <= OFF:
        return None
    return Finding(
        "sparsity_missed",
        "doubtful",
        "The wanted sparsity was missed",
        f"{percent(share)} of the code's units are active for {_a(evidence.item)}, on average; {percent(target)} was asked for.",
        *advice(evidence),
        "sparsity",
    )


def _a(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def advice(evidence: Evidence) -> tuple[str, dict[str, Any]]:
    """The L1 penalty holds its target by thresholds; a KL penalty's weight needs time to grow."""
    training = evidence.spec.training
    if evidence.spec.objective_settings.get("penalty") == "KL":
        return "Train with the L1 penalty, which holds the share from the start, or for more epochs.", {"penalty": "L1"}
    change = {"epochs": longer(evidence, 2), "batch_size": max(64, training.batch_size)}
    return "Train for more epochs, with batches of at least 64.", change


CHECK = Check("sparsity_missed", False, look)
