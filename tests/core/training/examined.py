"""Evidence of a real training, without a database: rows in, what the doctor would be told out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.errors import Diverged
from core.models.base import build
from core.results import Encoded, Metric, Table
from core.scoring.evidence import measured
from core.scoring.material.parts import Far
from core.scoring.trained import Trained
from core.specs import RunSpec, spec_from_settings
from core.training.doctor import ColumnFacts, Evidence, Finding, examine
from core.training.loop import Trainer


def names(findings: tuple[Finding, ...], *severities: str) -> list[str]:
    """Of those of a severity; of all where none is said."""
    return [finding.name for finding in findings if not severities or finding.severity in severities]


def findings(data: Any, model: str = "vanilla", seed: int = 0, **settings: Any) -> tuple[Finding, ...]:
    """What is found after a training on a data frame or an array, (N, F)."""
    return examine(evidence_of(data, model, seed, **settings))


def evidence_of(data: Any, model: str = "vanilla", seed: int = 0, **settings: Any) -> Evidence:
    """Trains on a data frame or an array, (N, F), as a job would, and looks at the network."""
    spec = spec_from_settings(model, settings, seed)
    table = table_from_frame(data)
    held, fitted = split(len(table), spec)
    encoder = Encoder.fit(table, fitted, spec.numbers)
    encoded = encoder.encode(table)
    trainer, curve, diverged = train(spec, encoded, fitted, held)
    known = Evidence(
        spec=spec,
        plan=spec.plan(encoder.layout.row_shape),
        inputs=encoder.layout.width,
        rows_trained=len(fitted),
        rows_validation=len(held),
        curve=curve,
        diverged=diverged,
        best_epoch=trainer.best_epoch,
        columns=facts(table),
        active_target=spec.objective_settings.get("active"),
        rate_test=(trainer.rate_test.rates, trainer.rate_test.losses),
        batch_used=trainer.settings.batch_size,
    )
    return measured(known, Trained(encoder, trainer.network, spec), encoded, fitted, held)


def split(rows: int, spec: RunSpec) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of validation and of training."""
    order = np.random.default_rng(spec.training.seed).permutation(rows)
    count = int(spec.training.validation_share * rows)
    return np.sort(order[:count]), np.sort(order[count:])


def train(
    spec: RunSpec, data: Encoded, fitted: NDArray[np.int64], held: NDArray[np.int64]
) -> tuple[Trainer, list[Metric], bool]:
    """A trainer that is through, with its best weights; its curve; and whether it diverged."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(spec.training.seed)
    trainer = Trainer(build(spec, data.layout), data, fitted, held, spec.training, torch.device("cpu"))
    curve: list[Metric] = []
    diverged = False
    try:
        for progress in trainer.epochs():
            values = {**progress.losses, **progress.measures}
            curve += [Metric(progress.epoch, progress.step, name, value) for name, value in values.items()]
    except Diverged:
        diverged = True
    finally:
        torch.set_num_threads(before)
    trainer.use_best()
    return trainer, curve, diverged


def facts(table: Table) -> tuple[ColumnFacts, ...]:
    """What the doctor knows of each column."""
    far = Far.of(table, np.arange(len(table)))
    return tuple(
        ColumnFacts(
            column.name,
            column.kind,
            pd.Series(table.values[column.name]).nunique(),
            len(table),
            column.reason,
            infinite=len(far.infinite.get(column.name, ())),
            huge=len(far.huge.get(column.name, ())),
        )
        for column in table.columns
    )
