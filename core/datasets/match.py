"""Whether a table has the columns that a run learned from."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import DatasetRefused
from core.results import Dataset
from core.words import count


def same_columns(dataset: Dataset, wanted: Iterable[str]) -> None:
    """Raises DatasetRefused naming the columns that are missing; their order does not matter, more are no harm."""
    have = {column.name for column in dataset.columns}
    missing = [name for name in wanted if name not in have]
    if missing:
        raise DatasetRefused(
            f"{count(len(missing), 'column')} that the run learns from {'is' if len(missing) == 1 else 'are'} missing: {', '.join(missing[:5])}",
            where=dataset.source_name,
            fix="upload a file with the same columns; their order does not matter",
        )
