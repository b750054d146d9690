"""Encoded rows on disk, where they are too many for memory: Parquet, of which a few groups are in memory at a time.

A row is one cell of bytes, for Parquet reads those as fast as they can be copied; which of its values were observed is a
second one, of bits.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.results import Encoded, Layout

GROUP_BYTES = 2_000_000  # of values, in a group of rows
KEPT = 2  # groups in memory, for who asks for rows one after the other


class RowsOnDisk:
    """core.results.Rows in a Parquet file that nobody else knows of: it goes with the process."""

    def __init__(self, layout: Layout, source: pa.MemoryMappedFile) -> None:
        self.layout = layout
        self._file = pq.ParquetFile(source)
        self._lock = Lock()  # a group may be read ahead while another is asked for
        self._recent: OrderedDict[int, Encoded] = OrderedDict()
        sizes = [self._file.metadata.row_group(i).num_rows for i in range(self._file.metadata.num_row_groups)]
        self.ends = np.cumsum(sizes, dtype=np.int64)  # (G,): the first row behind each group
        self.whole = self._file.metadata.metadata[b"whole"] == b"yes"

    @classmethod
    def write(cls, layout: Layout, parts: Iterable[Encoded], folder: Path, group_rows: int | None = None) -> RowsOnDisk:
        """Keep rows that come part by part. folder: on a disk with room for 4 bytes a value."""
        group_rows = group_rows or max(1, GROUP_BYTES // (4 * layout.width))
        schema = pa.schema([("values", pa.binary(4 * layout.width)), ("observed", pa.binary(-(-layout.width // 8)))])
        with TemporaryDirectory(prefix="rows-", dir=folder) as scratch:
            path, whole = Path(scratch) / "rows.parquet", True
            with pq.ParquetWriter(
                path, schema, compression="none", use_dictionary=False, write_statistics=False
            ) as writer:
                for part in parts:
                    whole = whole and part.whole
                    columns = [
                        _cells(part.values.astype(np.float32, copy=False)),
                        _cells(np.packbits(part.observed, 1)),
                    ]
                    writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=group_rows)
                writer.add_key_value_metadata({"whole": "yes" if whole else "no"})
            source = pa.memory_map(str(path))  # stays readable when the name is gone
        return cls(layout, source)

    def __len__(self) -> int:
        return int(self.ends[-1]) if len(self.ends) else 0

    def group(self, number: int) -> Encoded:
        """All rows of a group."""
        with self._lock:
            table = self._file.read_row_group(number, use_threads=False)
        rows, width = table.num_rows, self.layout.width
        values = _bytes(table["values"]).view(np.float32).reshape(rows, width)
        if self.whole:
            return Encoded(self.layout, values, np.broadcast_to(np.True_, values.shape))
        bits = np.unpackbits(_bytes(table["observed"]).reshape(rows, -1), axis=1, count=width)
        return Encoded(self.layout, values, bits.view(bool))

    def take(self, rows: NDArray[np.int64] | slice) -> Encoded:
        """Some of the rows, in the order asked for; each group that they lie in is read once."""
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(len(self)))
        values = np.empty((len(rows), self.layout.width), np.float32)
        observed = np.ones(values.shape, bool)
        groups = np.searchsorted(self.ends, rows, side="right")  # (R,)
        for number in np.unique(groups):
            here, group = groups == number, self._lately(int(number))
            inside = rows[here] - (self.ends[number] - len(group))
            values[here] = group.values[inside]
            if not self.whole:
                observed[here] = group.observed[inside]
        return Encoded(self.layout, values, observed)

    def _lately(self, number: int) -> Encoded:
        found = self._recent.pop(number, None)
        self._recent[number] = found = self.group(number) if found is None else found
        while len(self._recent) > KEPT:
            self._recent.popitem(last=False)
        return found


def _cells(rows: NDArray[Any]) -> pa.Array:
    """Each row of an array as one cell."""
    rows = np.ascontiguousarray(rows)
    kind = pa.binary(rows.itemsize * rows.shape[1])
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(rows), [None, pa.py_buffer(rows)])


def _bytes(column: pa.ChunkedArray) -> NDArray[np.uint8]:
    """The bytes of all cells, one after the other."""
    cells = column.combine_chunks()
    width = cells.type.byte_width
    found: NDArray[np.uint8] = np.frombuffer(cells.buffers()[1], np.uint8, len(cells) * width, cells.offset * width)
    return found
