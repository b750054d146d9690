"""ROC and precision–recall curve: the curve in its band, and the threshold on it."""

from __future__ import annotations

import numpy as np

from core.scoring.workbench import confusion, curves
from core.thresholds import Given, above
from dashboard.charts.workbench import precision_recall, roc

TRUTH = (np.arange(400) % 8 == 0).astype(np.int8)
GIVEN = Given(np.random.default_rng(0).normal(size=400) + 1.5 * TRUTH, truth=TRUTH)


def test_each_curve_lies_in_its_band() -> None:
    found, at = curves(GIVEN), confusion(GIVEN, 1.0)
    assert at is not None
    for made, band in ((roc(found, at), found.found), (precision_recall(found, at), found.right)):
        drawn = {each.name: each for each in made.data}
        area, curve = drawn["95 % at each place"], drawn["score"]
        assert list(area.x) == [*band.at, *band.at[::-1]]
        assert list(area.y) == [*band.high, *band.low[::-1]]
        heights: dict[float, float] = {}
        for x, y in zip(curve.x, curve.y, strict=True):  # of several at one place the highest
            heights[x] = max(y, heights.get(x, 0.0))
        for place, low, high in zip(band.at, band.low, band.high, strict=True):
            assert low <= heights[place] <= high
        assert drawn["this threshold"].x


def test_a_threshold_that_flags_nothing_known_has_no_place_on_precision() -> None:
    at = confusion(GIVEN, above(GIVEN.scores))
    assert at is not None
    made = precision_recall(curves(GIVEN), at)
    assert "this threshold" not in {each.name for each in made.data}
    assert made.layout.xaxis.tickformat == made.layout.yaxis.tickformat == ".0%"
