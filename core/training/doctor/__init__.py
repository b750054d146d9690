"""The training doctor: looks at a run while it trains and after it, and says what is wrong, by which figures, and what to
do next. One file a finding; needs no torch.

A finding looks at `Evidence`, of which a part may not be known (yet): what it can't judge it does not mention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.registry import Registry
from core.results import Column, Metric
from core.specs import RECOMMENDED, Plan, RunSpec

Severity = Literal["wrong", "doubtful", "hint"]


@dataclass(frozen=True)
class ColumnFacts:
    """What the doctor knows of a feature column."""

    name: str
    kind: str
    distinct: int
    rows: int
    reason: str = ""
    tells: float | None = None  # how well it alone tells the dataset's label, an AUROC of at least .5; None without one
    infinite: int = 0  # cells to train or to validate on that are infinite
    huge: int = 0  # the same, beyond what a network's numbers reach

    @classmethod
    def of(
        cls, column: Column, rows: int, *, tells: float | None = None, infinite: int = 0, huge: int = 0
    ) -> ColumnFacts:
        """What is known of a column of so many rows."""
        return cls(column.name, column.kind, column.distinct, rows, column.reason, tells, infinite, huge)


@dataclass(frozen=True)
class Evidence:
    """What is known of a run. None, or empty, where it is not known."""

    spec: RunSpec
    plan: Plan
    inputs: int  # D: columns of the encoded matrix, or numbers of an image or a window
    rows_trained: int  # that the network sees: rows, images or their tiles, windows
    rows_validation: int
    curve: Sequence[
        Metric
    ] = ()  # by epoch: “train”, “validation”, “train KL”, “learning rate”, “gradient norm”, “code usage”, …
    finished: bool = False  # the training is over
    diverged: bool = False
    stopped: bool = False  # by hand
    best_epoch: int = 0
    item: str = "row"  # what the network sees, in words
    shape: tuple[int, ...] = (1,)  # of one of them (core.results.Layout)
    columns: Sequence[ColumnFacts] = ()  # features
    # Mean squared error on rows held back, over cells of numbers, each counting as it does in the loss: of the network, of
    # a PCA that keeps as many numbers, and of the means of the training rows.
    error_network: float | None = None
    error_pca: float | None = None
    error_means: float | None = None
    error_doubt: float | None = None  # standard error of the difference between the network's and the PCA's, by rows
    # The same of PCAs by how many numbers they keep: ((1, .8), (2, .5), (3, .4), (4, .3), (6, .2), …), up to all.
    pca_by_width: Sequence[tuple[int, float]] = ()
    codes: NDArray[np.float32] | None = None  # (W, L): of some training rows
    active: NDArray[np.float64] | None = None  # (U,): share of some training rows for which each hidden unit is not 0
    kl: NDArray[np.float64] | None = None  # (L,): mean KL term of each latent dimension in nats, of variational runs
    active_target: float | None = None  # of sparse runs
    active_share: float | None = None
    twins: int | None = None  # validation rows that are also among the training rows, cell by cell
    twins_among: int = 0  # of so many that were looked at
    rate_test: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())  # learning rates, and the loss at each
    batch_used: int = 0  # rows of a batch, where memory allowed fewer than were asked for
    seconds: float = 0.0  # that its epochs took; 0 where that is not known

    def by_epoch(self, name: str) -> NDArray[np.float64]:
        """The values of one curve, in the order of epochs, (E,)."""
        return np.asarray([metric.value for metric in self.curve if metric.name == name], np.float64)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or may be."""

    name: str  # of its file
    severity: Severity
    title: str  # what is wrong, in a few plain words
    evidence: str  # the figures that say so, in a sentence
    next_step: str  # what to do, in a sentence
    change: dict[str, Any] = field(default_factory=dict)  # settings of a run that would do it, as `--set` takes them
    term: str = ""  # the guide's chapter that explains it


@dataclass(frozen=True)
class Check:
    """A kind of finding. live: whether it can be told while the run trains; silences: what is not said beside it, because
    it would advise the contrary, or blame something else for the same; of_data: whether its advice is on rows and columns,
    which every score depends on, and not on the network."""

    name: str
    live: bool
    look: Callable[[Evidence], Finding | None]
    silences: tuple[str, ...] = ()
    of_data: bool = False


FINDINGS: Registry[Check] = Registry("finding", "core.training.doctor", "CHECK", folders=False)
ORDER: tuple[Severity, ...] = ("wrong", "doubtful", "hint")
SCORE_STAYS = "The anomaly score comes from another network: no setting of this one changes it."


def examine(evidence: Evidence) -> tuple[Finding, ...]:
    """All that is found, the worst first."""
    found = []
    silent: set[str] = set()
    for name in FINDINGS:
        check = FINDINGS.get(name)
        if (evidence.finished or check.live) and (finding := check.look(evidence)) is not None:
            if evidence.spec.scorer == RECOMMENDED and not check.of_data:
                finding = replace(finding, next_step=f"{finding.next_step} {SCORE_STAYS}")
            found.append(finding)
            silent.update(check.silences)
    told = (finding for finding in found if finding.name not in silent)
    return tuple(sorted(told, key=lambda finding: ORDER.index(finding.severity)))


RATE = {"learning_rate", "find_rate"}  # a rate that is named and one that is looked for are one choice


def together(findings: Sequence[Finding]) -> dict[str, Any]:
    """The settings that all of them would change; where two contradict each other the first, the worse one, is followed."""
    out: dict[str, Any] = {}
    for finding in findings:
        taken = out.keys() | (RATE if out.keys() & RATE else set())
        out |= {name: value for name, value in finding.change.items() if name not in taken}
    return out
