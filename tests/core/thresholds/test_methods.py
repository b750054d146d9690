"""Threshold methods beside what is known of them: formulas, other people's code, and brute force."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import given as over
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import expon, genpareto, median_abs_deviation

from core.errors import SettingsRefused
from core.results import Course
from core.scoring.events import Events
from core.thresholds import THRESHOLDS, Given, decide, not_as_asked
from core.thresholds.tail import SHORTEST, fit

KNOWN = st.lists(st.tuples(st.integers(0, 12), st.sampled_from((-1, 0, 0, 0, 1, 1))), min_size=10, max_size=80)


def drawn(rows: int = 2_000, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).gamma(2.0, 1.0, rows)


# --- robust spreads ------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1_999, 2_000])
def test_mad_and_iqr_are_the_formulas(rows: int) -> None:
    scores = drawn(rows)
    mad = np.median(scores) + 3.5 * 1.4826 * median_abs_deviation(scores)
    assert decide(Given(scores), "mad", {})[0] == pytest.approx(mad, rel=1e-12)
    lower, upper = np.quantile(scores, [0.25, 0.75])
    assert decide(Given(scores), "iqr", {"k": 1.5})[0] == pytest.approx(upper + 1.5 * (upper - lower), rel=1e-12)


@over(st.lists(st.integers(0, 20), min_size=2, max_size=40))
def test_mad_is_the_formula_with_ties_and_few_rows(rows: list[int]) -> None:
    scores = np.asarray(rows, float)
    spread = median_abs_deviation(scores)
    assume(spread > 0)
    value, _ = decide(Given(scores), "mad", {"k": 2.0})
    assert value == pytest.approx(np.median(scores) + 2.0 * 1.4826 * spread, rel=1e-12)


def test_mad_and_iqr_flag_nothing_where_nothing_lies_apart() -> None:
    even = np.linspace(0, 1, 500)
    assert decide(Given(even), "mad", {})[1] == decide(Given(even), "iqr", {})[1] == 0


def test_anomalies_hardly_move_mad() -> None:
    scores = drawn()
    worse = scores.copy()
    worse[:600] = 1e9
    assert decide(Given(worse), "mad", {})[0] < 2.5 * decide(Given(scores), "mad", {})[0]
    assert decide(Given(worse), "mad", {})[1] >= 600


# --- the tail ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [-0.3, -0.1, 0.0, 0.2, 0.8, 2.0])
def test_the_tail_is_at_least_as_likely_as_by_scipy_and_much_the_same(shape: float) -> None:
    excess = genpareto.rvs(shape, scale=3.0, size=1_500, random_state=5)
    largest = excess.max()
    ours, rate, mean = fit(excess / largest)
    scale = ours / rate * largest if rate else mean * largest
    theirs, _, their_scale = genpareto.fit(excess, floc=0)
    likelihood = genpareto.logpdf(excess, ours, scale=scale).sum()
    assert likelihood >= genpareto.logpdf(excess, theirs, scale=their_scale).sum() - 1e-4
    assert ours == pytest.approx(theirs, abs=0.01)
    assert scale == pytest.approx(their_scale, rel=0.01)


def test_a_tail_with_a_hard_end_is_given_no_shorter_shape_than_can_be_relied_on() -> None:
    excess = np.random.default_rng(0).random(1_000) ** 0.3  # most of them close to the end
    shape, rate, _ = fit(excess / excess.max())
    assert shape == pytest.approx(SHORTEST, abs=1e-6)
    assert -1 <= rate < 0


def test_exceedances_of_an_exponential_give_its_quantile() -> None:
    even = expon.ppf((np.arange(20_000) + 0.5) / 20_000)
    value, _ = decide(Given(even), "tail", {"share": 1e-4})
    assert value == pytest.approx(expon.isf(1e-4), rel=0.02)


@pytest.mark.parametrize("law", [genpareto(0.3), genpareto(-0.2), expon()])
def test_as_many_new_rows_are_beyond_as_were_expected(law: object) -> None:
    scores = law.rvs(size=50_000, random_state=1)  # type: ignore[attr-defined]
    value, flagged = decide(Given(scores), "tail", {"share": 1e-3})
    assert law.sf(value) == pytest.approx(1e-3, rel=0.25)  # type: ignore[attr-defined]
    assert flagged == pytest.approx(50, rel=0.3)


def test_the_cut_goes_along_with_the_unit_of_the_scores() -> None:
    scores = drawn()
    value = decide(Given(scores), "tail", {})[0]
    assert decide(Given(scores * 1e-5 + 7), "tail", {})[0] == pytest.approx(value * 1e-5 + 7, rel=1e-6)


def test_a_tail_of_few_different_scores_is_refused() -> None:
    tied = drawn()
    tied[np.argsort(tied)[-100:]] = 50.0
    with pytest.raises(SettingsRefused, match="0 rows of 2,000"):
        decide(Given(tied), "tail", {})
    stepped = drawn()
    stepped[np.argsort(stepped)[-100:]] = 50.0 + np.arange(100) // 20
    with pytest.raises(SettingsRefused, match="5 different scores"):
        decide(Given(stepped), "tail", {"tail": 0.05})
    with pytest.raises(SettingsRefused, match="no less than there are in the tail") as refused:
        decide(Given(drawn()), "tail", {"share": 0.02})
    assert "lower the expected share" in refused.value.fix


# --- conformal -----------------------------------------------------------------------------------------


def benjamini_hochberg(scores: NDArray[np.float64], held: NDArray[np.bool_], rate: Fraction) -> NDArray[np.bool_]:
    """As the papers have it, step by step and without rounding."""
    calibration = scores[held]
    p = [Fraction(1 + int((calibration >= score).sum()), 1 + len(calibration)) for score in scores]
    ordered = sorted(p)
    passing = [k for k in range(1, len(p) + 1) if ordered[k - 1] <= rate * k / len(p)]
    return np.asarray([value <= ordered[passing[-1] - 1] if passing else False for value in p])


@over(
    rows=st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=4, max_size=60),
    far=st.integers(0, 25),
    rate=st.sampled_from(("0.5", "0.3", "0.25")),
)
def test_conformal_flags_what_the_papers_do(rows: list[tuple[int, bool]], far: int, rate: str) -> None:
    scores = np.asarray([float(score) for score, _ in rows] + [40.0 + i // 3 for i in range(far)])
    held = np.asarray([held for _, held in rows] + [False] * far)
    assume((held.sum() + 1) * Fraction(rate) >= 1)
    value, _ = decide(Given(scores, calibration=held), "conformal", {"rate": float(rate)})
    expected = benjamini_hochberg(scores, held, Fraction(rate))
    assert (scores >= value).tolist() == expected.tolist()


def healthy_and_not(seed: int, contaminated: float = 0.0) -> tuple[Given, NDArray[np.bool_]]:
    generator = np.random.default_rng(seed)
    anomaly = np.arange(2_000) < 250
    scores = generator.normal(size=2_000) + 3.0 * anomaly
    held = (generator.random(2_000) < 0.4) & (~anomaly | (generator.random(2_000) < contaminated))
    return Given(scores, calibration=held), anomaly


def false_share(flagged: NDArray[np.bool_], anomaly: NDArray[np.bool_]) -> float:
    return float((flagged & ~anomaly).sum() / max(1, flagged.sum()))


@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_the_false_discovery_rate_is_kept_and_used(rate: float) -> None:
    shares, found = [], []
    for seed in range(200):
        all_, anomaly = healthy_and_not(seed)
        flagged = all_.scores >= decide(all_, "conformal", {"rate": rate})[0]
        shares.append(false_share(flagged, anomaly))
        found.append((flagged & anomaly).sum())
    error = np.std(shares) / math.sqrt(len(shares))
    assert np.mean(shares) <= rate + 2 * error
    assert np.mean(shares) > 0.6 * rate  # and not kept by flagging next to nothing
    assert np.mean(found) > 100


def test_anomalies_among_the_held_back_make_it_flag_less_unless_they_are_known() -> None:
    clean, spoilt, mended = 0, 0, 0
    for seed in range(30):
        clean += decide(healthy_and_not(seed)[0], "conformal", {})[1]
        all_, anomaly = healthy_and_not(seed, contaminated=0.4)
        spoilt += decide(all_, "conformal", {})[1]
        truth = np.where(anomaly, 1, -1).astype(np.int8)
        mended += decide(Given(all_.scores, calibration=all_.calibration, truth=truth), "conformal", {})[1]
    assert spoilt < clean / 2
    assert mended > 0.9 * clean


def test_too_few_held_back_are_refused_and_nothing_flagged_is_explained() -> None:
    scores = drawn(1_000)
    held = np.arange(1_000) < 8
    with pytest.raises(SettingsRefused, match=r"8 calibration rows the smallest p-value is 1/9") as refused:
        decide(Given(scores, calibration=held), "conformal", {})
    assert refused.value.fix.startswith("hold back at least 9 rows")
    held[8] = True
    scores[:9] = scores.max()
    all_ = Given(scores, calibration=held)
    value, flagged = decide(all_, "conformal", {})
    assert flagged == 0
    assert not_as_asked(all_, "conformal", {}, value).startswith(
        "nothing flagged: with 9 calibration rows at least 1,000 rows of 1,000 would have to be stranger than all of these, "
        "0 are"
    )


def test_rows_of_a_series_have_no_conformal_p_values() -> None:
    course = Course(np.arange(100), np.zeros(100, np.int64), np.arange(100.0), True, 8)
    with pytest.raises(SettingsRefused, match="series"):
        decide(Given(drawn(100), Events(course), np.arange(100) < 50), "conformal", {})


# --- tuned on what is known ----------------------------------------------------------------------------


def brute(rows: list[tuple[int, int]]) -> tuple[Given, list[tuple[float, int, int, int, int]]]:
    """Every cut, from the highest, with TP, FP, FN, TN of the known rows."""
    scores, truth = (np.asarray(column) for column in zip(*rows, strict=True))
    assume(min((truth == 1).sum(), (truth == 0).sum()) >= 5)
    found = []
    for value in sorted({score for score, known in rows if known >= 0}, reverse=True):
        over_ = scores >= value
        found.append(
            (
                float(value),
                int((over_ & (truth == 1)).sum()),
                int((over_ & (truth == 0)).sum()),
                int((~over_ & (truth == 1)).sum()),
                int((~over_ & (truth == 0)).sum()),
            )
        )
    return Given(scores.astype(float), truth=truth.astype(np.int8)), found


@over(KNOWN)
def test_max_f1_is_the_best_of_all_cuts(rows: list[tuple[int, int]]) -> None:
    all_, found = brute(rows)
    best = max(
        found, key=lambda cut: Fraction(2 * cut[1], 2 * cut[1] + cut[2] + cut[3])
    )  # the first, hence the highest
    assert decide(all_, "max_f1", {})[0] == best[0]


@over(KNOWN, st.sampled_from((0.2, 0.5, 0.75, 1.0)))
def test_recall_is_the_most_precise_of_all_cuts_that_find_enough(rows: list[tuple[int, int]], recall: float) -> None:
    all_, found = brute(rows)
    enough = [cut for cut in found if Fraction(cut[1], cut[1] + cut[3]) >= Fraction(recall)]
    best = max(enough, key=lambda cut: (Fraction(cut[1], cut[1] + cut[2]), -cut[0]))
    assert decide(all_, "recall", {"recall": recall})[0] == best[0]


@over(KNOWN, st.sampled_from((0.25, 1.0, 3.0, 50.0)), st.sampled_from((0.5, 1.0, 4.0)))
def test_cost_is_the_cheapest_of_all_cuts_and_of_none(rows: list[tuple[int, int]], miss: float, alarm: float) -> None:
    all_, found = brute(rows)
    nothing = (all_.scores.max() + 1, 0, 0, found[0][1] + found[0][3], 0)
    value = decide(all_, "cost", {"miss": miss, "alarm": alarm})[0]
    best = min([nothing, *found], key=lambda cut: miss * cut[3] + alarm * cut[2])
    assert (all_.scores >= value).tolist() == (all_.scores >= best[0]).tolist()
    said = not_as_asked(all_, "cost", {"miss": miss, "alarm": alarm}, value)
    assert (said != "") == (best is nothing)


@pytest.mark.parametrize("method", ["max_f1", "recall", "cost"])
def test_either_side_has_to_be_known_of_some_rows(method: str) -> None:
    truth = np.full(100, -1, np.int8)
    truth[:5], truth[5:10] = 1, 0
    all_ = Given(drawn(100), truth=truth)
    assert np.isfinite(decide(all_, method, {})[0])
    for side in (0, 9):
        few = truth.copy()
        few[side] = -1
        with pytest.raises(SettingsRefused, match="5 of either are needed"):
            decide(Given(all_.scores, truth=few), method, {})


def test_methods_that_are_tuned_say_so() -> None:
    for name in THRESHOLDS:
        card = THRESHOLDS.get(name)
        assert ("flatter" in card.summary) == (card.needs == "truth")
