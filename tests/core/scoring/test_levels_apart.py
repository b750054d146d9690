"""Two levels of a column are as far apart as two numbers, however many cells they became."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from core import AutoencoderDetector
from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.scoring.detection import Detector
from core.scoring.recommended import fit

ROWS, ODD = 500, 20


def frame(seed: int = 0) -> pd.DataFrame:
    """Numbers on a plane, the last few rows off it, beside words that have nothing to do with that."""
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(ROWS, 3)) @ draw.normal(size=(3, 8)) + 0.1 * draw.normal(size=(ROWS, 8))
    rows[-ODD:] += 0.8 * draw.normal(size=(ODD, 8))
    table = pd.DataFrame(rows).rename(columns="c{}".format)
    for i in range(4):
        table[f"w{i}"] = draw.choice(["low", "medium", "high", "top"], ROWS)
    table["yes"] = draw.choice([True, False], ROWS)
    return table


@pytest.mark.parametrize("name", ["w0", "yes"])
def test_they_are_as_far_apart_as_a_number_that_three_quarters_of_the_rows_are_nearer(name: str) -> None:
    cells = table_from_frame(frame())
    data = Encoder.fit(cells).encode(cells)
    own = [i for i, owner in enumerate(data.layout.owners) if data.layout.columns[owner] == name]
    kinds = np.unique((data.values * data.layout.scale)[:, own], axis=0)
    assert len(kinds) > 1
    for other in kinds[1:]:
        assert np.isclose(np.linalg.norm(kinds[0] - other), math.log(2))


def test_numbers_are_taken_as_they_are() -> None:
    cells = table_from_frame(frame()[[f"c{i}" for i in range(8)]])
    data = Encoder.fit(cells).encode(cells)
    assert (data.layout.scale == 1).all()
    assert fit(data, np.arange(ROWS), clean=False, seed=0).scale is None


def test_words_without_a_say_don_t_drown_the_numbers() -> None:
    odd = np.arange(ROWS) >= ROWS - ODD
    found = AutoencoderDetector().fit(frame(1)).decision_scores_
    numbers = AutoencoderDetector().fit(frame(1)[[f"c{i}" for i in range(8)]]).decision_scores_
    assert roc_auc_score(odd, found) > roc_auc_score(odd, numbers) - 0.06


def test_a_detector_comes_back_with_its_scale() -> None:
    cells = table_from_frame(frame())
    encoder = Encoder.fit(cells)
    data = encoder.encode(cells)
    detector = fit(data, np.arange(ROWS), clean=True, seed=0)
    assert detector.scale is not None
    again = Detector.of_bytes(detector.to_bytes(), detector.network, encoder.layout)
    assert (again.score(data)[0] == detector.score(data)[0]).all()
