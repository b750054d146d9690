"""How well scores agree with a label: AUROC and average precision with intervals, ties handled, honest refusals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from core.results import Estimate, Evaluation
from core.thresholds import FEWEST, cut_at, share_in_rows
from core.words import count as in_words

RESAMPLES = 200
LEVEL = 0.95
CHANCE = 0.5  # AUROC of scores that know nothing of the label
ANOMALY_WORDS = frozenset(
    {
        "1", "true", "yes", "anomaly", "anomalous", "outlier", "abnormal", "fraud", "attack", "malignant",
        "fault", "faulty", "defect", "bad", "strange", "positive",
    }
)  # fmt: skip
GOOD_WORDS = frozenset({"good", "ok", "normal", "healthy", "benign", "pass", "passed", "usual", "0", "none", "gut"})


def positives(labels: NDArray[np.object_], normal: tuple[str, ...] = ()) -> tuple[NDArray[np.bool_], str] | None:
    """Which rows are anomalies by the label, (N,), and that in words; None with fewer than two values.

    All values but those that are declared normal. Where none is, a value that says *anomaly*; else, of more than two values, all but the one that says *good*; else the rarest.
    """
    texts = np.asarray(["" if label is None else label.strip() for label in labels], str)
    values, counts = np.unique(texts[texts != ""], return_counts=True)
    if len(values) < 2:
        return None
    if normal:
        named = " or ".join(f"“{value}”" for value in normal[:3]) + (" …" if len(normal) > 3 else "")
        return (texts != "") & ~np.isin(texts, normal), f"all but {named}"
    said = [str(value) for value in values if value.lower() in ANOMALY_WORDS]
    good = [str(value) for value in values if value.lower() in GOOD_WORDS]
    if not said and len(good) == 1 and len(values) > 2:
        return (texts != "") & (texts != good[0]), f"all but “{good[0]}”"
    chosen = said[0] if len(said) == 1 else str(values[np.argmin(counts)])
    return texts == chosen, f"“{chosen}”"


@dataclass(frozen=True)
class _Ranked:
    """Rows sorted strangest first, in groups of equal scores; groups without an anomaly that follow each other are one, which
    changes no figure: between two anomalies only the number of rows counts."""

    positive: NDArray[np.float64]  # (N,) 0/1, in that order
    order: NDArray[np.int64]  # (N,)
    starts: NDArray[np.int64]  # (G,)

    @classmethod
    def of(cls, scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> _Ranked:
        order = np.argsort(-scores, kind="stable")
        ordered, hits = scores[order], positive[order].astype(np.float64)
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        some = np.add.reduceat(hits, starts) > 0  # (G,)
        starts = starts[np.r_[True, some[1:] | some[:-1]]]
        return cls(hits, order, starts)

    def figures(self, weights: NDArray[np.float64], share: float) -> tuple[float, float, float]:
        """Weighted AUROC, average precision, and precision among that share of the rows. Of equal scores at the edge as many
        count as fit, each alike."""
        w = weights[self.order]
        hits = np.add.reduceat(w * self.positive, self.starts)  # (G,)
        all_ = np.add.reduceat(w, self.starts)
        misses = all_ - hits
        positives, negatives = hits.sum(), misses.sum()
        if positives == 0 or negatives == 0:
            return np.nan, np.nan, np.nan
        above = np.cumsum(hits) - hits
        auroc = float(((above + hits / 2) * misses).sum() / (positives * negatives))
        flagged = np.cumsum(all_)
        precision = np.divide(np.cumsum(hits), flagged, out=np.zeros_like(flagged), where=flagged > 0)
        budget = share * flagged[-1]
        room = np.clip(budget - (flagged - all_), 0, all_)  # (G,): how much of each group is within the budget
        within = np.divide(room * hits, all_, out=np.zeros_like(room), where=all_ > 0).sum() / budget
        return auroc, float((precision * hits).sum() / positives), float(within)


@dataclass(frozen=True)
class Comparison:
    """Detectors on the same label; `differences` are the first detector's AUROC minus each other's, with intervals that hold
    for all of them at once."""

    evaluations: tuple[Evaluation, ...]
    differences: dict[str, Estimate]


def compare(
    detectors: dict[str, NDArray[np.float64]],
    positive: NDArray[np.bool_],
    seed: int = 0,
    blocks: NDArray[np.int64] | None = None,
    share: float = 0.05,
) -> Comparison:
    """AUROC, average precision and precision among a share of the rows (at least one) of each detector with 95 % bootstrap
    intervals over rows (paired).

    detectors: name → scores (N,), the one of interest first. blocks: (N,), rows of one block are drawn together: those
    of a series say little anew. Refused where a class has too few rows.
    """
    rows, positives = len(positive), int(positive.sum())
    if positives < FEWEST or rows - positives < FEWEST:
        refused = f"only {positives:,} of {rows:,} labelled rows are anomalies: too few, or too many, for a figure"
        return Comparison(tuple(Evaluation(name, positives, rows, None, None, refused) for name in detectors), {})
    generator = np.random.default_rng(seed)
    ranked = [_Ranked.of(scores, positive) for scores in detectors.values()]
    budget = share_in_rows(share, rows)
    points = np.asarray([item.figures(np.ones(rows), budget / rows) for item in ranked])  # (M, 3)
    drawn = np.empty((RESAMPLES, len(ranked), 3))
    for i in range(RESAMPLES):
        units = rows if blocks is None else int(blocks.max()) + 1
        weights = np.bincount(generator.integers(units, size=units), minlength=units).astype(np.float64)
        weights = weights if blocks is None else weights[blocks]
        drawn[i] = [item.figures(weights, budget / rows) for item in ranked]
    drawn = drawn[np.isfinite(drawn).all(axis=(1, 2))]
    names = list(detectors)
    evaluations = []
    for m, name in enumerate(names):
        area, average, precision = (bootstrapped(points[m, k], drawn[:, m, k]) for k in range(3))
        evaluations.append(Evaluation(name, positives, rows, area, average, precision=precision, budget=budget))
    whose = np.arange(rows) if blocks is None else blocks
    alone = min(len(np.unique(whose[side])) for side in (positive, ~positive))  # what speaks for itself, of either side
    differences = {
        name: _difference(points[0, 0] - points[m, 0], drawn[:, 0, 0] - drawn[:, m, 0], alone, len(names) - 1)
        for m, name in enumerate(names)
        if m > 0
    }
    return Comparison(tuple(evaluations), differences)


def _difference(value: float, drawn: NDArray[np.float64], alone: int, others: int) -> Estimate:
    """With an interval that holds for all the others at once (Bonferroni 1936): who is asked to beat the best of several
    would lose by chance too often. Few cases of a side are taken account of by Student's t, whose spread the drawn
    differences give (Efron, Tibshirani 1993, section 12.4)."""
    away = float(drawn.std(ddof=1) * student.ppf(1 - (1 - LEVEL) / 2 / others, max(1, alone - 1)))
    return Estimate(float(value), float(value) - away, float(value) + away)


def bootstrapped(value: float, drawn: NDArray[np.float64]) -> Estimate:
    """A figure with its 95 % interval by what it was in resamples, (R,); the figure itself lies in it."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(float(value), float(min(low, value)), float(max(high, value)))


def none_finds_it(comparison: Comparison) -> str:
    """That no method does better on the label than chance, in words, and which way it may have to be read; else empty."""
    areas = [item.auroc for item in comparison.evaluations if item.auroc is not None]
    if not areas or any(area.low > CHANCE for area in areas):
        return ""
    said = "None of these methods finds this label: by none are the rows that it marks clearly stranger than the rest."
    if looks_turned(comparison):
        said += (
            " All of them even take these rows for more ordinary, so perhaps the label's normal value is the other one."
        )
    return said


def looks_turned(comparison: Comparison) -> bool:
    """Whether every method takes the label's anomalies for more ordinary than the rest."""
    areas = [item.auroc for item in comparison.evaluations if item.auroc is not None]
    return bool(areas) and all(area.high < CHANCE for area in areas)


def verdict(detectors: dict[str, NDArray[np.float64]], comparison: Comparison | None, share: float) -> str:
    """What can honestly be said of the first detector beside the others, in a sentence or two."""
    names = list(detectors)
    if comparison is not None and comparison.differences:
        areas = {item.detector: item.auroc.value for item in comparison.evaluations if item.auroc is not None}
        best = max(names[1:], key=lambda name: areas[name])
        gap = comparison.differences[best]
        numbers = f"AUROC {areas[names[0]]:.3f} against {areas[best]:.3f}; difference {gap.low:+.3f} to {gap.high:+.3f}"
        none = none_finds_it(comparison)
        if looks_turned(comparison):  # what is better or worse at the opposite helps nobody
            return f"{none} ({numbers}.)"
        if gap.low > 0:
            said = f"On this label the autoencoder is better than the best simple method, {best} ({numbers})."
        elif gap.high < 0:
            prefer = "" if none else f": prefer {best} here"
            said = f"On this label the autoencoder is worse than {best}, a simple method{prefer} ({numbers})."
        elif gap.low == gap.high == 0:
            level = f"both rank it equally well (AUROC {areas[best]:.3f} each)"
            said = f"On this label the autoencoder and the best simple method, {best}, can't be told apart: {level}."
        else:
            said = f"On this label the autoencoder and the best simple method, {best}, can't be told apart ({numbers})."
        return f"{none} {said}" if none else said
    return agreement(detectors, share_in_rows(share, len(next(iter(detectors.values())))))


def agreement(detectors: dict[str, NDArray[np.float64]], count: int, item: str = "row") -> str:
    """How many of the strangest the others share with the first detector, where nobody can say who is right. count: of the strangest."""
    names = list(detectors)
    top = {name: set(np.flatnonzero(scores >= cut_at(scores, count)).tolist()) for name, scores in detectors.items()}
    if len(top[names[0]]) == len(detectors[names[0]]):
        return f"As many {item}s are called strange as there are, so that nothing is said by methods that agree."
    shared = ", ".join(f"{len(top[names[0]] & top[name])} with {name}" for name in names[1:])
    return (
        f"Of the autoencoder's {in_words(len(top[names[0]]), f'strangest {item}')} it shares {shared}. Without a label nobody can say which is "
        f"right: {item}s that several methods agree on are the ones to look at first."
    )
