"""Rows that lack the same columns, where another column tells which, are judged among themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from core import AutoencoderDetector
from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.scoring.detection import Detector
from core.scoring.recommended import fit
from core.scoring.scorers import Made
from core.scoring.skipped import Skipped

torch.set_num_threads(1)

ASKED = 0.35  # share of the rows that were asked the module


def survey(asked: float = ASKED, more: int = 5, noise: float = 0.6) -> pd.DataFrame:
    """Four questions to all, on one opinion; some more, on another, to that share of the rows who own a car."""
    generator, rows = np.random.default_rng(0), 900
    one, other = generator.normal(size=(2, rows, 1))
    frame = pd.DataFrame(one + 0.3 * generator.normal(size=(rows, 4)), columns=list("abcd"))
    owns = generator.random(rows) < asked
    frame["car"] = np.where(owns, "yes", "no")
    answers = other + noise * generator.normal(size=(rows, more))
    for i in range(more):
        frame[f"car_{i}"] = np.where(owns, answers[:, i], np.nan)
    return frame


def test_who_was_asked_more_is_no_stranger_for_it() -> None:
    frame = survey()
    strange = np.flatnonzero(frame["car"] == "no")[:4]
    frame.loc[strange, ["a", "c"]] = [2.0, -2.0]  # against what the other two say
    scores = AutoencoderDetector(random_state=0).fit(frame).decision_scores_
    first = np.argsort(-scores)[:60]
    assert 0.15 < (frame["car"].to_numpy()[first] == "yes").mean() < 0.7
    assert set(strange) <= set(first[:20].tolist())


def test_parts_still_sum_to_the_score_and_a_detector_comes_back_with_it() -> None:
    table = table_from_frame(survey())
    rows = Encoder.fit(table, np.arange(len(table))).encode(table)
    found = fit(rows, np.arange(len(rows)), False, 0)
    assert found.skipped is not None
    scores, parts = found.score(rows)
    assert parts is not None
    assert np.allclose(parts.sum(axis=1), scores, rtol=1e-5)
    again = Detector.of_bytes(found.to_bytes(), found.network, rows.layout).score(rows)[0]
    assert (again == scores).all()
    one_by_one = np.concatenate([found.score(rows.take(np.asarray([i])))[0] for i in range(5)])
    assert np.allclose(one_by_one, scores[:5], rtol=1e-5)


def test_where_gaps_are_at_random_or_there_are_none_all_are_judged_as_one() -> None:
    whole = survey()[list("abcd")]
    holes = whole.mask(np.random.default_rng(1).random(whole.shape) < 0.1)
    for frame in (whole, holes):
        table = table_from_frame(frame)
        rows = Encoder.fit(table, np.arange(len(table))).encode(table)
        assert fit(rows, np.arange(len(rows)), False, 0).skipped is None


def made(asked: np.ndarray) -> Made:
    """Two columns: one always there; another, with its mark, that some lack."""
    observed = torch.ones(len(asked), 3)
    observed[:, 1] = torch.from_numpy(asked.astype(np.float32))
    nothing = torch.zeros(len(asked), 3)
    return Made(nothing, nothing, nothing, observed, torch.tensor([0, 1, 1]))


def test_usual_is_the_middle_of_the_like_and_of_a_rare_pattern_that_of_the_others() -> None:
    often = np.arange(100) < 40
    found = Skipped.fit(made(often), torch.where(torch.from_numpy(often), 4.0, 1.0))
    assert found is not None
    assert found.which.tolist() == [1]
    assert found.usual(made(np.asarray([True, False])))[:, 0].tolist() == [4.0, 1.0]
    rarely = np.arange(100) < 5
    found = Skipped.fit(made(rarely), torch.where(torch.from_numpy(rarely), 4.0, 1.0))
    assert found is not None
    assert found.usual(made(np.asarray([True])))[:, 0].tolist() == [1.0]


def test_rows_that_are_all_alike_make_no_other_endlessly_strange() -> None:
    found = Skipped.fit(made(np.arange(10) < 5), torch.zeros(10))
    assert found is not None
    assert found.usual(made(np.asarray([True, False])))[:, 0].min() > 0.1
