"""Columns that are skipped together are compared as one, and a gap in a module that was answered is a gap like any other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from core import AutoencoderDetector
from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.results import Encoded
from core.scoring.detection import Detector
from core.scoring.modules import Modules
from core.scoring.recommended import fit
from core.scoring.scorers import Made
from tests.core.scoring.test_skipped import survey

torch.set_num_threads(1)

ROWS = 900


def machines() -> pd.DataFrame:
    """Four readings of every machine, and six more of those that have oil, of which 12 machines lack one by chance."""
    frame = survey(asked=0.5, more=6, noise=0.4)
    frame = frame.rename(columns=lambda name: "type" if name == "car" else name.replace("car_", "oil_"))
    frame["type"] = np.where(frame["type"] == "yes", "wet", "dry")
    for i, row in enumerate(np.flatnonzero(frame["type"] == "wet")[:12]):
        frame.loc[row, f"oil_{i % 6}"] = np.nan
    return frame


def encoded(frame: pd.DataFrame) -> Encoded:
    table = table_from_frame(frame)
    return Encoder.fit(table, np.arange(len(table))).encode(table)


def places(frame: pd.DataFrame) -> np.ndarray:
    scores = AutoencoderDetector(random_state=0).fit(frame).decision_scores_
    return np.argsort(np.argsort(-scores))


def test_one_gap_in_a_module_that_was_answered_is_no_great_matter() -> None:
    frame = machines()
    gaps = np.flatnonzero(frame.filter(like="oil_").isna().sum(axis=1) == 1)
    assert len(gaps) == 12
    assert (places(frame)[gaps] < 30).sum() <= 2


def test_a_module_that_is_half_empty_is_strange() -> None:
    frame = machines()
    row = int(np.flatnonzero(frame["type"] == "wet")[-1])
    frame.loc[row, ["oil_0", "oil_1", "oil_2"]] = np.nan
    assert places(frame)[row] < 15


def test_whole_modules_are_told_apart_as_before() -> None:
    values = torch.zeros(6, 6, dtype=torch.float64)
    values[:, [1, 3]] = torch.tensor([1.0, 1, 1, 0, 0, 0], dtype=torch.float64)[:, None]  # marks of one module
    values[:, 5] = 1 - values[:, 1]  # who has not the one has the other
    values[:3, 4] = torch.tensor([1.0, 2, 3], dtype=torch.float64)
    values[3:, [0, 2]] = torch.tensor([[1.0, 5], [2, 6], [3, 9]], dtype=torch.float64)
    observed = torch.ones_like(values)
    observed[:3, [0, 2]], observed[3:, 4] = 0, 0
    half = torch.full_like(values, 0.25)
    made = Made(half, (values - half) * observed, values, observed, torch.tensor([0, 0, 1, 1, 2, 2]))
    found = Modules.fit(made)
    assert found is not None
    assert found.marks.tolist() == [1, 3, 5]
    assert found.module[0] == found.module[1] != found.module[2]
    same = found.compared(made)
    assert torch.equal(same.rebuilt, made.rebuilt)
    assert torch.equal(same.residuals, made.residuals)
    assert found.unlike(made).observed.all()


def test_a_mark_that_is_all_its_column_says_belongs_to_none() -> None:
    """Answers of which several may be ticked: a cross, or nothing."""
    generator = np.random.default_rng(0)
    ticked = generator.random((300, 1)) < 0.5
    frame = pd.DataFrame({f"tick_{i}": np.where(ticked[:, 0], 1.0, np.nan) for i in range(3)})
    frame["age"] = generator.normal(size=300)
    found = fit(encoded(frame), np.arange(300), False, 0)
    assert found.modules is None


def test_a_detector_comes_back_with_them_and_scores_each_row_alone() -> None:
    rows = encoded(machines())
    found = fit(rows, np.arange(ROWS), False, 0)
    assert found.modules is not None
    scores, parts = found.score(rows)
    assert parts is not None
    assert np.allclose(parts.sum(axis=1), scores, rtol=1e-5)
    again = Detector.of_bytes(found.to_bytes(), found.network, rows.layout)
    assert again.modules is not None
    assert (again.score(rows)[0] == scores).all()
    one_by_one = np.concatenate([found.score(rows.take(np.asarray([i])))[0] for i in range(5)])
    assert np.allclose(one_by_one, scores[:5], rtol=1e-5)
