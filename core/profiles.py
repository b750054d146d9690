"""A profile: the numbers behind the Data page's charts. Plain values only; kept as JSON beside the dataset.

On the ground floor, since storage hands it out. How it is counted stands in core.datasets.profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Measure = Literal["rank correlation", "correlation ratio", "Cramér's V"]
QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
VERY_LIKELY = 0.8  # doubt from which on a value is called very likely wrong


@dataclass(frozen=True)
class Spread:
    """Of a number or datetime column's finite values: exact over all rows.

    quantiles: the values at QUANTILES. Datetimes are seconds since 1970, and have no total; nor has a sum too large for
    a float. edges and counts: the distribution between the quantiles that hold all but the outermost rows; below and
    above: rows outside of it, so that a heavy tail does not flatten the rest.
    """

    count: int
    minimum: float
    maximum: float
    mean: float
    deviation: float
    total: float | None
    quantiles: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    below: int = 0
    above: int = 0
    zeros: int = 0
    negative: int = 0
    infinite: int = 0


@dataclass(frozen=True)
class Levels:
    """Of every other column: its values by how many rows have them, the most frequent first (an ordered category's in
    its order). other: rows whose value is not listed. once: values that one row has. For text: of its lengths."""

    labels: tuple[str, ...]
    counts: tuple[int, ...]
    other: int = 0
    once: int = 0


@dataclass(frozen=True)
class ColumnProfile:
    """One source column. spread or levels, by its kind; neither where it holds nothing."""

    name: str
    kind: str
    filled: int
    missing: int
    distinct: int
    spread: Spread | None = None
    levels: Levels | None = None


@dataclass(frozen=True)
class MissingPattern:
    """Rows in which exactly these columns are missing."""

    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Missing:
    """What is missing, and what goes missing together.

    stretches: the table's rows cut into equal stretches in file order; shares[i][j]: of stretch j, the part of column
    i's cells that are missing. together[i][j]: the correlation (phi) of columns i and j being missing, −1 … 1; None
    where one of them is always or never. columns: those with something missing, at most 60, the emptiest first.
    patterns: the commonest combinations. complete: rows without a missing cell among all columns.
    """

    columns: tuple[str, ...]
    shares: tuple[tuple[float, ...], ...]
    together: tuple[tuple[float | None, ...], ...]
    patterns: tuple[MissingPattern, ...]
    complete: int


@dataclass(frozen=True)
class Pair:
    """How strongly two columns go together: 0 … 1, and the direction (−1, 0 where there is none, 1).

    rows: rows in which both are filled."""

    first: str
    second: str
    strength: float
    direction: int
    measure: Measure
    rows: int


@dataclass(frozen=True)
class Associations:
    """Pairs of columns of any kinds. columns: those that were compared, in an order that brings alike ones together.

    left_out: columns that were not, with the reason (too many levels, text, constant, beyond the limit of columns).
    """

    columns: tuple[str, ...]
    pairs: tuple[Pair, ...]
    left_out: tuple[tuple[str, str], ...]
    incomparable: tuple[tuple[str, str], ...] = ()  # pairs of them with too few common rows, or no variation in these


@dataclass(frozen=True)
class Duplicates:
    """Rows that say the same. groups: sets of equal rows; rows: rows that repeat an earlier one; examples: the rows
    (numbers from 1, at most 10 each) of the largest groups. ignoring: columns that were not compared (identifiers).
    columns: sets of columns that hold the same in every row."""

    groups: int
    rows: int
    examples: tuple[tuple[int, ...], ...]
    ignoring: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Suspicion:
    """Cells that a careful reader would check. what: in words, without this column's name; cells: how many; examples:
    values as they stand in the file, some; rows: their numbers from 1 (at most 20; none where it is about a whole
    column); doubt: 0 … 1, the likelier wrong the higher.

    words: cells that may say that a value is missing, which the user can accept at once."""

    column: str
    what: str
    cells: int
    examples: tuple[str, ...]
    rows: tuple[int, ...]
    doubt: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """All of it, of one version of a dataset."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    missing: Missing
    associations: Associations
    duplicates: Duplicates
    suspicions: tuple[Suspicion, ...]
