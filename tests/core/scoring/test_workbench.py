"""A threshold before it is saved: what enters and leaves, how far it depends on chance, and how well it agrees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest, norm
from sklearn.metrics import average_precision_score, confusion_matrix, f1_score, roc_auc_score

from core.errors import InputRefused, SettingsRefused
from core.results import Course, Judgement, Scores, Threshold
from core.scoring.evaluation import compare
from core.scoring.events import Events
from core.scoring.workbench import (
    POINTS,
    RESAMPLES,
    Confusion,
    confusion,
    cross_fitted,
    curves,
    given_of,
    spread,
    truth_of_label,
    weigh,
)
from core.specs import OWN_ERROR, RECOMMENDED
from core.thresholds import EACH_ROW, THRESHOLDS, Given, above, decide
from core.triage.judged import CODES, Judged

ROWS = 3_000


def judged(rows: int = ROWS, seed: int = 0, apart: float = 2.0) -> Given:
    """One row in ten an anomaly, one in five of nobody knows which, a tenth of the normal ones held back."""
    generator = np.random.default_rng(seed)
    anomaly = generator.random(rows) < 0.1
    scores = generator.normal(size=rows) + apart * anomaly
    truth = np.where(generator.random(rows) < 0.2, -1, anomaly).astype(np.int8)
    return Given(scores, calibration=(generator.random(rows) < 0.1) & ~anomaly, truth=truth)


def of_run(splits: NDArray[np.uint8], course: Course | None = None) -> Scores:
    rows = len(splits)
    errors = np.zeros((rows, 1), np.float32)
    return Scores("r", np.arange(rows).astype(str), np.arange(rows, dtype=float), ("x",), errors, splits, course)


# --- what is given -------------------------------------------------------------------------------------


def test_rows_that_validated_are_the_calibration_but_of_what_learned_from_them() -> None:
    scores = of_run(np.asarray([0, 1, 2, 1], np.uint8))
    own = given_of(scores, OWN_ERROR)
    assert own.calibration is not None
    assert own.calibration.tolist() == [False, True, False, True]
    assert own.unit is EACH_ROW
    assert own.scored is None
    assert given_of(scores, RECOMMENDED).calibration is None
    assert given_of(of_run(np.zeros(4, np.uint8)), OWN_ERROR).calibration is None


def test_of_a_series_events_are_counted_among_the_rows_that_were_looked_at() -> None:
    course = Course(np.arange(3, 30), np.zeros(27, np.int64), np.arange(27.0), True, 8)
    given = given_of(of_run(np.zeros(30, np.uint8), course), OWN_ERROR)
    assert given.unit == Events(course)
    assert given.scored is not None
    assert given.scored.tolist() == [False] * 3 + [True] * 27
    found = weigh(given, "mad", {"k": 0.5})
    assert (found.flagged, found.spread) == (1, None)
    assert len(found.rows) > 1


def test_truth_by_a_label_and_by_verdicts() -> None:
    labels = np.asarray(["good", "stain", None, " ", "scratch"], object)
    found = truth_of_label(labels, ("good",))
    assert found is not None
    assert found.tolist() == [0, 1, -1, -1, 1]
    assert truth_of_label(np.asarray(["same", None, "same"], object)) is None
    said: tuple[Judgement, ...] = ("confirmed", "", "dismissed", "unsure", "confirmed")
    codes = np.asarray([CODES[each] for each in said], np.int8)
    none = np.zeros(len(said), bool)
    assert Judged(codes, none, none, {}).truth.tolist() == [1, -1, 0, -1, 1]


# --- what it flags -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", list(THRESHOLDS))
def test_the_threshold_is_the_one_that_would_be_saved(method: str) -> None:
    given = judged(apart=4.0)
    found = weigh(given, method, {})
    assert (found.value, found.flagged) == decide(given, method, {})
    assert sorted(found.rows) == np.flatnonzero(given.scores >= found.value).tolist()
    assert (np.diff(given.scores[found.rows]) <= 0).all()
    assert found.tuned_on == (THRESHOLDS.get(method).needs == "truth")
    assert (found.cross_fitted is not None) == found.tuned_on


@over(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 12), st.integers(-1, 10))
def test_rows_enter_and_leave_against_the_present_threshold(rows: list[int], wanted: int, present: int) -> None:
    scores = np.asarray(rows, float)
    found = weigh(Given(scores), "count", {"rows": wanted}, present=present)
    before, now = set(np.flatnonzero(scores >= present)), set(found.rows)
    assert set(found.entering) == now - before
    assert set(found.leaving) == before - now
    for moved in (found.entering, found.leaving):
        assert (np.diff(scores[moved]) <= 0).all()
    alone = weigh(Given(scores), "count", {"rows": wanted})
    assert len(alone.entering) == len(alone.leaving) == 0


def saved(method: str, value: float) -> Threshold:
    return Threshold("t-1", "r-1", method, {}, value, 1, "ada", 0.0)


def test_a_cut_that_flags_what_a_tuned_one_did_is_tuned_however_it_is_called() -> None:
    given = judged()
    best = saved("max_f1", decide(given, "max_f1", {})[0])
    between = float(given.scores[given.scores < best.value].max())  # the next row below: all cuts over it flag the same
    for method, parameters in (
        ("score", {"score": best.value}),
        ("score", {"score": (best.value + between) / 2}),
        ("count", {"rows": int((given.scores >= best.value).sum())}),
    ):
        found = weigh(given, method, parameters, tuned=(saved("recall", 0.0), best))
        assert (found.tuned_on, found.tuned_before) == (True, best)
        assert found.cross_fitted == weigh(given, "max_f1", {}).cross_fitted
    other = weigh(given, "score", {"score": between}, tuned=(best,))
    assert (other.tuned_on, other.tuned_before, other.cross_fitted) == (False, None, None)
    itself = weigh(given, "max_f1", {}, tuned=(best,))
    assert (itself.tuned_on, itself.tuned_before) == (True, None)


def test_refusals_are_those_of_the_method() -> None:
    with pytest.raises(SettingsRefused, match="calibration row"):
        weigh(Given(np.arange(9.0), calibration=np.arange(9) < 2), "conformal", {})
    with pytest.raises(SettingsRefused, match="nothing says"):
        weigh(Given(np.arange(9.0)), "max_f1", {})
    with pytest.raises(InputRefused, match="no row"):
        weigh(Given(np.empty(0)), "count", {})
    assert weigh(Given(np.ones(9)), "count", {"rows": 2}, item="image").says.startswith(
        "9 images flagged rather than 2"
    )


# --- how far it depends on chance ----------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.02, 0.1, 0.4])
def test_the_spread_of_a_share_is_that_of_an_order_statistic(share: float) -> None:
    """Rows over the cut of a resample: binomial, of variance n · share · (1 − share)."""
    given = Given(np.random.default_rng(1).normal(size=5_000))
    found = weigh(given, "quantile", {"share": share}).spread
    assert found is not None
    assert (found.resamples, found.refused) == (RESAMPLES, 0)
    deviation = np.sqrt(5_000 * share * (1 - share))
    assert found.high - found.low == pytest.approx(2 * 1.96 * deviation, rel=0.25)
    assert found.low < 5_000 * share < found.high


@pytest.mark.parametrize("method", list(THRESHOLDS))
def test_the_spread_is_the_same_again_and_in_any_order_of_rows(method: str) -> None:
    given = judged(apart=4.0)
    assert given.calibration is not None
    assert given.truth is not None
    order = np.random.default_rng(2).permutation(ROWS)
    mixed = Given(given.scores[order], calibration=given.calibration[order], truth=given.truth[order])
    first = weigh(given, method, {}).spread
    assert first is not None
    assert 0 <= first.low <= first.high <= ROWS
    assert (first.high > first.low) == (method != "score")  # which goes by no row
    assert weigh(given, method, {}).spread == weigh(mixed, method, {}).spread == first


def test_a_number_to_review_is_surer_where_a_gap_is() -> None:
    scores = np.random.default_rng(0).normal(size=2_000)
    even = weigh(Given(scores), "mad", {"k": 2.0}).spread
    apart = scores.copy()
    apart[:40] += 1_000
    gap = weigh(Given(apart), "mad", {"k": 100.0}).spread
    assert even is not None
    assert gap is not None
    assert (gap.low, gap.high) == (40, 40)
    assert even.high - even.low > 5


def test_fewer_resamples_are_drawn_of_many_rows() -> None:
    card = THRESHOLDS.get("quantile")
    numbers = []
    for rows in (20_000, 40_000, 200_000):
        found = spread(Given(np.arange(float(rows))), card, card.parameters())
        assert found is not None
        numbers.append(found.resamples)
    assert numbers == [200, 100, 50]


def test_resamples_in_which_the_method_can_not_be_used_are_said() -> None:
    scores = np.random.default_rng(0).normal(size=400)
    truth = np.where(np.arange(400) < 6, 1, 0).astype(np.int8)  # in every fifth resample fewer than five of them
    card = THRESHOLDS.get("max_f1")
    found = spread(Given(scores, truth=truth), card, card.parameters())
    assert found is not None
    assert 20 < found.refused < 100
    truth[:4] = -1
    assert spread(Given(scores, truth=truth), card, card.parameters()) is None


def test_only_rows_that_were_looked_at_are_drawn() -> None:
    given = judged()
    more = Given(np.append(np.full(50, 1e9), given.scores), scored=np.append(np.zeros(50, bool), np.ones(ROWS, bool)))
    card = THRESHOLDS.get("mad")
    assert spread(more, card, card.parameters()) == spread(Given(given.scores), card, card.parameters())


# --- how well it agrees --------------------------------------------------------------------------------


def test_the_confusion_is_that_of_the_known_rows() -> None:
    given = judged()
    assert given.truth is not None
    found = confusion(given, 1.0)
    assert found is not None
    known = given.truth >= 0
    actual, flagged = given.truth[known], given.scores[known] >= 1.0
    tn, fp, fn, tp = confusion_matrix(actual, flagged).ravel()
    counts = (found.true_positives, found.false_positives, found.false_negatives, found.true_negatives)
    assert counts == (tp, fp, fn, tn)
    assert found.f1.value == pytest.approx(f1_score(actual, flagged))
    assert found.precision is not None
    assert found.lift is not None
    for estimate, some, of in ((found.precision, tp, tp + fp), (found.recall, tp, tp + fn)):
        interval = binomtest(int(some), int(of)).proportion_ci(method="wilson")
        assert estimate.value == pytest.approx(some / of)
        assert (estimate.low, estimate.high) == pytest.approx((interval.low, interval.high))
    assert found.lift.value == pytest.approx(found.precision.value / actual.mean())
    assert found.lift.low < found.lift.value < found.lift.high


def test_where_nothing_known_is_flagged_there_is_no_precision() -> None:
    given = judged()
    found = confusion(given, above(given.scores))
    assert found is not None
    assert found.precision is None
    assert found.lift is None
    assert (found.recall.value, found.f1.value) == (0.0, 0.0)
    assert found.recall.high > 0
    assert found.f1.high > 0


@pytest.mark.parametrize("value", [0.0, 1.0, 2.0])
def test_the_interval_of_f1_is_about_that_of_the_bootstrap(value: float) -> None:
    given = judged(3_000)
    assert given.truth is not None
    known = np.flatnonzero(given.truth >= 0)
    generator, drawn = np.random.default_rng(0), []
    for _ in range(1_000):
        rows = generator.choice(known, len(known))
        drawn.append(f1_score(given.truth[rows], given.scores[rows] >= value))
    found = confusion(given, value)
    assert found is not None
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (found.f1.low, found.f1.high) == pytest.approx((low, high), abs=0.015)


def test_with_too_few_known_rows_there_are_no_figures() -> None:
    truth = np.full(60, -1, np.int8)
    assert confusion(Given(np.arange(60.0)), 30.0) is None
    truth[:5], truth[5:9] = 1, 0
    assert confusion(Given(np.arange(60.0), truth=truth), 30.0) is None
    truth[9] = 0
    given = Given(np.arange(60.0), truth=truth)
    assert confusion(given, 30.0) is not None
    found = weigh(given, "max_f1", {})
    assert found.confusion is not None
    assert found.cross_fitted is None  # not five of either in both halves


def test_figures_of_the_rows_that_it_was_tuned_on_flatter_and_cross_fitted_ones_do_not() -> None:
    """Of scores that know nothing, precision is the share of anomalies: a cut that is tuned finds more by chance."""
    tuned, fair = [], []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        truth = (np.arange(200) < 60).astype(np.int8)
        found = weigh(Given(generator.normal(size=200), truth=truth), "recall", {"recall": 0.1})
        for figures, into in ((found.confusion, tuned), (found.cross_fitted, fair)):
            assert figures is not None
            assert figures.precision is not None
            into.append(figures.precision.value)
    assert np.mean(tuned) > 0.38
    assert np.mean(fair) == pytest.approx(0.3, abs=0.03)


def test_cross_fitting_measures_every_known_row_once_and_is_the_same_again() -> None:
    given, card = judged(), THRESHOLDS.get("max_f1")
    assert given.truth is not None
    first, again, other = (cross_fitted(given, card, card.parameters(), seed) for seed in (0, 0, 1))
    assert isinstance(first, Confusion)
    assert first == again
    assert first != other
    assert first.true_positives + first.false_negatives == (given.truth == 1).sum()
    assert first.false_positives + first.true_negatives == (given.truth == 0).sum()


# --- all thresholds at once ----------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [30, 3_000, 30_000])
def test_curves_are_thinned_and_keep_their_shape(rows: int) -> None:
    given = judged(rows, apart=1.5)
    if rows == 30:
        given = Given(np.round(given.scores, 1), truth=(np.arange(30) % 3 == 0).astype(np.int8))
    assert given.truth is not None
    found = curves(given)
    known = given.truth >= 0
    actual, scores = given.truth[known], given.scores[known]
    assert len(found.values) <= POINTS
    assert (found.false_positive_rate[-1], found.recall[-1]) == (1.0, 1.0)
    assert found.values[0] == scores.max()
    for curve in (-found.values, found.false_positive_rate, found.recall):
        assert (np.diff(curve) >= 0).all()
    for i in range(0, len(found.values), 17):
        flagged = scores >= found.values[i]
        assert found.precision[i] == pytest.approx(actual[flagged].mean())
        assert found.recall[i] == pytest.approx(flagged[actual == 1].mean())
        assert found.false_positive_rate[i] == pytest.approx(flagged[actual == 0].mean())
    area = np.trapezoid(np.append(0, found.recall), np.append(0, found.false_positive_rate))
    assert area == pytest.approx(roc_auc_score(actual, scores), abs=2e-3)
    average = (found.precision * np.diff(found.recall, prepend=0)).sum()
    assert average == pytest.approx(average_precision_score(actual, scores), abs=1e-2)


@pytest.mark.parametrize("rows", [300, 3_000, 30_000])
def test_areas_are_those_of_the_evaluation(rows: int) -> None:
    """Whose intervals are of rows drawn anew, these of numbers between cuts."""
    given = judged(rows, apart=1.5)
    assert given.truth is not None
    known = given.truth >= 0
    expected = compare({"": given.scores[known]}, given.truth[known] == 1).evaluations[0]
    found = curves(given)
    for mine, other in ((found.auroc, expected.auroc), (found.average_precision, expected.average_precision)):
        assert other is not None
        assert mine.value == pytest.approx(other.value)
        assert mine.low <= mine.value <= mine.high
        assert (mine.low, mine.high) == pytest.approx((other.low, other.high), abs=0.2 * (other.high - other.low))
    with pytest.raises(SettingsRefused):
        curves(Given(given.scores))


def test_bands_hold_the_true_curve_in_95_of_100_cases_at_each_place() -> None:
    """Scores of which the curves are known: normal ones, those of anomalies 1.5 higher."""
    rows, share, cases = 800, 0.2, 120
    cut = np.linspace(-4, 6, 4_001)[::-1]
    rate, recall = norm.sf(cut), norm.sf(cut - 1.5)
    precision = share * recall / (share * recall + (1 - share) * rate)
    held = np.zeros((2, 3))
    for seed in range(cases):
        generator = np.random.default_rng(seed)
        truth = (generator.random(rows) < share).astype(np.int8)
        found = curves(Given(generator.normal(size=rows) + 1.5 * truth, truth=truth))
        for which, (band, true) in enumerate(
            (
                (found.found, lambda at: np.interp(at, rate, recall)),
                (found.right, lambda at: np.interp(at, recall, precision)),
            )
        ):
            for place, at in enumerate((0.1, 0.3, 0.6)):
                low, high = np.interp(at, band.at, band.low), np.interp(at, band.at, band.high)
                held[which, place] += low <= true(at) <= high
    assert (held / cases > 0.9).all()
    assert (held / cases).mean() < 0.995  # nor are they so wide that they say nothing


def test_bands_are_no_narrower_than_the_figures_at_a_threshold() -> None:
    """Also where the score parts both sides: of ten rows that may be chance."""
    truth = (np.arange(20) < 10).astype(np.int8)
    found = curves(Given(-np.arange(20.0), truth=truth))
    low = float(binomtest(10, 10).proportion_ci(method="wilson").low)
    assert (found.found.at[0], found.found.high[0]) == (0.0, 1.0)
    assert found.found.low[0] == pytest.approx(low)
    assert (found.right.at[-1], found.right.high[-1]) == (1.0, 1.0)
    assert found.right.low[-1] == pytest.approx(low)
    for band in (found.found, found.right):
        assert (np.diff(band.at) > 0).all()
        assert (band.low <= band.high).all()


def in_time(scores: NDArray[np.float64], truth: NDArray[np.int8], length: int) -> Given:
    """The rows as a series of one stretch, looked at in windows of so many."""
    order = np.arange(len(scores))
    course = Course(order, np.zeros(len(order), np.int64), order.astype(float), False, length)
    return Given(scores, Events(course), truth=truth)


def test_bands_of_a_series_are_those_of_as_many_rows_as_it_has_blocks() -> None:
    """Each row twenty times, one after the other: that is not twenty times as much known."""
    truth = (np.random.default_rng(0).random(300) < 0.2).astype(np.int8)
    scores = np.random.default_rng(1).normal(size=300) + 1.5 * truth
    alone = curves(Given(scores, truth=truth))
    copied, of_copies = np.repeat(scores, 20), np.repeat(truth, 20)
    by_rows, by_blocks = curves(Given(copied, truth=of_copies)), curves(in_time(copied, of_copies, 5))
    for name in ("auroc", "average_precision"):
        once, rows, blocks = (getattr(each, name) for each in (alone, by_rows, by_blocks))
        assert blocks.value == pytest.approx(once.value)
        assert blocks.high - blocks.low == pytest.approx(once.high - once.low, rel=0.25)
        assert rows.high - rows.low < 0.5 * (blocks.high - blocks.low)
    for name in ("found", "right"):
        widths = [float((band.high - band.low).mean()) for band in (getattr(alone, name), getattr(by_blocks, name))]
        assert widths[1] == pytest.approx(widths[0], rel=0.25)
    assert (by_blocks.values == by_rows.values).all()


def test_bands_of_a_series_hold_the_true_curve_where_neighbours_are_alike() -> None:
    """Faults of 20 rows, and scores of which neighbours share half of their variance."""
    blocks, cases, rate = 100, 60, np.asarray([0.1, 0.3, 0.6])
    cut = np.linspace(-5, 7, 4_001)[::-1]
    true = np.interp(rate, norm.sf(cut), norm.sf(cut - 1.5))
    held = np.zeros((2, len(rate)))
    for seed in range(cases):
        generator = np.random.default_rng(seed)
        truth = np.repeat(generator.random(blocks) < 0.3, 20).astype(np.int8)
        together = np.repeat(generator.normal(size=blocks), 20)
        scores = np.sqrt(0.5) * (together + generator.normal(size=len(truth))) + 1.5 * truth
        for which, given in enumerate((in_time(scores, truth, 5), Given(scores, truth=truth))):
            band = curves(given).found
            held[which] += (np.interp(rate, band.at, band.low) <= true) & (true <= np.interp(rate, band.at, band.high))
    assert (held[0] / cases > 0.85).all()
    assert (held[1] / cases < 0.75).all()  # rows drawn one by one promise too much
