"""An npy file that grows row by row.

Not a memory map: the reading process has a bound on its address space, which the images of a data set may be over.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.storage.artifacts import storage_error


class Growing:
    """Rows of one shape and dtype on their way to disk, as numpy.load reads them. Raises StorageFailed, DiskFull."""

    def __init__(self, path: Path, row: tuple[int, ...], dtype: type[np.generic]) -> None:
        self.path, self.rows = path, 0
        self._row, self._dtype = row, np.dtype(dtype)
        self._file = path.open("w+b")
        self._head()
        self._start = self._file.tell()

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return int(np.prod(self._row)) * self._dtype.itemsize

    def append(self, rows: NDArray[Any]) -> None:
        """Rows (K, …) behind those that are there."""
        if rows.shape[1:] != self._row or rows.dtype != self._dtype:
            raise ValueError(f"rows are {self._row} {self._dtype}, not {rows.shape[1:]} {rows.dtype}")
        try:
            self._file.write(np.ascontiguousarray(rows).data)
        except OSError as error:
            raise storage_error(error, str(self.path.parent)) from error
        self.rows += len(rows)

    def read(self, place: int) -> NDArray[Any]:
        """One row that was written. No more can be appended after."""
        self._file.seek(self._start + place * self.row_bytes)
        return np.frombuffer(self._file.read(self.row_bytes), self._dtype).reshape(self._row)

    def close(self) -> None:
        """Say in the header how many rows there are: numpy leaves room for the number."""
        try:
            self._file.seek(0)
            self._head()
            self._file.close()
        except OSError as error:
            raise storage_error(error, str(self.path.parent)) from error

    def _head(self) -> None:
        shape = (self.rows, *self._row)
        header = {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(self._file, header)
