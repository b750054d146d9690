"""The profile of a stored table: one pass over its columns, then what needs several of them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from core.datasets import duck
from core.datasets.profile import facts
from core.datasets.profile.associations import Relations
from core.datasets.profile.columns import column_profile
from core.datasets.profile.duplicates import Sameness
from core.datasets.profile.kept import Kept
from core.datasets.profile.missing import Gaps
from core.datasets.profile.suspicions import Doubts, Whole
from core.datasets.raw import Tell, silent
from core.profiles import ColumnProfile, Profile
from core.results import Column

READING, GROUPING = 0.7, 0.95  # shares of the time when the columns are read, and when their pairs are compared
SEED = 0  # of the numbers that rows are told apart by; nothing that is counted depends on it


def profile(cells: Path, columns: tuple[Column, ...], rows: int, tell: Tell = silent) -> Profile:
    """Count everything. cells: Parquet of text, a column a source column.

    tell: hears the share that is done and in words what comes; what it raises ends the counting.
    """
    gaps, sameness, doubts, kept = Gaps(rows, SEED), Sameness(rows, SEED), Doubts(), Kept()
    profiles: dict[str, ColumnProfile] = {}
    with TemporaryDirectory(prefix="hourglass-") as folder:
        relations = Relations(Path(folder), columns, rows)
        for i, found in enumerate(facts.read(cells, columns, rows)):
            tell(READING * i / len(columns), f"column {i + 1:,} of {len(columns):,}")
            profiles[found.column.name] = column_profile(found)
            gaps.add(found.column.name, found.empty)
            sameness.add(found)
            relations.add(found)
            doubts.look(found)
            kept.add(found)
        associations = relations.associations(
            lambda share, message: tell(READING + (GROUPING - READING) * share, message)
        )
        separations = relations.separations()
    tell(GROUPING, "rows that say the same")
    with duck.connection() as connection:
        duplicates, missing = sameness.duplicates(connection), gaps.missing(connection)
    return Profile(
        rows=rows,
        columns=tuple(profiles.values()),
        missing=missing,
        associations=associations,
        duplicates=duplicates,
        suspicions=doubts.suspicions(Whole(columns, profiles, associations, duplicates, separations, kept)),
    )
