"""Who a row is: its key over time, and a hash of what it holds now."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.datasets.raw import RawTable
from core.results import Column


def row_hashes(raw: RawTable, names: Sequence[str] | None = None) -> list[str]:
    """A hash of each row's cells, 16 hex digits; empty and missing are the same, their place is not.

    names: the columns that count, in this order; by default all.
    """
    return hashes_of(raw.batches(names))


def hashes_of(batches: Iterable[pa.RecordBatch]) -> list[str]:
    """The same of rows that come some at a time, of all their columns."""
    out: list[str] = []
    separator = pa.scalar(b":", pa.large_binary())
    for batch in batches:
        # Each cell with its length before it: no two rows of different cells make the same bytes.
        parts: list[pa.Array] = []
        for column in batch.columns:
            cells = column.cast(pa.large_binary())
            parts += [
                pc.fill_null(pc.binary_length(cells), 0).cast(pa.string()).cast(pa.large_binary()),
                pc.fill_null(cells, b""),
            ]
        for row in pc.binary_join_element_wise(*parts, separator).to_pylist():
            out.append(hashlib.blake2b(row, digest_size=8).hexdigest())
    return out


def row_keys(raw: RawTable, columns: tuple[Column, ...], hashes: list[str]) -> NDArray[np.str_]:
    """The identifier where one has that role and is unique, else the row's hash with its ordinal among equals."""
    for column in columns:
        if column.role == "identifier":
            values = raw.column(column.name).to_pylist()
            if None not in values and len(set(values)) == len(values) and max(map(len, values)) <= 200:
                return np.asarray(values, str)
    seen: Counter[str] = Counter()
    keys = []
    for hashed in hashes:
        keys.append(f"{hashed}-{seen[hashed]}" if seen[hashed] else hashed)
        seen[hashed] += 1
    return np.asarray(keys, str)
