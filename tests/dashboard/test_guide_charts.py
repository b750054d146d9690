"""The Guide's figures: what they show, that no name becomes markup, and that each has its numbers as a table."""

from __future__ import annotations

import json
import math
from typing import get_args

import numpy as np
import pytest

from core.models.layers.activations import Activation
from core.results import Column, Metric
from core.specs import Plan
from dashboard.charts.guide import codes, formulas, learning, network, scores
from dashboard.charts.guide.drawn import Drawn

PLAN = Plan((30, 64, 10, 64, 30), 10, 5_288)
GENERATOR = np.random.default_rng(0)
CODES = GENERATOR.normal(size=(500, 6)) * np.asarray([3.0, 1, 1, 1, 1, 0.001])
SCORES = GENERATOR.gamma(2, size=400)
HOSTILE = ("<b>a</b>", "$x^2$", "%{y}<br>")


def by_epoch(name: str, values: list[float]) -> list[Metric]:
    return [Metric(epoch, epoch * 10, name, value) for epoch, value in enumerate(values, start=1)]


METRICS = [
    *by_epoch("train", [4.0, 2.0, 1.0, 0.5]),
    *by_epoch("validation", [4.2, 2.2, 1.6, 1.8]),
    *by_epoch("gradient norm", [9.0, 3.0, 2.0, 1.0]),
    *by_epoch("train KL", [0.1, 0.2, 0.3, 0.3]),
    *by_epoch("train reconstruction", [3.9, 1.8, 0.7, 0.2]),
]


def all_drawn() -> dict[str, Drawn | None]:
    columns = [Column(name, "number", "feature", "") for name in HOSTILE]
    places = np.asarray([[0.1, 0.4], [np.nan, np.nan], [0.9, 0.8]])
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    ranks = {"Autoencoder": np.asarray([1, 2, 3]), "PCA": np.asarray([1, 9, 2]), "kNN": np.asarray([3, 8, 200])}
    return {
        "network": network.network(PLAN),
        "widths": network.widths([(1, 0.5), (2, 0.3), (4, 0.1)], 1.0, (2, 0.2), 0.31, numbers_only=True),
        "beside": network.beside_pca(0.2, 0.4, 1.0, numbers_only=True),
        "weights": network.weights(PLAN),
        "sizes": network.sizes(30, 10, "row"),
        "activations": formulas.activations("silu"),
        "loss": formulas.loss_terms("likelihood"),
        "dropout": formulas.dropout(0.5),
        "hidden": formulas.hidden_columns(HOSTILE, 0.5),
        "noise": formulas.noise(0.3),
        "kl": formulas.kl_cost(),
        "steps": formulas.steps(1_000, 48),
        "windows": formulas.windows(64, 8),
        "images": formulas.image_sizes(40, 3),
        "losses": learning.losses(METRICS, 3),
        "gap": learning.gap(METRICS, 3),
        "range": learning.range_test([1e-6, 1e-4, 1e-2, 1.0], [1.0, 0.9, 0.4, math.inf], 1e-3),
        "rates": learning.rates(METRICS, 1e-3),
        "gradient": learning.measure(METRICS, "gradient norm", "t", "y", line=5.0, line_is="clipping length"),
        "terms": learning.terms(METRICS),
        "stages": learning.stages([{"name": "<i>level 1</i>", "epochs": 2, "first": 2.0, "best": 1.0}]),
        "time": learning.time(1.0, 3.0),
        "code": codes.code(CODES, CODES[0] * 5, "row 1"),
        "spreads": codes.spreads(CODES),
        "directions": codes.directions(CODES),
        "active": codes.active_units(np.maximum(CODES, 0), 0.2),
        "map": codes.small_map(GENERATOR.normal(size=(5_000, 2)), np.arange(5_000) % 9 == 0, "row"),
        "prior": codes.prior(CODES, False),
        "shares": scores.shares(HOSTILE, np.asarray([1.0, 3.0, 0.0])),
        "rebuilt": scores.rebuilt(HOSTILE, HOSTILE, HOSTILE, places, np.asarray([1.0, 2.0, 3.0]), "Row 1"),
        "picture": scores.picture(picture, picture[::-1], "Image 1"),
        "stretch": scores.stretch(SCORES[:20], SCORES[20:40], HOSTILE[0], "Row 1"),
        "scatter": scores.scatter(SCORES, np.where(SCORES > 3, np.nan, SCORES), HOSTILE[0]),
        "percentiles": scores.percentiles(SCORES, 4.0, "row"),
        "flagged": scores.flagged_at(SCORES, 4.0, "row"),
        "agreement": scores.agreement(ranks, "Autoencoder"),
        "kinds": scores.kinds(columns),
        "reading": scores.reading(100, 3, 2),
    }


DRAWN = all_drawn()


@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_has_a_title_data_and_a_table(name: str) -> None:
    drawn = DRAWN[name]
    assert drawn is not None
    assert drawn.figure.layout.title.text
    assert len(drawn.figure.data)
    assert len(drawn.table)
    assert drawn.figure.layout.paper_bgcolor == "rgba(0,0,0,0)"  # the page's ground, light or dark
    text = json.dumps(drawn.figure.to_plotly_json(), default=str)
    assert "<b>a" not in text
    assert "<i>level" not in text


def test_what_a_code_keeps_is_said_in_words() -> None:
    drawn = network.widths([(1, 0.5), (2, 0.3), (4, 0.1)], 1.0, (2, 0.2), 0.31, numbers_only=False)
    assert drawn is not None
    assert (
        drawn.words == "Of what the columns vary by, a PCA code keeps: 1 number 50 %, 2 numbers 70 %, 4 numbers 90 %."
    )
    assert drawn.table["share kept"].tolist() == pytest.approx([0.5, 0.7, 0.9])
    assert network.widths([], 1.0, None, None, numbers_only=False) is None


def test_the_place_where_training_and_validation_part() -> None:
    drawn = learning.gap(METRICS, 3)
    assert drawn is not None
    assert "1.60 times the training loss" in drawn.words
    assert "From epoch 3 on" in drawn.words
    below = [*by_epoch("train", [1.0, -1.0]), *by_epoch("validation", [1.0, -0.5])]
    drawn = learning.gap(below, 2)
    assert drawn is not None
    assert "+0.5 beside the training loss" in drawn.words
    assert learning.gap(by_epoch("train", [1.0]), 1) is None


def test_older_runs_without_a_measure_have_no_figure() -> None:
    assert learning.measure(METRICS, "code usage", "t", "y") is None
    assert learning.terms(METRICS[:4]) is None
    assert "older than" in learning.rates(METRICS, 1e-3).words


def test_a_range_test_is_shown_without_what_shoots_up() -> None:
    drawn = DRAWN["range"]
    assert drawn is not None
    assert np.isfinite(drawn.table["loss"]).all()
    low, high = drawn.figure.layout.yaxis.range
    assert low < 0.4 < 1.0 < high < 2.0


def test_a_gradient_far_below_its_bound_says_so_in_place_of_a_line() -> None:
    drawn = learning.measure(METRICS, "gradient norm", "t", "y", line=500.0, line_is="clipping length")
    assert drawn is not None
    assert not drawn.figure.layout.shapes
    assert "nothing was cut" in drawn.words


def test_activations_are_those_of_the_settings() -> None:
    assert set(formulas.ACTIVATIONS) == set(get_args(Activation))
    at = np.asarray([-1.0, 0.0, 2.0])
    assert formulas.ACTIVATIONS["gelu"](at) == pytest.approx([-0.158655, 0.0, 1.9545], abs=1e-4)
    assert formulas.ACTIVATIONS["silu"](at) == pytest.approx([-0.268941, 0.0, 1.761594], abs=1e-4)


def test_the_formulas_agree_with_what_is_trained() -> None:
    torch = pytest.importorskip("torch")
    from core.models.layers.bends import ACTIVATIONS

    at = np.linspace(-3, 3, 25)
    for name, curve in formulas.ACTIVATIONS.items():
        assert curve(at) == pytest.approx(ACTIVATIONS[name]()(torch.from_numpy(at)).numpy(), abs=1e-6)


def test_a_code_that_uses_few_directions() -> None:
    assert codes.directions(np.outer(np.arange(50.0), [1.0, 2.0, 3.0])).words.startswith("1 of 3 directions")
    assert "1 of 6 hardly vary" in codes.spreads(CODES).words
    assert codes.directions(np.zeros((5, 2))).words


def test_a_small_map_stays_small() -> None:
    drawn = DRAWN["map"]
    assert drawn is not None
    assert sum(len(trace.x) for trace in drawn.figure.data) == len(drawn.table) <= codes.POINTS
    assert "of 5,000 points" in drawn.words


def test_what_no_other_method_finds_strange() -> None:
    drawn = DRAWN["agreement"]
    assert drawn is not None
    assert drawn.words.startswith("Of 3 flagged rows 1 is among")
    assert drawn.table["also among its strangest"].tolist() == [2, 1]


def test_one_row_is_drawn_by_what_is_a_number_and_told_in_full() -> None:
    drawn = DRAWN["rebuilt"]
    assert drawn is not None
    assert [len(trace.x) for trace in drawn.figure.data if trace.mode == "markers"] == [2, 2]
    assert len(drawn.table) == 3
