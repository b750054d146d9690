"""New rows are rebuilt no better than by a PCA that keeps as many numbers."""

from __future__ import annotations

from core.training.doctor import (
    Check,
    Evidence,
    Finding,
    Severity,
    diverged,
    identity_mapping,
    learning_rate_too_large,
    learning_rate_too_small,
)
from core.training.doctor._curves import longer, number
from core.training.doctor._errors import learned_nothing, left_by_network, percent
from core.words import count

CAUSES = (diverged, learning_rate_too_large, learning_rate_too_small)
EQUAL, WORSE = 0.98, 1.1  # times the error of the PCA
CLEARLY = 0.02  # of the means' error, by which it is worse
PAYS = frozenset({"sparse", "contractive", "variational"})  # rebuild worse on purpose, for a calmer code
SURE = 2.0  # standard errors of the difference: rows held back may be few
FINE = 0.01  # of the means' error: what is left is little for both


def look(evidence: Evidence) -> Finding | None:
    """See the module. Hidden cells are no fair match for a PCA that sees them, nor is a code as wide as the rows."""
    network, means, pca = evidence.error_network, evidence.error_means, evidence.error_pca
    share = left_by_network(evidence)
    if network is None or not means or pca is None or share is None or evidence.spec.objective == "masked":
        return None
    explained = learned_nothing(evidence) or any(cause.look(evidence) is not None for cause in CAUSES)
    if explained or identity_mapping.copies(evidence) or network < EQUAL * pca or share < FINE:
        return None
    least = max(CLEARLY * means, SURE * (evidence.error_doubt or 0.0))
    worse = network > WORSE * pca and network - pca > least
    if evidence.plan.linear and not worse:
        return None  # it is a PCA
    meant = evidence.spec.objective in PAYS or for_anomalies(evidence)
    severity: Severity = "doubtful" if worse and not meant else "hint"
    return Finding(
        "no_better_than_pca",
        severity,
        "Worse than a PCA of the same width" if worse else "No better than a PCA of the same width",
        f"On {evidence.item}s that were held back the mean squared error is {number(network)}, {percent(share)} of that of the "
        f"columns' means; a PCA that keeps {count(evidence.plan.kept, 'number')} as well leaves {number(pca)}, {percent(pca / means)}.",
        *advice(evidence, worse),
        "pca",
    )


def for_anomalies(evidence: Evidence) -> bool:
    """Whether strange rows were kept from teaching it anything: then its score matters, not how well it rebuilds."""
    return evidence.spec.training.trim > 0


def advice(evidence: Evidence, worse: bool) -> tuple[str, dict[str, int | bool]]:
    """By whether more training can be of use."""
    if worse and for_anomalies(evidence):
        return (
            "Nothing is to be done where its score is all that is used: longer trained it learns the anomalies as well. For expected values and "
            "a map train another one, in which no row is left out of the loss.",
            {},
        )
    if not worse:
        narrower = ", or try a narrower bottleneck, where bends help more" if evidence.plan.kept > 1 else ""
        return f"Take the PCA's answer as good{narrower}.", {}
    if evidence.spec.objective in PAYS:
        return "Train longer, or lower what the code is held by where a good reconstruction matters more.", _longer(
            evidence
        )
    return "Train longer, and let the learning rate be found.", {**_longer(evidence), "find_rate": True}


def _longer(evidence: Evidence) -> dict[str, int | bool]:
    return {"epochs": longer(evidence, 2), "patience": min(1_000, 2 * evidence.spec.training.patience)}


CHECK = Check("no_better_than_pca", False, look)
