"""Who a row is: its key over time, and a hash of what it holds now."""

from __future__ import annotations

import hashlib
from collections import Counter

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.results import Column


def row_hashes(cells: pa.Table) -> list[str]:
    """A hash of each row's cells, 16 hex digits; empty and missing are the same, their place is not."""
    columns = [cells[name].to_pylist() for name in cells.column_names]
    out = []
    for row in zip(*columns, strict=True):
        digest = hashlib.blake2b(digest_size=8)
        for cell in row:
            data = b"" if cell is None else cell.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(4, "little") + data)
        out.append(digest.hexdigest())
    return out


def row_keys(cells: pa.Table, columns: tuple[Column, ...], hashes: list[str]) -> NDArray[np.str_]:
    """The identifier where one has that role and is unique, else the row's hash with its ordinal among equals."""
    for column in columns:
        if column.role == "identifier":
            values = cells[column.name].to_pylist()
            if None not in values and len(set(values)) == len(values) and max(map(len, values)) <= 200:
                return np.asarray(values, str)
    seen: Counter[str] = Counter()
    keys = []
    for hashed in hashes:
        keys.append(f"{hashed}-{seen[hashed]}" if seen[hashed] else hashed)
        seen[hashed] += 1
    return np.asarray(keys, str)
