"""The bottleneck is so wide that all of a row gets through: what is strange is rebuilt as well as what is usual.

Judged by purpose: where the network only explains a score that is not its own, and its width was chosen by us, it is as wide as it
is meant to be, and nobody is told to change it.
"""

from __future__ import annotations

from typing import Any

from core.specs import LAYERS, RECOMMENDED
from core.training.doctor import Check, Evidence, Finding, Severity
from core.training.doctor._errors import dimension, learned_nothing, left, percent
from core.words import count

CAN_COPY = frozenset({"vanilla", "stacked"})  # others are kept from it by what they minimise
LITTLE = 0.01  # of the means' error
SPARE = 1.5  # times the data's dimension, from which it is more than a matter of taste


def look(evidence: Evidence) -> Finding | None:
    """See the module. The data's own dimension is taken from PCAs: how many numbers hold nearly all. A network that learned
    nothing lets nothing through, however wide it is."""
    if evidence.spec.objective not in CAN_COPY or learned_nothing(evidence) or _meant_so(evidence):
        return None
    kept, needed = evidence.plan.kept, dimension(evidence, LITTLE)
    if copies(evidence):
        severity: Severity = "doubtful"
        why = f"The code keeps {kept:,} of {count(evidence.inputs, 'number')}, so that nothing has to be left out."
    elif needed is not None and kept >= needed:
        severity = "doubtful" if kept > SPARE * needed else "hint"
        at = next(share for width, share in left(evidence) if width >= needed)
        why = (
            f"The code keeps {count(kept, 'number')}, and a PCA needs only {needed:,} to hold nearly all there is: it leaves "
            f"{percent(at)} of the error of the columns' means."
        )
    else:
        return None
    if evidence.spec.scorer == RECOMMENDED:  # what is strange is not told by this network, only what was expected of it
        severity = "hint"
        why += " What the network expects of a strange cell follows what stands there."
    return Finding(
        "identity_mapping",
        severity,
        "The bottleneck lets everything through",
        why,
        *advice(evidence, needed),
        "bottleneck",
    )


def _meant_so(evidence: Evidence) -> bool:
    """Whether the network is an explainer of the width that we gave it."""
    settings = LAYERS.get(evidence.spec.layers).settings.read(evidence.spec.layer_settings)
    chosen = getattr(settings, "bottleneck", 0) or getattr(settings, "widths", "")
    return evidence.spec.scorer == RECOMMENDED and not chosen


def copies(evidence: Evidence) -> bool:
    """Whether the code has room for a whole row."""
    return evidence.spec.objective in CAN_COPY and evidence.plan.kept >= evidence.inputs


def advice(evidence: Evidence, needed: int | None) -> tuple[str, dict[str, Any]]:
    """A narrower bottleneck, where there is one; else what keeps a network from copying as well."""
    if evidence.inputs == 1:
        return "Add columns: from one number alone nothing is learned of how things go together.", {}
    if evidence.plan.kept == 1:
        return "The bottleneck can't be narrower: add columns, or train a denoising or a masked autoencoder.", {}
    said = "Narrow the bottleneck, so that only what rows have in common gets through."
    return said, narrower(evidence, needed)


def narrower(evidence: Evidence, needed: int | None) -> dict[str, Any]:
    """A bottleneck below the data's dimension; none where that is 1 already."""
    wanted = (needed if needed is not None else -(-evidence.inputs // 3)) - 1
    wanted = min(wanted, evidence.plan.kept - 1, 1_024)
    return {"bottleneck": wanted} if wanted >= 1 else {}


CHECK = Check("identity_mapping", False, look)
