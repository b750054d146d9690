"""Cells that are filled where they should be empty: answers to a question that only others were asked."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.datasets.profile.facts import first_rows
from core.datasets.profile.suspicions import Check, Suspicion, Whole, cells
from core.words import count as count_of

SURE = 0.85  # doubt where several columns say the same
LEAST_ROWS = 50  # of which a level says that a column is empty
SHARE = 0.01  # of these, at most, in which it is filled
MOST = 400_000_000  # rows, over all pairs of columns: the first pairs are looked at
ELSEWHERE = 0.5  # share of the other rows, at least, in which it is


def look(whole: Whole) -> Iterable[Suspicion]:
    """Of the rows with one level of a category hardly one has a value in a column that most others have; said once about columns
    that are filled in the same rows."""
    told: set[tuple[str, bytes]] = set()
    looked = 0
    for teller, (names, codes) in whole.kept.levels.items():
        counts = np.bincount(codes + 1, minlength=len(names) + 1)[1:]
        known = int(counts.sum())
        found: dict[tuple[int, bytes], list[str]] = {}
        for column, empty in whole.kept.empty.items():
            looked += len(codes)
            if column == teller or looked > MOST:
                continue
            filled = np.bincount(codes[~empty] + 1, minlength=len(names) + 1)[1:]
            others = np.maximum(known - counts, 1)
            says = (counts >= LEAST_ROWS) & (filled > 0) & (filled <= SHARE * counts)
            for level in np.flatnonzero(says & (int(filled.sum()) - filled >= ELSEWHERE * others)).tolist():
                rows = np.packbits((codes == level) & ~empty).tobytes()
                if (column, rows) not in told:
                    told.add((column, rows))
                    found.setdefault((level, rows), []).append(column)
        for (level, rows), columns in found.items():
            which = np.unpackbits(np.frombuffer(rows, np.uint8), count=len(codes)).astype(bool)
            count, rest = int(which.sum()), int(counts[level]) - int(which.sum())
            of_more = f", and so in {count_of(len(columns) - 1, 'column')} more," if columns[1:] else ""
            what = (
                f"{cells(count, 'is', 'are')} filled{of_more} where “{teller}” is “{names[level]}”; in the other {rest:,} such rows "
                "none is"
            )
            yield Suspicion(columns[0], what, count, (), first_rows(which), SURE if columns[1:] else 0.7)


SUSPICION = Check("filled where it should be empty", table=look)
