"""The verdict on a file before its scores are shown: do its rows still look like those that the run learned?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.drift.columns import ColumnDrift, column_drifts
from core.drift.sample import ERRORS, SCORES, Sample, prepared
from core.drift.whole import Apart, Outside, codes_apart, outside_range, scores_apart, unseen_levels
from core.errors import InputRefused
from core.intervals import holm
from core.results import Kind
from core.words import count, listed, so_many

FEWEST = 21  # rows of a side, below which chance can do nearly anything
# Of Cliff's delta: what is no longer negligible, no longer small, and what is large (Romano et al. 2006).
SMALL, STRONG, LARGE = 0.147, 0.33, 0.474
NAMED = 3  # columns that a sentence names
LONG = 2.0  # rows in a row that say as much as one, from which on stretches differ by themselves

Verdict = Literal[
    "too few rows to tell",
    "no sign of drift",
    "some columns moved",
    "the rows moved as a whole",
    "the model no longer fits",
]
Tested = TypeVar("Tested", Apart, Outside)
Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class DriftReport:
    """What was found, every test adjusted for all others: with chance alone one report in twenty or fewer sounds an alarm.

    verdict:
    - too few rows to tell: one side has fewer than `FEWEST` rows.
    - the model no longer fits: scores are higher by `STRONG` or more of Cliff's delta (two in three new rows are stranger than a
      row that was held back), or more than half of the compared columns moved, each by `SMALL` or more.
    - some columns moved: by more than chance; which, stands in `columns`.
    - the rows moved as a whole: no column by itself, but codes, scores, or what was never seen.
    - no sign of drift: nothing is more than chance; a shift too small for so many rows may be there all the same.

    columns: all tests of columns, those that moved first, the strongest first; one or two a column. compared: of how many
    columns there is a test. rows: new ones and those of the reference that were compared; of_rows: that the files have. held:
    how many of the reference's stand for scores and codes. left_out: what could not be compared, and why.
    alike: as of `drift`. scores_are: as of `Sample`.
    """

    verdict: Verdict
    columns: tuple[ColumnDrift, ...]
    compared: int
    rows: tuple[int, int]
    of_rows: tuple[int, int]
    held: int
    range: Outside | None = None
    unseen: Outside | None = None
    codes: Apart | None = None
    scores: Apart | None = None
    left_out: tuple[str, ...] = ()
    alike: float = 1.0
    scores_are: str = SCORES

    @property
    def alarm(self) -> bool:
        """Whether there is a sign of drift."""
        return self.verdict not in ("too few rows to tell", "no sign of drift")

    @property
    def moved(self) -> tuple[str, ...]:
        """The columns that moved, the strongest first."""
        return tuple(dict.fromkeys(each.column for each in self.columns if each.moved))

    @property
    def sure(self) -> bool:
        """Whether more than chance speaks for the whole verdict. That something moved is beyond chance wherever it is said, but for
        rows that are alike with their neighbours over long; that the model no longer fits follows from it only where scores are higher by
        `LARGE` or more at the least."""
        if self.alarm and self.alike >= LONG:
            return False
        if self.verdict != "the model no longer fits":
            return True
        interval = self.scores.interval if self.scores is not None and self.scores.moved else None
        return interval is not None and interval[0] >= LARGE

    def sentence(self, item: str = "row", many_flagged: bool = False) -> str:
        """The verdict in plain words, with the columns that moved most. Names and values as they are, not escaped. item: what a
        row is called; many_flagged: whether so many are flagged that what does not differ is no all-clear."""
        said = [*self._found(item, many_flagged), *self._by_themselves(item), *(f"{each}." for each in self.left_out)]
        return " ".join([*said, *self._drawn(item)])

    def _by_themselves(self, item: str) -> list[str]:
        if not self.alarm or self.alike < LONG:
            return []
        return [
            f"Levels stay for long where they are (about {self.alike:.0f} {item}s in a row say as much as one), so that one stretch "
            "differs from another by itself: it may be no news."
        ]

    def _found(self, item: str, many_flagged: bool) -> list[str]:
        new, known = self.rows
        if self.verdict == "too few rows to tell":
            which = count(new, f"new {item}") if new < FEWEST else count(known, item) + " of the reference"
            return [f"Too few {item}s to tell: {which}, and at least {FEWEST} are needed."]
        if self.verdict == "no sign of drift":
            like = f"{so_many(new, item, 'of this file looks', 'of this file look')} like what the run learned, {self._where()}"
            if many_flagged:
                return [
                    f"{like}, and yet far more of them are flagged than of those that it learned from: what goes with what may "
                    "have changed."
                ]
            return [f"No sign of drift: {like}."]
        out = {
            "the model no longer fits": self._fit(item, many_flagged),
            "the rows moved as a whole": [
                f"{'No column moved by itself, but the' if self.compared else 'The'} {item}s moved as a whole."
            ],
        }.get(self.verdict, [])
        if self.moved:
            most = [each.in_words() for each in self.columns if each.moved][:NAMED]
            which = so_many(len(self.moved), "column", "moved", "moved")
            out.append(f"{which} of {self.compared:,}, most of all: {'; '.join(most)}.")
        return out + self._as_a_whole(item)

    def _where(self) -> str:
        """In what the rows look alike: what was compared."""
        if not self.compared:
            return "by what the network makes of them"
        asked = (("codes", self.codes), (self.scores_are, self.scores))
        return "in " + listed([count(self.compared, "column"), *(name for name, each in asked if each is not None)])

    def _fit(self, item: str, many_flagged: bool) -> list[str]:
        """How sure it is that the model no longer fits, by what speaks for it."""
        if self.sure:
            return [f"The model no longer fits these {item}s."]
        likely = f"that the model no longer fits these {item}s is likely, not certain."
        if self.scores is not None and self.scores.moved:
            pairs = self._pairs(item)
            return [f"{self._scores()} are higher by more than chance; {likely}", f"{pairs[0].upper()}{pairs[1:]}."]
        beside = "were not compared" if self.scores is None else "are not higher by more than chance"
        if many_flagged:
            return [
                f"Most columns moved by more than chance, and far more {item}s are flagged than of those that it learned from; "
                f"{self.scores_are} {beside}, so {likely}"
            ]
        return [f"Most columns moved by more than chance, but {self.scores_are} {beside}; {likely}"]

    def _scores(self) -> str:
        return self.scores_are.capitalize()

    def _pairs(self, item: str) -> str:
        """How far scores are higher, where they are."""
        assert self.scores is not None  # noqa: S101  (only then is it called)
        share, known = (1 + self.scores.effect) / 2, count(self.scores.reference, item)
        is_worse = "is rebuilt worse" if self.scores_are == ERRORS else "is stranger"
        return f"in {share:.0%} of pairs the new {item} {is_worse} than one of {known} not learned from"

    def _as_a_whole(self, item: str) -> list[str]:
        out = []
        told = self.verdict == "the model no longer fits" and not self.sure
        if self.scores is not None and self.scores.moved and not told:
            out.append(f"{self._scores()} are higher: {self._pairs(item)}.")
        if self.codes is not None and self.codes.moved:
            out.append(f"As a whole the {item}s look different to the network (their codes moved).")
        for found, what in (
            (self.range, "hold a number outside the reference's range"),
            (self.unseen, "hold a category that the reference has not"),
        ):
            if found is not None and found.moved:
                where = ", ".join(name for name, _ in found.columns[:NAMED])
                out.append(
                    f"{found.share.value:.1%} of {item}s {what} ({found.by_chance:.1%} by chance), most in {where}."
                )
        return out

    def _drawn(self, item: str) -> list[str]:
        if self.rows == self.of_rows:
            return []
        (new, known), (of_new, of_known) = self.rows, self.of_rows
        return [
            f"Compared: {new:,} of {of_new:,} new {item}s with {known:,} of {of_known:,} of the reference, drawn by lot."
        ]


def drift(reference: Sample, new: Sample, seed: int = 0, alike: float = 1.0) -> DriftReport:
    """New rows beside those that a run learned. Of large tables some rows are compared, drawn by the seed.

    All p-values are adjusted by Holm's method (1979), not by Benjamini and Hochberg's (1995): a report names columns, and none
    of them should be named by chance alone, also where another one really moved. It holds however tests depend on each other,
    and with as many rows as drift is asked of the power is there all the same. Tests of columns share half of the 5 %, those of
    the rows as a whole the other half, so that many columns do not drown the scores. Rows count as drawn one by one: where
    neighbours in time are alike, a file of one day differs from a year's by more than chance, and is said to. alike: of a series,
    what `core.drift.wandering.alike` says of the reference; from `LONG` on an alarm is called likely only.

    Codes and scores (or errors) of rows that a network learned from are unlike those of fresh rows, so the reference's are those of the
    held-back rows alone; where they are fewer than `FEWEST` neither is compared. Raises InputRefused where codes are not (N, L)
    of one width.
    """
    _refuse_unlike(reference, new)
    of_rows = (new.rows_of_file, reference.rows_of_file)
    reference, new = prepared(reference, seed), prepared(new, seed)
    rows = (len(new), len(reference))
    if min(rows) == 0:
        return DriftReport(
            "too few rows to tell", (), 0, rows, of_rows, 0, alike=alike, scores_are=reference.scores_are
        )
    columns = column_drifts(new.values, reference.values, reference.kinds, reference.separators)
    held = reference if reference.held is None else reference.take(np.flatnonzero(reference.held))
    told = _without_texts(reference.values, reference.kinds)
    found_range = outside_range(new.values, told, seed)
    unseen = unseen_levels(new.values, told, reference.separators, seed)
    scores: Apart | None = None
    codes: Apart | None = None
    left_out: list[str] = []
    if min(rows) >= FEWEST:
        scores, codes, left_out = _of_the_model(held, new, seed)
        columns = _adjusted_columns(columns)
        found_range, unseen, codes, scores = _adjusted(found_range, unseen, codes, scores)
    ordered = tuple(sorted(columns, key=lambda each: (not each.moved, -each.strength)))
    compared = len({each.column for each in columns})
    verdict = _verdict(rows, ordered, compared, [found_range, unseen, codes, scores], scores)
    return DriftReport(
        *(verdict, ordered, compared, rows, of_rows, len(held)),
        range=found_range,
        unseen=unseen,
        codes=codes,
        scores=scores,
        left_out=tuple(left_out),
        alike=alike,
        scores_are=reference.scores_are,
    )


def _refuse_unlike(reference: Sample, new: Sample) -> None:
    if reference.codes is None or new.codes is None:
        return
    shapes = reference.codes.shape, new.codes.shape
    if any(len(shape) != 2 for shape in shapes) or shapes[0][1] != shapes[1][1]:
        raise InputRefused(
            "the codes of both sides are not of one width",
            where=f"{shapes[0]} and {shapes[1]}",
            fix="take the codes of both from the same run",
        )


def _without_texts(values: Mapping[str, NDArray[Any]], kinds: Mapping[str, Kind]) -> dict[str, NDArray[Any]]:
    """Texts are nearly all different: that one was never seen says nothing."""
    return {name: each for name, each in values.items() if kinds.get(name) != "text"}


def _of_the_model(held: Sample, new: Sample, seed: int) -> tuple[Apart | None, Apart | None, list[str]]:
    """How scores and codes moved, and what could not be said of them."""
    left_out: list[str] = []

    def sides(name: str, ours: Array | None, theirs: Array | None) -> tuple[Array, Array] | None:
        if ours is None or theirs is None:
            return None
        ours, theirs = (each[~np.isnan(each).any(axis=tuple(range(1, each.ndim)))] for each in (ours, theirs))
        if len(theirs) < FEWEST:
            was = "was" if len(theirs) == 1 else "were"
            left_out.append(
                f"{name} are not compared: only {len(theirs)} {was} held back from the training, not {FEWEST}"
            )
        elif len(ours) < FEWEST:
            left_out.append(
                f"{name} are not compared: only {so_many(len(ours), 'new one', 'has', 'have')} them, not {FEWEST}"
            )
        else:
            return ours, theirs
        return None

    of_scores, of_codes = (
        sides(held.scores_are.capitalize(), new.scores, held.scores),
        sides("Codes", new.codes, held.codes),
    )
    scores = None if of_scores is None else scores_apart(*of_scores)
    codes = None if of_codes is None else codes_apart(*of_codes, seed)
    return scores, codes, left_out


def _adjusted_columns(columns: list[ColumnDrift]) -> list[ColumnDrift]:
    chances = holm([each.p for each in columns])
    return [replace(each, adjusted_p=min(1.0, 2 * p)) for each, p in zip(columns, chances, strict=True)]


def _adjusted(
    found_range: Outside | None, unseen: Outside | None, codes: Apart | None, scores: Apart | None
) -> tuple[Outside | None, Outside | None, Apart | None, Apart | None]:
    chances = [each.p for each in (found_range, unseen, codes, scores) if each is not None and each.p is not None]
    adjusted = iter(holm(chances))

    def with_chance(each: Tested | None) -> Tested | None:
        if each is None or each.p is None:
            return each
        return replace(each, adjusted_p=min(1.0, 2 * next(adjusted)))

    return with_chance(found_range), with_chance(unseen), with_chance(codes), with_chance(scores)


def _verdict(
    rows: tuple[int, int],
    columns: tuple[ColumnDrift, ...],
    compared: int,
    whole: list[Any],
    scores: Apart | None,
) -> Verdict:
    if min(rows) < FEWEST:
        return "too few rows to tell"
    moved = {each.column for each in columns if each.moved}
    much = {each.column for each in columns if each.moved and each.strength >= SMALL}
    if (scores is not None and scores.moved and scores.effect >= STRONG) or 2 * len(much) > compared:
        return "the model no longer fits"
    if moved:
        return "some columns moved"
    if any(each is not None and each.moved for each in whole):
        return "the rows moved as a whole"
    return "no sign of drift"
