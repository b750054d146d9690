"""Words for a missing value, proposed for a column with how often each stands; only the user makes one count."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from core.datasets.cells import distinct, matching, say_missing
from core.datasets.parsing import parsed, says_missing
from core.results import Column

SENTINEL = re.compile(r"^-?(9{2,6}|8{2,6}|7{2,6}|1)([.,]0+)?$")
MOST = 20


def proposed(column: Column, texts: pa.ChunkedArray) -> tuple[tuple[str, int], ...]:
    """Cells that count as missing or may mean it, with how many rows have them; those that count first.

    Among numbers also what looks like a code for it: -1, 99, 999 …, where it recurs as the smallest or largest value.
    """
    cells = distinct(texts)
    counting = says_missing(column, cells.values)
    may = say_missing(cells.values) & ~counting
    values = parsed(column, cells.values) if column.kind == "number" else None
    if values is not None and np.isfinite(values).any():
        ends = (values == np.nanmin(values)) | (values == np.nanmax(values))
        may |= ends & (cells.counts > 1) & matching(cells.values, SENTINEL)
    out: list[tuple[str, int]] = []
    for which in (counting, may):
        at = np.flatnonzero(which)
        at = at[np.argsort(-cells.counts[at], kind="stable")][:MOST]
        out += [(str(cells.values[i]), int(cells.counts[i])) for i in at]
    return tuple(out)
