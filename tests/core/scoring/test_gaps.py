"""Missing cells drown nothing, and a row of which unusually many are missing is strange for that."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from core import AutoencoderDetector
from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.scoring.detection import Detector
from core.scoring.gaps import Gaps
from core.scoring.recommended import fit
from core.scoring.scorers import Made

ROWS, WIDTH, ODD = 500, 12, 20


def table(seed: int = 0) -> np.ndarray:
    """Rows on a plane, the last few off it, (500, 12)."""
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(ROWS, 3)) @ draw.normal(size=(3, WIDTH)) + 0.1 * draw.normal(size=(ROWS, WIDTH))
    rows[-ODD:] += 0.8 * draw.normal(size=(ODD, WIDTH))
    return rows


def with_gaps(rows: np.ndarray, share: float | np.ndarray, seed: int = 1) -> pd.DataFrame:
    return pd.DataFrame(rows).rename(columns="c{}".format).mask(np.random.default_rng(seed).random(rows.shape) < share)


def made(observed: np.ndarray, owners: list[int] | None = None) -> Made:
    there = torch.from_numpy(observed.astype(np.float64))
    nothing = torch.zeros_like(there)
    return Made(nothing, nothing, nothing, there, torch.tensor(owners or list(range(there.shape[1]))))


def test_gaps_at_random_cost_little() -> None:
    odd = np.arange(ROWS) >= ROWS - ODD
    found = {}
    for share in (0.0, 0.1):
        scores = AutoencoderDetector().fit(with_gaps(table(1), share)).decision_scores_
        found[share] = roc_auc_score(odd, scores)
    assert found[0.1] > found[0.0] - 0.05


def test_many_gaps_are_strange_and_the_columns_say_why() -> None:
    share = np.full((ROWS, WIDTH), 0.05)
    share[-ODD:] = 0.6
    frame = with_gaps(np.random.default_rng(2).normal(size=(ROWS, WIDTH)), share)
    detector = AutoencoderDetector(contamination=ODD / ROWS).fit(frame)
    assert roc_auc_score(np.arange(ROWS) >= ROWS - ODD, detector.decision_scores_) > 0.95
    row = int(np.argmax(detector.decision_scores_))
    parts = detector.score_columns(frame).iloc[row]
    assert parts.nlargest(int(frame.iloc[row].isna().sum())).index.isin(frame.columns[frame.iloc[row].isna()]).all()
    assert np.isclose(parts.sum(), detector.decision_scores_[row], rtol=1e-4)


def test_new_rows_are_judged_by_the_gaps_of_those_it_learned_from() -> None:
    frame = with_gaps(np.random.default_rng(2).normal(size=(ROWS, WIDTH)), 0.05)
    detector = AutoencoderDetector().fit(frame)
    empty = frame.iloc[:1].copy()
    empty.iloc[:, :9] = np.nan
    assert detector.decision_function(empty)[0] > detector.decision_scores_.max()


def test_a_detector_comes_back_with_them() -> None:
    cells = table_from_frame(with_gaps(table(), 0.1))
    encoder = Encoder.fit(cells)
    data = encoder.encode(cells)
    detector = fit(data, np.arange(ROWS), clean=False, seed=0)
    assert detector.gaps is not None
    again = Detector.of_bytes(detector.to_bytes(), detector.network, encoder.layout)
    assert again.gaps is not None
    assert (again.score(data)[0] == detector.score(data)[0]).all()


def test_where_none_was_missing_one_gap_is_little_and_an_empty_row_is_strange() -> None:
    whole = pd.DataFrame(table()).rename(columns="c{}".format)
    detector = AutoencoderDetector().fit(whole)
    rows = whole.iloc[[0, 0, 0]].reset_index(drop=True)
    rows.iloc[1, 3] = np.nan
    rows.iloc[2, 1:] = np.nan
    scores = detector.decision_function(rows)
    assert scores[1] < detector.threshold_
    assert scores[2] > detector.decision_scores_.max()


def test_gaps_that_are_compared_already_are_left_out() -> None:
    observed = np.ones((40, 3))
    observed[::4, 0] = 0  # its mark, which is always there, is the second cell of the same column
    assert Gaps.fit(made(observed[:, :2], [0, 0])) is None
    found, alone = Gaps.fit(made(observed, [0, 0, 1])), Gaps.fit(made(observed, [0, 1, 2]))
    assert found is not None
    assert alone is not None
    assert (found.missing > 0).tolist() == [False, False, True]
    assert (alone.missing > 0).all()


@given(st.integers(2, 60), st.integers(1, 8), st.floats(0.0, 1.0), st.integers(0, 10_000))
def test_whatever_is_missing_the_distance_is_a_sum_of_parts_and_no_more_gaps_are_less(
    rows: int, width: int, share: float, seed: int
) -> None:
    observed = (np.random.default_rng(seed).random((rows, width)) >= share).astype(float)
    found = Gaps.fit(made(observed))
    assert found is not None
    parts = found.parts(made(observed))
    assert torch.isfinite(parts).all()
    assert (parts >= 0).all()
    rare = found.missing > found.there  # of what is mostly missing a cell that is there is the odd one
    fewer = observed.copy()
    fewer[:, rare.numpy()] = 0
    assert (found.parts(made(fewer)).sum(dim=1) >= parts.sum(dim=1) - 1e-9).all()


def test_as_many_as_usual_are_nothing_to_speak_of() -> None:
    observed = (np.random.default_rng(0).random((4_000, 20)) >= 0.1).astype(float)
    found = Gaps.fit(made(observed))
    assert found is not None
    distances = found.parts(made(observed)).sum(dim=1).numpy()
    assert np.quantile(distances, 0.8) < 0.5
    ten = observed[:1].copy()
    ten[:, :10] = 0
    assert found.parts(made(ten)).sum() > 5
