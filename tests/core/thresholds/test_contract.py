"""What every threshold method has to hold, whatever it is: over the whole registry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.errors import InputRefused, SettingsRefused
from core.thresholds import THRESHOLDS, Given, decide, not_as_asked

ROWS = 3_000


def scores(case: str) -> NDArray[np.float64]:
    drawn = np.random.default_rng(1).gamma(2.0, 1.0, ROWS)
    return {
        "ordinary": drawn,
        "ties": np.round(drawn, 1),
        "constant": np.full(ROWS, 3.0),
        "few rows": drawn[:6],
        "one row": drawn[:1],
        "huge": drawn * 1e307,
        "tiny": drawn * 1e-300,
        "heavy tail": np.exp(40 * drawn),
        "mostly one value": np.where(drawn < np.quantile(drawn, 0.9), 0.5, drawn),
        "both signs": np.where(np.arange(ROWS) % 2, drawn, -drawn) * 1.2e307,
        "negative": drawn - 100.0,
    }[case]


CASES = (
    "ordinary",
    "ties",
    "constant",
    "few rows",
    "one row",
    "huge",
    "tiny",
    "heavy tail",
    "mostly one value",
    "both signs",
    "negative",
)
TRUTH = ("max_f1", "recall", "cost")
REFUSED = {
    *(("mad", case) for case in ("constant", "one row", "mostly one value")),
    *(("iqr", case) for case in ("constant", "one row", "mostly one value")),
    *(("tail", case) for case in ("constant", "few rows", "one row")),
    *(("conformal", case) for case in ("few rows", "one row")),
    *((method, case) for method in TRUTH for case in ("few rows", "one row")),
}


def given(values: NDArray[np.float64]) -> Given:
    """A tenth of the rows held back, and a truth that has to do with the score, of nine rows in ten."""
    generator = np.random.default_rng(2)
    calibration = generator.random(len(values)) < 0.1
    ranks = np.argsort(np.argsort(values, kind="stable")) / len(values)
    truth = (generator.random(len(values)) < 0.3 * ranks**4).astype(np.int8)
    return Given(
        values, calibration=calibration, truth=np.where(generator.random(len(values)) < 0.1, -1, truth).astype(np.int8)
    )


def taken(all_: Given, rows: NDArray[np.int64]) -> Given:
    assert all_.calibration is not None
    assert all_.truth is not None
    return replace(all_, scores=all_.scores[rows], calibration=all_.calibration[rows], truth=all_.truth[rows])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("method", list(THRESHOLDS))
def test_a_finite_cut_or_a_refusal_that_says_what_to_do(method: str, case: str) -> None:
    all_ = given(scores(case))
    if (method, case) in REFUSED:
        with pytest.raises(SettingsRefused) as refused:
            decide(all_, method, {})
        assert refused.value.what
        assert refused.value.where
        assert refused.value.fix
        return
    value, flagged = decide(all_, method, {})
    assert np.isfinite(value)
    assert flagged == int((all_.scores >= value).sum())
    assert flagged > 0 or not_as_asked(all_, method, {}, value) or THRESHOLDS.get(method).expert
    assert (value, flagged) == decide(taken(all_, np.random.default_rng(3).permutation(len(all_.scores))), method, {})


@pytest.mark.parametrize("method", list(THRESHOLDS))
def test_rows_that_were_not_looked_at_change_nothing_but_the_number_that_a_share_is_of(method: str) -> None:
    all_ = given(scores("ordinary"))
    assert all_.calibration is not None
    assert all_.truth is not None
    more = Given(
        np.append(all_.scores, np.full(500, 1e6)),
        calibration=np.append(all_.calibration, np.ones(500, bool)),
        truth=np.append(all_.truth, np.zeros(500, np.int8)),
        scored=np.append(np.ones(ROWS, bool), np.zeros(500, bool)),
    )
    same = decide(all_, method, {})[0] == decide(more, method, {})[0]
    assert same == (method not in ("quantile", "count"))


@pytest.mark.parametrize("method", list(THRESHOLDS))
def test_scores_that_are_none_are_refused(method: str) -> None:
    with pytest.raises(InputRefused, match="no row"):
        decide(given(np.empty(0)), method, {})
    for wrong in (np.nan, np.inf):
        values = scores("ordinary")
        values[7] = wrong
        with pytest.raises(InputRefused, match="finite") as refused:
            decide(given(values), method, {})
        assert refused.value.where == "row 8"


@pytest.mark.parametrize("method", list(THRESHOLDS))
def test_what_a_method_needs_is_asked_for(method: str) -> None:
    card = THRESHOLDS.get(method)
    bare = Given(scores("ordinary"))
    if card.needs == "nothing":
        assert decide(bare, method, {}) == decide(given(scores("ordinary")), method, {})
        return
    for attempt in (lambda: decide(bare, method, {}), lambda: not_as_asked(bare, method, {}, 1.0)):
        with pytest.raises(SettingsRefused) as refused:
            attempt()
        assert refused.value.where == card.title
        assert refused.value.fix


@pytest.mark.parametrize(
    ("method", "setting", "values"),
    [
        ("quantile", "share", (0.001, 0.01, 0.05, 0.2, 0.5)),
        ("count", "rows", (1, 10, 100, 1_000, 9_999)),
        ("mad", "k", (20.0, 6.0, 3.5, 1.0, 0.01)),
        ("iqr", "k", (20.0, 6.0, 3.0, 1.5, 0.01)),
        ("tail", "share", (1e-12, 1e-6, 1e-4, 1e-3, 0.015)),
        ("conformal", "rate", (0.01, 0.05, 0.1, 0.3, 0.5)),
        ("recall", "recall", (0.1, 0.3, 0.5, 0.9, 1.0)),
        ("score", "score", (9.0, 4.0, 1.0)),
        ("cost", "miss", (0.01, 0.5, 3.0, 30.0, 1e6)),
        ("cost", "alarm", (1e6, 30.0, 3.0, 0.5, 0.01)),
    ],
)
@pytest.mark.parametrize("case", ["ordinary", "ties"])
def test_as_a_setting_moves_the_flags_only_grow(
    method: str, setting: str, values: tuple[float, ...], case: str
) -> None:
    all_ = given(scores(case))
    assert all_.calibration is not None
    all_.scores[:60] += 12.0  # some that lie apart, none of them held back
    all_.calibration[:60] = False
    cuts, flagged = zip(*(decide(all_, method, {setting: value}) for value in values), strict=True)
    assert list(cuts) == sorted(cuts, reverse=True)
    assert list(flagged) == sorted(flagged)
    assert flagged[0] < flagged[-1]


def test_every_setting_that_moves_is_tried_above() -> None:
    settings = {(name, setting) for name in THRESHOLDS for setting in THRESHOLDS.get(name).parameters.model_fields}
    marks = test_as_a_setting_moves_the_flags_only_grow.pytestmark  # type: ignore[attr-defined]
    tried = {(method, setting) for mark in marks for method, setting, *_ in mark.args[1] if "method" in mark.args[0]}
    assert settings - tried == {("tail", "tail")}


@pytest.mark.parametrize("method", list(THRESHOLDS))
@over(
    rows=st.lists(
        st.tuples(st.floats(-1e308, 1e308) | st.integers(0, 5).map(float), st.booleans(), st.sampled_from((-1, 0, 1))),
        min_size=1,
        max_size=80,
    ),
    seed=st.integers(0, 9),
)
def test_any_scores_are_cut_at_a_number_or_refused_alike_in_any_order(
    method: str, rows: list[tuple[float, bool, int]], seed: int
) -> None:
    values, calibration, truth = (np.asarray(column) for column in zip(*rows, strict=True))
    all_ = Given(values, calibration=calibration, truth=truth.astype(np.int8))

    def outcome(given: Given) -> Any:
        try:
            return decide(given, method, {})
        except SettingsRefused as refused:
            return refused.line()

    found = outcome(all_)
    assert outcome(taken(all_, np.random.default_rng(seed).permutation(len(rows)))) == found
    if not isinstance(found, str):
        assert np.isfinite(found[0])
        assert found[1] == int((values >= found[0]).sum())


def test_every_method_says_what_it_is() -> None:
    cards = [THRESHOLDS.get(name) for name in THRESHOLDS]
    assert len({card.title for card in cards}) == len(cards)
    assert all(card.summary.endswith(".") for card in cards)
    assert {name for name in THRESHOLDS if THRESHOLDS.get(name).expert} == {"mad", "iqr", "tail"}
    needs = {name: THRESHOLDS.get(name).needs for name in THRESHOLDS}
    assert {name for name in needs if needs[name] == "truth"} == set(TRUTH)
    assert {name for name in needs if needs[name] == "calibration"} == {"conformal"}
