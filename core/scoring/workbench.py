"""A threshold before it is saved: what it flags, how far that depends on chance, and how well it agrees with what is known.

Needs no torch: pages ask it at every change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import SettingsRefused
from core.intervals import share_of, wilson
from core.results import HELD_BACK, Estimate, Scores, Threshold
from core.scoring.evaluation import bootstrapped, positives
from core.scoring.events import Events, blocks_of, unit_of
from core.specs import RECOMMENDED
from core.thresholds import EACH_ROW, FEWEST, THRESHOLDS, Given, Method, not_as_asked, refuse_unusable
from core.thresholds._truth import Cuts, cuts, known
from core.thresholds.conformal import calibrating

RESAMPLES, FEWEST_RESAMPLES, DRAWN = (
    200,
    50,
    4_000_000,
)  # at most, at least, and rows in all of them together in between
POINTS = 300  # of a curve


def given_of(scores: Scores, scorer: str, truth: NDArray[np.int8] | None = None) -> Given:
    """What thresholds of a run's scores are chosen from. scorer: by which of its scores; truth: (N,), as `Given` has it."""
    # The recommended detector learns from every row: none was held back from it (docs/decisions/0025).
    held = scores.splits == HELD_BACK
    calibration = held if scorer != RECOMMENDED and held.any() else None
    scored = None if scores.course is None else scores.scored
    return Given(scores.values, unit_of(scores.course), calibration, truth, scored)


def truth_of_label(labels: NDArray[np.object_], normal: tuple[str, ...] = ()) -> NDArray[np.int8] | None:
    """The truth of each row by its label, (N,), as `Given` has it; None where that has fewer than two values."""
    found = positives(labels, normal)
    if found is None:
        return None
    empty = np.asarray([label is None or not label.strip() for label in labels], bool)
    return np.where(empty, -1, found[0]).astype(np.int8)


@dataclass(frozen=True)
class Confusion:
    """Flags beside the truth, where it is known. Intervals are Wilson's.

    precision and lift are None where no known row is flagged. lift: how many times as many anomalies there are among the
    flagged as among all known rows. f1: by the share of the flagged anomalies in all that is flagged or an anomaly, of which it
    is a function (Hand, Christen, Kirielle 2021), so that its interval is that of a share too.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    precision: Estimate | None
    recall: Estimate
    f1: Estimate
    lift: Estimate | None

    @classmethod
    def of(cls, flagged: NDArray[np.bool_], anomaly: NDArray[np.bool_]) -> Confusion:
        """Both of known rows, (K,), with at least one anomaly."""
        both, flags, anomalies = int((flagged & anomaly).sum()), int(flagged.sum()), int(anomaly.sum())
        precision = share_of(both, flags) if flags else None
        base = anomalies / len(anomaly)
        either = share_of(both, flags + anomalies - both)
        return cls(
            true_positives=both,
            false_positives=flags - both,
            false_negatives=anomalies - both,
            true_negatives=len(anomaly) - flags - anomalies + both,
            precision=precision,
            recall=share_of(both, anomalies),
            f1=Estimate(*(2 * share / (1 + share) for share in (either.value, either.low, either.high))),
            lift=Estimate(precision.value / base, precision.low / base, precision.high / base) if precision else None,
        )


@dataclass(frozen=True)
class Spread:
    """Between how many rows the threshold would flag had other rows of the same kind been there, in 95 of 100 cases.

    resamples: how often the method was used anew, on as many rows drawn with replacement; refused: in how many of these it
    could not be.
    """

    low: int
    high: int
    resamples: int
    refused: int


@dataclass(frozen=True)
class Outcome:
    """What a threshold does.

    flagged: how many, counted in the given unit; rows: (F,), which rows, strangest first; entering, leaving: rows that are
    flagged now and not by the present threshold, and the other way round, strangest first. says: what a reader has to know of
    it, else empty. spread: None where the rows are a series, whose events no resample of rows has.
    confusion: None without truth. tuned_on: whether its figures are of rows that the threshold was tuned on; then
    cross_fitted has figures that it was not: None with too few known rows for that. tuned_before: the earlier threshold that
    was, where this one flags the same rows, however it is chosen now.
    """

    method: str
    parameters: dict[str, Any]
    value: float
    flagged: int
    rows: NDArray[np.int64]
    entering: NDArray[np.int64]
    leaving: NDArray[np.int64]
    says: str
    spread: Spread | None
    confusion: Confusion | None
    tuned_on: bool
    cross_fitted: Confusion | None
    tuned_before: Threshold | None = None


def weigh(
    given: Given,
    method: str,
    parameters: dict[str, Any],
    present: float | None = None,
    item: str = "row",
    seed: int = 0,
    tuned: Sequence[Threshold] = (),
) -> Outcome:
    """What flagging by a method does. present: the threshold that holds now. item: what each of the scores is of. tuned: thresholds
    of the same score that were tuned on what is known of these rows (core.scoring.files.tuned_before).

    Raises SettingsRefused and InputRefused as `core.thresholds.decide`.
    """
    entry = THRESHOLDS.get(method)
    refuse_unusable(given, entry)
    read = entry.parameters.read(parameters)
    value = entry.cut(given, read)
    flagged = given.scores >= value
    before = flagged if present is None else given.scores >= present
    earlier = None
    if entry.needs != "truth":  # figures hang on which rows are flagged, not on how the cut is called
        earlier = next((each for each in tuned if np.array_equal(given.scores >= each.value, flagged)), None)
    how, settings = (entry, read) if earlier is None else _of(earlier)
    tuned_on = how.needs == "truth"
    return Outcome(
        method=method,
        parameters=parameters,
        value=value,
        flagged=given.unit.count(flagged),
        rows=_strangest(given.scores, flagged),
        entering=_strangest(given.scores, flagged & ~before),
        leaving=_strangest(given.scores, before & ~flagged),
        says=not_as_asked(given, method, parameters, value, item),
        spread=spread(given, entry, read, seed) if given.unit is EACH_ROW else None,
        confusion=confusion(given, value),
        tuned_on=tuned_on,
        cross_fitted=cross_fitted(given, how, settings, seed) if tuned_on else None,
        tuned_before=earlier,
    )


def _of(threshold: Threshold) -> tuple[Method, Any]:
    method = THRESHOLDS.get(threshold.method)
    return method, method.parameters.read(threshold.parameters)


def _strangest(scores: NDArray[np.float64], which: NDArray[np.bool_]) -> NDArray[np.int64]:
    rows = np.flatnonzero(which)
    return rows[np.argsort(-scores[rows], kind="stable")]


def confusion(given: Given, value: float) -> Confusion | None:
    """What a threshold flags beside the truth; None with too few known anomalies, or too few known normal rows."""
    some = known(given)
    if given.truth is None or not _enough(given.truth[some], FEWEST):
        return None
    return Confusion.of(given.scores[some] >= value, given.truth[some] == 1)


def _enough(truth: NDArray[np.int8], each: int) -> bool:
    return min(int((truth == 1).sum()), int((truth == 0).sum())) >= each


def cross_fitted(given: Given, method: Method, parameters: Any, seed: int = 0) -> Confusion | None:
    """The method tuned on one half of the known rows and measured on the other, and the other way round; both together.
    None with too few known rows for halves."""
    some = np.flatnonzero(known(given))
    if given.truth is None or not _enough(given.truth[some], 2 * FEWEST):
        return None
    generator = np.random.default_rng(seed)
    second = np.zeros(len(given.scores), bool)
    for side in (0, 1):  # half of either, so that both halves can be tuned on
        rows = generator.permutation(some[given.truth[some] == side])
        second[rows[: len(rows) // 2]] = True
    flagged = np.zeros(len(given.scores), bool)
    for measured in (second, ~second):
        value = method.cut(replace(given, truth=np.where(measured, np.int8(-1), given.truth)), parameters)
        flagged |= measured & (given.scores >= value)
    return Confusion.of(flagged[some], given.truth[some] == 1)


def spread(given: Given, method: Method, parameters: Any, seed: int = 0) -> Spread | None:
    """How far the number of flagged rows hinges on which rows there were: the method is used anew on rows drawn with
    replacement (Efron 1979), and its cuts are laid on the rows themselves. None where it could hardly ever be used.

    Of many rows fewer resamples are drawn, never less than 50; the interval then is a little less sure of itself.
    """
    order = np.argsort(given.scores if given.scored is None else np.where(given.scored, given.scores, -np.inf))
    order = order if given.scored is None else order[-int(given.scored.sum()) :]
    rows, scores = len(order), given.scores[order]
    # What the method does not look at is not drawn: that would take as long as the method itself.
    held = calibrating(given)[order] if method.needs == "calibration" else None
    truth = given.truth[order] if given.truth is not None and method.needs == "truth" else None
    resamples = int(np.clip(DRAWN // rows, FEWEST_RESAMPLES, RESAMPLES))
    generator, flagged = np.random.default_rng(seed), []
    for _ in range(resamples):
        # Drawn in the order of scores, so that no method has to sort them again.
        times = np.bincount(generator.integers(rows, size=rows), minlength=rows)
        again = Given(
            np.repeat(scores, times),
            calibration=None if held is None else np.repeat(held, times),
            truth=None if truth is None else np.repeat(truth, times),
        )
        try:
            value = method.cut(again, parameters)
        except SettingsRefused:
            continue
        flagged.append(rows - int(np.searchsorted(scores, value)))
    if 2 * len(flagged) < resamples:
        return None
    low, high = np.quantile(flagged, [0.025, 0.975])
    return Spread(int(np.floor(low)), int(np.ceil(high)), resamples, resamples - len(flagged))


@dataclass(frozen=True)
class Band:
    """Between which heights a curve lies, with 95 % confidence at each place by itself: along its axis, ascending, (B,) each.
    Nowhere narrower than the interval that the same share has at a threshold there."""

    at: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """ROC and precision–recall curve at the same cuts, the highest first, (P,) each: as many as a chart can show. Of all
    cuts, those are kept that lie evenly along the ROC curve, and more of them where few rows are flagged.

    found: the recall at a false positive rate; right: the precision at a recall above 0. auroc and average_precision: the
    areas below, of all cuts, with 95 % bootstrap intervals; of a series, like the bands, over blocks of some windows' length.
    """

    values: NDArray[np.float64]
    false_positive_rate: NDArray[np.float64]
    recall: NDArray[np.float64]
    precision: NDArray[np.float64]
    found: Band
    right: Band
    auroc: Estimate
    average_precision: Estimate


def curves(given: Given, points: int = POINTS, seed: int = 0) -> Curves:
    """Of all thresholds at once, whatever the method. Raises SettingsRefused with too few known rows."""
    every = cuts(given)
    along = every.false_positives / every.negatives + every.recall  # grows from cut to cut
    half = points // 2
    even = np.searchsorted(along, np.linspace(0, 2, half))
    early = np.geomspace(1, len(along), half).astype(np.int64) - 1
    kept = np.unique(np.append(even, early).clip(0, len(along) - 1))
    some = Cuts(every.values[kept], every.true_positives[kept], every.false_positives[kept])
    blocks = blocks_of(given.unit.course, len(given.scores)) if isinstance(given.unit, Events) else None
    hits, alarms = _drawn_anew(some, seed) if blocks is None else _blocks_drawn_anew(given, some, blocks, seed)
    whole = _areas(every.true_positives, every.false_positives)
    # Areas below the cuts that are kept are a little off, and are so in each resample: what counts is how far those stray.
    strayed = _areas(hits, alarms) - _areas(some.true_positives, some.false_positives)[:, None]
    auroc, average = (bootstrapped(float(whole[i]), (whole[i] + strayed[i]).clip(0, 1)) for i in (0, 1))
    return Curves(
        values=some.values,
        false_positive_rate=some.false_positives / some.negatives,
        recall=some.recall,
        precision=some.precision,
        found=_found(some, hits, alarms),
        right=_right(some, hits, alarms),
        auroc=auroc,
        average_precision=average,
    )


def _drawn_anew(some: Cuts, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """True and false positives at the cuts, (R, P) each, had as many known rows been drawn anew with replacement. Only how
    many lie between two cuts counts, so that these numbers are drawn and no rows: as fast of a million."""
    between = [np.diff(each, prepend=0) for each in (some.true_positives, some.false_positives)]
    rows, numbers = some.positives + some.negatives, np.concatenate(between)
    drawn = np.random.default_rng(seed).multinomial(rows, numbers / rows, size=RESAMPLES)
    hits, alarms = (np.cumsum(side, axis=1) for side in np.split(drawn, 2, axis=1))
    both = (hits[:, -1] > 0) & (alarms[:, -1] > 0)
    return hits[both], alarms[both]


def _blocks_drawn_anew(
    given: Given, some: Cuts, blocks: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same of a series, where whole blocks of neighbours are drawn (Künsch 1989): rows of one say little anew. blocks: (N,)."""
    mine = np.flatnonzero(known(given))
    if given.truth is None or len(mine) == 0:
        raise ValueError("there is no cut without known rows")
    cut = len(some.values) - np.searchsorted(
        some.values[::-1], given.scores[mine], side="right"
    )  # the first that flags it
    _, block = np.unique(blocks[mine], return_inverse=True)
    units, places = int(block.max()) + 1, len(some.values)
    generator = np.random.default_rng(seed)
    times = np.stack([np.bincount(generator.integers(units, size=units), minlength=units) for _ in range(RESAMPLES)])
    drawn = []
    for side in (1, 0):
        rows = given.truth[mine] == side
        between = np.bincount(block[rows] * places + cut[rows], minlength=units * places).reshape(units, places)
        drawn.append(np.cumsum(np.rint(times @ between.astype(np.float64)).astype(np.int64), axis=1))
    hits, alarms = drawn
    both = (hits[:, -1] > 0) & (alarms[:, -1] > 0)
    return hits[both], alarms[both]


def _areas(hits: NDArray[np.int64], alarms: NDArray[np.int64]) -> NDArray[np.float64]:
    """AUROC and average precision by true and false positives at cuts, (..., P) → (2, ...)."""
    up, right = np.diff(hits, prepend=0, axis=-1), np.diff(alarms, prepend=0, axis=-1)
    auroc = ((hits - up / 2) * right).sum(axis=-1) / (hits[..., -1] * alarms[..., -1])
    return np.stack([auroc, (up * _precision(hits, alarms)).sum(axis=-1) / hits[..., -1]])


def _precision(hits: NDArray[np.int64], alarms: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(hits / np.maximum(hits + alarms, 1), np.float64)


def _found(some: Cuts, hits: NDArray[np.int64], alarms: NDArray[np.int64]) -> Band:
    """The recall at each false positive rate, where several share one the highest."""
    rate = some.false_positives / some.negatives
    last = np.append(rate[1:] != rate[:-1], True)
    drawn = [
        np.interp(rate[last], np.append(0, alarm / alarm[-1]), np.append(0, hit / hit[-1]))
        for hit, alarm in zip(hits, alarms, strict=True)
    ]
    return _band(rate[last], np.asarray(drawn), *wilson(some.recall[last], some.positives))


def _right(some: Cuts, hits: NDArray[np.int64], alarms: NDArray[np.int64]) -> Band:
    """The precision at the first cut that reaches each recall."""
    first = np.diff(some.true_positives, prepend=0) > 0
    at, flagged = some.recall[first], (some.true_positives + some.false_positives)[first]
    drawn = [each[np.searchsorted(hit / hit[-1], at)] for hit, each in zip(hits, _precision(hits, alarms), strict=True)]
    return _band(at, np.asarray(drawn), *wilson(some.precision[first], flagged))


def _band(
    at: NDArray[np.float64], drawn: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> Band:
    """drawn: (R, B), heights in resamples; low, high: (B,), the interval of the height itself."""
    below, over = np.quantile(drawn, [0.025, 0.975], axis=0)
    return Band(at, np.minimum(low, below).clip(0, 1), np.maximum(high, over).clip(0, 1))
