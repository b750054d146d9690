"""Latent dimensions that are the same for all rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.training.doctor import Check, Evidence, Finding, posterior_collapse

STILL = 0.01  # of the widest dimension's spread
SOME = 0.25  # of the dimensions


def look(evidence: Evidence) -> Finding | None:
    """See the module. What a variational code does not need it leaves to the prior, which is no harm; and a sparse code is
    wide on purpose."""
    used = in_use(evidence)
    if (
        used is None
        or evidence.diverged
        or evidence.active_target is not None
        or posterior_collapse.look(evidence) is not None
    ):
        return None
    unused = int(np.count_nonzero(~used))
    if unused == 0 or unused < SOME * len(used):
        return None
    count = len(used) - unused
    return Finding(
        "unused_dimensions",
        "hint",
        "Some latent dimensions are not used",
        f"{unused:,} of {len(used):,} latent dimensions are practically the same for all {evidence.item}s that were looked at: "
        f"{count:,} hold all that the code says.",
        "Narrow the bottleneck to what is used: the result stays, and the map has no empty direction.",
        {"bottleneck": count} if count else {},
        "latent_code",
    )


def in_use(evidence: Evidence) -> NDArray[np.bool_] | None:
    """Which dimensions of the code say something, (L,); None where it is not known."""
    if evidence.kl is not None:
        return evidence.kl > posterior_collapse.TOLD
    if evidence.codes is None or len(evidence.codes) < 2:
        return None
    spread = evidence.codes.std(axis=0)
    found: NDArray[np.bool_] = spread > STILL * spread.max()
    return found


CHECK = Check("unused_dimensions", False, look, silences=("bottleneck_too_narrow",))
