"""Several scores of the same rows beside each other: how far they agree, what each flags, and which of them to trust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from scipy.stats import t as student

from core.intervals import Z, correlation, placements, share_of
from core.results import Estimate
from core.scoring.evaluation import LEVEL
from core.thresholds import FEWEST, cut_at

Scores = Mapping[str, NDArray[np.float64]]  # (N,) each


@dataclass(frozen=True)
class Pair:
    """Two detectors: Spearman's correlation of their scores, which share of what either flags both flag (Jaccard's index), and
    what that share would be if they had nothing to do with each other."""

    one: str
    other: str
    correlation: Estimate
    overlap: Estimate
    by_chance: float
    both: int
    either: int


@dataclass(frozen=True)
class Pattern:
    """Rows that exactly these detectors flag."""

    flagged_by: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Ranking:
    """AUROC of each detector on a label, the best first; `level`: those that can't be told from the best."""

    areas: dict[str, Estimate]
    level: tuple[str, ...]


def flags_of(
    scores: Scores, thresholds: Mapping[str, float], review: int | None = None
) -> dict[str, NDArray[np.bool_]]:
    """What each flags: by its threshold, or as many of its strangest rows as can be reviewed. (N,) each."""
    return {
        name: values >= (thresholds[name] if review is None else cut_at(values, min(review, len(values))))
        for name, values in scores.items()
    }


def pairs(scores: Scores, flags: Mapping[str, NDArray[np.bool_]]) -> list[Pair]:
    """Each detector with each that follows it."""
    names = list(scores)
    ranks = {name: rankdata(values) for name, values in scores.items()}
    return [
        _pair(one, other, ranks[one], ranks[other], flags[one], flags[other])
        for i, one in enumerate(names)
        for other in names[i + 1 :]
    ]


def _pair(
    one: str,
    other: str,
    ours: NDArray[np.float64],
    theirs: NDArray[np.float64],
    mine: NDArray[np.bool_],
    yours: NDArray[np.bool_],
) -> Pair:
    rows, both, either = len(ours), int((mine & yours).sum()), int((mine | yours).sum())
    expected = mine.mean() * yours.mean() * rows
    chance = expected / max(mine.sum() + yours.sum() - expected, 1e-12)
    return Pair(one, other, spearman(ours, theirs), share_of(both, either), float(chance), both, either)


def spearman(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Estimate:
    """Of two lists of ranks, with Bonett and Wright's interval (2000); nothing where one of them does not vary."""
    value = correlation(ours, theirs)
    if not (np.ptp(ours) and np.ptp(theirs)):
        return Estimate(value, -1.0, 1.0)
    if len(ours) < 4 or abs(value) == 1:
        return Estimate(value, value, value)
    half = Z * np.sqrt((1 + value**2 / 2) / (len(ours) - 3))
    middle = np.arctanh(value)
    return Estimate(value, float(np.tanh(middle - half)), float(np.tanh(middle + half)))


def patterns(flags: Mapping[str, NDArray[np.bool_]]) -> list[Pattern]:
    """Which detectors flag how many rows together, the most first; rows that none flags are none."""
    names = list(flags)
    found, counts = np.unique(np.column_stack([flags[name] for name in names]), axis=0, return_counts=True)
    out = [
        Pattern(tuple(name for name, on in zip(names, row, strict=True) if on), int(count))
        for row, count in zip(found, counts, strict=True)
        if row.any()
    ]
    return sorted(out, key=lambda each: (-each.rows, len(each.flagged_by), each.flagged_by))


def contested(scores: Scores, flags: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.int64]:
    """Rows that some flag and others do not, those first on whose ranks they differ most, (K,)."""
    flagged = np.column_stack(list(flags.values()))
    rows = np.flatnonzero(flagged.any(axis=1) & ~flagged.all(axis=1))
    ranks = np.column_stack([np.log(rankdata(-values)[rows]) for values in scores.values()])  # (K, D)
    return rows[np.argsort(-np.ptp(ranks, axis=1), kind="stable")] if len(rows) else rows


def ranking(scores: Scores, positive: NDArray[np.bool_]) -> Ranking | None:
    """The detectors by AUROC; None where there are too few rows of either side to say anything.

    Variances and covariances by DeLong, DeLong and Clarke-Pearson (1988). Intervals of differences hold for all pairs at
    once (Bonferroni), since the best is known only from the data.
    """
    count, others = int(positive.sum()), int((~positive).sum())
    if min(count, others) < FEWEST or len(scores) < 2:
        return None
    names = list(scores)
    ours, theirs = np.empty((len(names), count)), np.empty((len(names), others))
    for i, name in enumerate(names):
        ours[i], theirs[i] = placements(scores[name][positive], scores[name][~positive])
    areas = ours.mean(axis=1)
    covariance = np.cov(ours) / count + np.cov(theirs) / others
    free = min(count, others) - 1
    half = student.ppf((1 + LEVEL) / 2, free) * np.sqrt(np.diag(covariance))
    order = np.argsort(-areas, kind="stable")
    best, tests = order[0], len(names) * (len(names) - 1) / 2
    far = student.ppf(1 - (1 - LEVEL) / 2 / tests, free)
    level = []
    for i in order:
        spread = np.sqrt(max(0.0, covariance[best, best] + covariance[i, i] - 2 * covariance[best, i]))
        if i == best or areas[best] - areas[i] <= far * spread:
            level.append(names[i])
    estimates = {
        names[i]: Estimate(float(areas[i]), float(max(0, areas[i] - half[i])), float(min(1, areas[i] + half[i])))
        for i in order
    }
    return Ranking(estimates, tuple(level))


def which_to_trust(
    runs: Sequence[str],
    found: Ranking | None,
    agreed: Sequence[Pair],
    seconds: Mapping[str, float],
    held_back: Mapping[str, float],
) -> str:
    """What can honestly be said of several runs, by name, beside simple methods, in a few sentences.

    seconds: what each run took. held_back: each run's error on rows that none of them learned from; empty where these are not
    the same for all.
    """
    said = _by_label(runs, found) if found is not None else _without_label(runs, agreed)
    cheapest = min(runs, key=lambda name: seconds.get(name, np.inf))
    if len(seconds) > 1 and max(seconds.values()) > 2 * seconds[cheapest]:
        rest = "the other" if len(seconds) == 2 else "the slowest"
        said += f" {cheapest} took {seconds[cheapest]:.3g} s, {rest} {max(seconds.values()):.3g} s."
    if len(held_back) > 1:
        best, second = sorted(held_back, key=lambda name: held_back[name])[:2]
        if held_back[best] < 0.95 * held_back[second]:
            said += (
                f" For expected values look at {best}: it rebuilds rows that it did not learn from best "
                f"({held_back[best]:.3g} beside {held_back[second]:.3g}), which does not make it the better detector."
            )
    return said


def _by_label(runs: Sequence[str], found: Ranking) -> str:
    best = next(iter(found.areas))
    area = found.areas[best]
    worse = [name for name in found.areas if name not in found.level]
    if area.low <= 0.5:
        return "On this label none of them is better than chance, so it can't say which to trust."
    if len(found.level) == 1:
        kind = "" if best in runs else ", a simple method,"
        return f"On this label trust {best}{kind} for flags: it is better than all others (AUROC {area.value:.3f})."
    same = _listed(found.level)
    out = f"On this label {same} can't be told apart (AUROC {area.value:.3f} to {found.areas[found.level[-1]].value:.3f})."
    if worse:
        out += f" {_listed(worse)} {'is' if len(worse) == 1 else 'are'} worse."
    if simple := [name for name in found.level if name not in runs]:
        out += f" Where that is so, the simple way is enough: {_listed(simple)}."
    return out


def _without_label(runs: Sequence[str], agreed: Sequence[Pair]) -> str:
    own = [pair for pair in agreed if pair.one in runs and pair.other in runs]
    closest = max(own, key=lambda pair: pair.overlap.value)
    farthest = min(own, key=lambda pair: pair.overlap.value)
    out = "Without a label nobody can say which of them is right: they can't be told apart by quality."
    if closest is farthest:
        return out + f" {closest.one} and {closest.other} share {closest.both:,} of {closest.either:,} flagged rows."
    return (
        out
        + f" {closest.one} and {closest.other} agree most ({closest.both:,} of {closest.either:,} flagged rows), "
        + f"{farthest.one} and {farthest.other} least ({farthest.both:,} of {farthest.either:,})."
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
