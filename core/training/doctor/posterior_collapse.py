"""A variational code that says nothing of its row: every posterior is the prior."""

from __future__ import annotations

import numpy as np

from core.training.doctor import Check, Evidence, Finding
from core.training.doctor._curves import number

TOLD = 0.05  # nats
NEARLY_ALL = 0.8  # of the dimensions


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    kl = evidence.kl
    if kl is None or not len(kl):
        return None
    silent = int(np.count_nonzero(kl < TOLD))
    if silent < NEARLY_ALL * len(kl) or silent == 0:
        return None
    whole = silent == len(kl)
    beta = float(evidence.spec.objective_settings.get("beta", 1.0))
    said = f"none of the {len(kl):,}" if whole else f"only {len(kl) - silent:,} of {len(kl):,}"
    return Finding(
        "posterior_collapse",
        "wrong" if whole else "doubtful",
        "The code says nothing of the rows" if whole else "The code says hardly anything of the rows",
        f"With beta {beta:g} {said} latent dimensions tell more than {TOLD:g} nats of a {evidence.item}; the most telling one "
        f"tells {number(float(kl.max()))}.",
        "Train with a tenth of beta and a longer warm-up of it.",
        {"beta": float(f"{beta / 10:.2g}"), "warm_up": 0.5},
        "posterior",
    )


CHECK = Check("posterior_collapse", False, look)
