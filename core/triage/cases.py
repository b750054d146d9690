"""Flagged rows of one kind as one case: five hundred copies of a fault are one decision. Needs the rows' values and each column's part
of their scores; the model is not asked. What images and events have instead of cells is in `image_cases` and `event_cases`; they are
grouped here too."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from core.datasets.encoding.scaling import squash
from core.datasets.written import missing, written
from core.results import Column
from core.triage.known import Known

GUILTY = 40  # columns of a row that may be wrong: those with the largest parts of its score; a bound for wide tables
POWER = 3  # of how far out a cell is: one that is far out is wrong, whatever else has a part of the score
SIZE = 0.4  # how much counts how far out a cell is, beside the side on which it is
APART = 1.1  # mean distance of two rows of different cases
BLOCK = 2_500  # rows between which all distances are looked at
NAMED, LEAST = 3, 0.15  # columns in a name, each with at least this weight
FAR, HIGH = np.log1p(10.0), np.log1p(1.0)  # spreads of a column from its middle that are far out, and that are out
ONE_SIDE = 0.6  # from −1, all too low, to 1, all too high
NOTHING = "no column stands out"
LONGEST = 40  # characters of a name or a value
LEAST_GUILT = 1e-300  # what is divided by
NUMBER, MISSING, NEW, WORD = 0, 1, 2, 3  # what a cell is, in `Cells.what`; words that are known count on from the last


@dataclass(frozen=True)
class Case:
    """Flagged rows that are strange in the same way. rows: (K,) positions in the dataset, the strangest first; columns: those that
    are wrong, the guiltiest first; name: in words."""

    name: str
    rows: NDArray[np.int64]
    columns: tuple[str, ...]

    @property
    def leader(self) -> int:
        """The strangest row."""
        return int(self.rows[0])

    @property
    def count(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Cases:
    """numbers: (F,) the case of each flagged row, in the order in which these were handed over; cases: by their strangest row."""

    numbers: NDArray[np.int64]
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Cells:
    """How far out cells are, (F, C) each. away: in logarithms of the column's spread, signed, of words half the logarithm of how
    rare they are; what: NUMBER, MISSING, NEW or a word's number from WORD on; words: by column, those that are numbered."""

    away: NDArray[np.float64]
    what: NDArray[np.int32]
    words: dict[int, list[str]]


def cases(known: Known, rows: NDArray[np.int64], scores: NDArray[np.float64], errors: NDArray[np.float32]) -> Cases:
    """Flagged rows, (F,) positions among the known ones, grouped by what is wrong with them.

    scores: (F,); errors: (F, C), never below 0, each column's part of the score, in the order of the table's columns. Two rows are
    alike where the same columns are wrong, on the same side and about as far: a row is described by its guilty cells, each by the
    square root of its guilt (as in Hellinger's distance) with its side, and times its size, and rows are joined by average linkage
    (Sokal and Michener 1958) until groups lie apart. The order of the rows makes no difference. Rows that were not flagged say what is usual.
    """
    rows = np.asarray(rows, np.int64)
    if len(rows) == 0:
        return Cases(np.empty(0, np.int64), ())
    cells = _cells(known, rows)
    guilt = guilty(np.asarray(errors, np.float64), cells.away)
    columns = known.table.columns

    def told(some: NDArray[np.int64]) -> tuple[str, tuple[str, ...]]:
        return _name(known, guilt[some], cells, some), tuple(columns[i].name for i in named(guilt[some]))

    return grouped(rows, scores, _points(guilt, cells), told)


def grouped(
    rows: NDArray[np.int64],
    scores: NDArray[np.float64],
    points: NDArray[np.float32],
    told: Callable[[NDArray[np.int64]], tuple[str, tuple[str, ...]]],
) -> Cases:
    """Flagged rows, (F,), whose points, (F, P), lie together. told: of the places of some of them, (K,), name and columns of a case."""
    order = _in_order(points, np.asarray(scores, np.float64), rows)
    groups = np.empty(len(rows), np.int64)
    groups[order] = _together(points[order])
    _, first = np.unique(groups[order], return_index=True)  # where in that order each group begins
    place = np.argsort(np.argsort(first, kind="stable"), kind="stable")
    numbers = place[groups]
    members = [order[numbers[order] == number] for number in range(len(first))]
    said = [told(some) for some in members]
    names = _numbered([name for name, _ in said])
    found = tuple(
        Case(name, rows[some], columns) for name, some, (_, columns) in zip(names, members, said, strict=True)
    )
    return Cases(numbers, found)


def sided(guilt: NDArray[np.float64], side: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float32]:
    """Rows as points, (F, 3 C), where the side on which something is wrong may be half of one and half of the other.

    guilt: (F, C); side: from 1, above, to −1, below, 0 where it is neither; size: how far out, at least 0.
    """
    root = np.sqrt(guilt)
    return np.concatenate([root * side, root * np.sqrt(1 - side**2), SIZE * root * size], axis=1).astype(np.float32)


def side_of(guilt: NDArray[np.float64], side: NDArray[np.float64]) -> int:
    """On which side most of what is guilty lies: 1 above, −1 below, 0 on neither. Both of one shape."""
    mean = float((guilt * side).sum() / max(float(guilt.sum()), LEAST_GUILT))
    return int(np.sign(mean)) if abs(mean) >= ONE_SIDE else 0


def _cells(known: Known, rows: NDArray[np.int64]) -> Cells:
    others = np.setdiff1d(np.arange(len(known.table)), rows)
    usual = Known(known.some((others if len(others) else rows).tolist()), known.codes[:0])
    columns = known.table.columns
    away, what = np.zeros((len(rows), len(columns))), np.zeros((len(rows), len(columns)), np.int32)
    words: dict[int, list[str]] = {}
    for i, column in enumerate(columns):
        mine, theirs = known.table.values[column.name][rows], usual.table.values[column.name]
        if column.kind == "boolean":  # neither of two values is too high
            mine, theirs = (_yes_or_no(each, column) for each in (mine, theirs))
        if column.kind in ("number", "datetime"):
            away[:, i] = squash(mine, usual.centres[column.name], usual.spreads[column.name] or 1.0)
            gone = np.isnan(mine)
            away[gone, i], what[gone, i] = _rarity(int(np.isnan(theirs).sum()), len(theirs)), MISSING
        else:
            away[:, i], what[:, i], words[i] = _of_words(mine, theirs)
    return Cells(away, what, words)


def _yes_or_no(values: NDArray[np.float64], column: Column) -> NDArray[np.object_]:
    return np.asarray([written(value, column) or None for value in values.tolist()], object)


def _of_words(
    mine: NDArray[np.object_], theirs: NDArray[np.object_]
) -> tuple[NDArray[np.float64], NDArray[np.int32], list[str]]:
    """Of a column that has no order: how rare each cell is, and what it is."""
    gone = np.asarray([missing(value) for value in theirs.tolist()], bool)
    names, counts = np.unique(np.asarray([str(value) for value in theirs[~gone].tolist()], str), return_counts=True)
    numbers = {name: number for number, name in enumerate(names.tolist())}
    away, what = np.empty(len(mine)), np.empty(len(mine), np.int32)
    for place, value in enumerate(mine.tolist()):
        number = numbers.get(str(value), -1)
        if missing(value):
            away[place], what[place] = _rarity(int(gone.sum()), len(theirs)), MISSING
        elif number < 0:
            away[place], what[place] = _rarity(0, len(theirs)), NEW
        else:
            away[place], what[place] = _rarity(int(counts[number]), len(theirs)), WORD + number
    return away, what, names.tolist()


def _rarity(count: int, among: int) -> float:
    """Of a value that so many rows have: what one in 100 has is as far out as a number nine spreads away."""
    return float(np.log((among + 1) / (min(count, among) + 1))) / 2


def guilty(errors: NDArray[np.float64], away: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much of what is wrong with a row is each cell, (F, C); sums to 1, or to 0 where nothing is wrong.

    errors: parts of the score, (F, C), never below 0; away: how far out each cell is, in logarithms, signed. A part of the score alone says little: one wrong cell moves what is expected of others, which then have parts too.
    """
    width = min(GUILTY, errors.shape[1])
    least = -np.partition(-errors, width - 1, axis=1)[:, [width - 1]]
    parts = np.where(errors >= least, np.maximum(errors, 0.0), 0.0)
    parts /= np.maximum(parts.max(axis=1, keepdims=True), LEAST_GUILT)
    guilt = parts * np.abs(away) ** POWER
    guilt = np.where(guilt.any(axis=1, keepdims=True), guilt, parts)
    return np.asarray(guilt / np.maximum(guilt.sum(axis=1, keepdims=True), LEAST_GUILT))


def _points(guilt: NDArray[np.float64], cells: Cells) -> NDArray[np.float32]:
    """Rows as points, (F, 2 P): for each of P columns and words that are guilty in any row, on which side it is, and how far out."""
    at = np.nonzero(guilt)
    away, root = cells.away[at], np.sqrt(guilt[at])
    kinds, place = np.unique(np.stack([at[1], cells.what[at]]), axis=1, return_inverse=True)
    points = np.zeros((2, len(guilt), kinds.shape[1]), np.float32)
    points[0][at[0], place.ravel()] = np.where(away < 0, -root, root)
    points[1][at[0], place.ravel()] = SIZE * root * np.abs(away)
    return np.concatenate(list(points), axis=1)


def _in_order(points: NDArray[np.float32], scores: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The strangest first; equal scores by what the rows are, so that it does not matter in which order they came."""
    alike = np.unique(points, axis=0, return_inverse=True)[1].ravel() if points.shape[1] else np.zeros(len(points))
    return np.lexsort((rows, alike, -scores))


def _together(points: NDArray[np.float32]) -> NDArray[np.int64]:
    """The group of each point, (F,). Of many, the first ones make groups; later ones go to these or make their own."""
    groups = np.full(len(points), -1, np.int64)
    for start in range(0, len(points), BLOCK):
        here = np.arange(start, min(start + BLOCK, len(points)))
        if start:
            away = _to_groups(points[here], points[:start], groups[:start])
            near = away.argmin(axis=1)
            joins = away[np.arange(len(here)), near] <= APART
            groups[here[joins]] = near[joins]
            here = here[~joins]
        groups[here] = groups.max() + 1 + _linked(points[here])
    return groups


def _to_groups(
    points: NDArray[np.float32], before: NDArray[np.float32], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The distance of points to groups: the root of the mean squared distance to their points, (B, G)."""
    sizes = np.bincount(groups)[:, None]
    middles = np.zeros((len(sizes), points.shape[1]))
    np.add.at(middles, groups, before)
    squares = np.bincount(groups, np.square(before, dtype=np.float64).sum(axis=1)) / sizes[:, 0]
    mine = np.square(points, dtype=np.float64).sum(axis=1)[:, None]
    return np.asarray(np.sqrt(np.maximum(mine - 2 * points @ (middles / sizes).T + squares, 0)))


def _linked(points: NDArray[np.float32]) -> NDArray[np.int64]:
    """Groups 0, 1, … by average linkage."""
    if len(points) < 2:
        return np.zeros(len(points), np.int64)
    squares = np.square(points).sum(axis=1)
    away = squares[:, None] - 2 * (points @ points.T) + squares
    np.sqrt(np.maximum(away, 0, out=away), out=away)
    return np.asarray(fcluster(linkage(squareform(away, checks=False), "average"), APART, "distance"), np.int64) - 1


def named(guilt: NDArray[np.float64]) -> list[int]:
    """The columns that a case is named after, out of its rows' guilt, (K, C)."""
    weights = guilt.mean(axis=0)
    order = np.argsort(-weights, kind="stable")[:NAMED]
    return [int(i) for rank, i in enumerate(order) if weights[i] > 0 and (rank == 0 or weights[i] >= LEAST)]


def _name(known: Known, guilt: NDArray[np.float64], cells: Cells, some: NDArray[np.int64]) -> str:
    which = named(guilt)
    if not which:
        return NOTHING
    columns = known.table.columns
    first = which[0]
    mine = guilt[:, first] > 0
    words = cells.words.get(first, [])
    name = _in_words(columns[first], cells.away[some[mine], first], cells.what[some[mine], first], words)
    others = [short(columns[i].name) for i in which[1:]]
    return f"{name}, with {' and '.join(others)}" if others else name


def _in_words(column: Column, away: NDArray[np.float64], what: NDArray[np.int32], words: list[str]) -> str:
    """What is wrong with a column's cells: what most of them are."""
    kinds, counts = np.unique(what, return_counts=True)
    most, name = int(kinds[counts.argmax()]), short(column.name)
    if most == MISSING:
        return f"{name} missing"
    if most == NEW:
        return f"{name} never seen so"
    if most >= WORD:
        return f"{name} {short(words[most - WORD])}"
    side, size = float(np.sign(away).mean()), float(np.median(np.abs(away)))
    if abs(side) < ONE_SIDE or size < HIGH:
        return f"{name} unusual"
    late = ("late", "early") if column.kind == "datetime" else ("high", "low")
    return f"{name} {'far ' if size >= FAR else ''}too {late[int(side < 0)]}"


def _numbered(names: list[str]) -> list[str]:
    """Names that would be alike get a number: “x too high (2)”."""
    out: list[str] = []
    taken: set[str] = set()
    for name in names:
        free = (
            name
            if name not in taken
            else next(each for i in itertools.count(2) if (each := f"{name} ({i})") not in taken)
        )
        taken.add(free)
        out.append(free)
    return out


def short(text: str) -> str:
    """A name or a value, cut where it is long."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
