"""Who a row is: its key over time, and a hash of what it holds now."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.datasets.canonical import canonical
from core.datasets.raw import RawTable
from core.results import Column

LONGEST = 200  # characters of an identifier


def row_hashes(raw: RawTable, columns: Sequence[Column]) -> list[str]:
    """A hash of what each row's cells say, 16 hex digits; empty and missing are the same, their place is not.

    columns: those that count, in this order, and how they are read.
    """
    return hashes_of(raw.batches([column.name for column in columns]), columns)


def hashes_of(batches: Iterable[pa.RecordBatch], columns: Sequence[Column]) -> list[str]:
    """The same of rows that come some at a time, with these columns."""
    out: list[str] = []
    separator = pa.scalar(b":", pa.large_binary())
    for batch in batches:
        # Each cell with its length before it: no two rows of different cells make the same bytes.
        parts: list[pa.Array] = []
        for cells, column in zip(batch.columns, columns, strict=True):
            said = canonical(cells, column).cast(pa.large_binary())
            parts += [
                pc.fill_null(pc.binary_length(said), 0).cast(pa.string()).cast(pa.large_binary()),
                pc.fill_null(said, b""),
            ]
        for row in pc.binary_join_element_wise(*parts, separator).to_pylist():
            out.append(hashlib.blake2b(row, digest_size=8).hexdigest())
    return out


def identifier(raw: RawTable, columns: Sequence[Column]) -> Column | None:
    """The first column with that role that names each row."""
    found = (column for column in columns if column.role == "identifier" and names_each(raw.column(column.name)))
    return next(found, None)


def names_each(cells: pa.ChunkedArray) -> bool:
    """Whether each row has a cell of its own, that is short enough for a name."""
    whole = cells.null_count == 0 and pc.count_distinct(cells).as_py() == len(cells)
    return bool(whole and (pc.max(pc.utf8_length(cells)).as_py() or 0) <= LONGEST)


def with_ordinals(hashes: Sequence[str]) -> NDArray[np.str_]:
    """The hashes, told apart where they are equal: the first as it is, then -1, -2, …, (N,)."""
    seen: Counter[str] = Counter()
    keys = []
    for hashed in hashes:
        keys.append(f"{hashed}-{seen[hashed]}" if seen[hashed] else hashed)
        seen[hashed] += 1
    return np.asarray(keys, str)
