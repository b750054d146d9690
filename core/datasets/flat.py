"""Columns of any Arrow type as text, for the formats that have types; and the limit on a cell."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.datasets.apart import apart
from core.datasets.raw import Spool, blank_to_null, unique_names
from core.errors import FileRefused, HourglassError, TooLarge

ROWS = 65_536  # turned into text at once, where the table is not wide
PIECE = 32_000_000  # bytes of text made at once
SUSPECT = 100_000_000  # bytes of text above which a file that is so much smaller can't be what it says it is
RATIO = 1_000
PROCESS = Path(__file__).with_name("parquet_process.py")
MEMORY = 4  # its exit code where it asked for too much
DEPTH = 4  # levels of columns within columns
TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
# What pyarrow raises for a file that is not as it should be.
DAMAGED = (pa.ArrowException, OSError, MemoryError, ValueError, LookupError, OverflowError)
INDEX = "__index_level_"  # what pandas calls the rows' index


def put(spool: Spool, names: Sequence[str], columns: Sequence[pa.Array], lines: NDArray[np.int64]) -> None:
    """Write rows, where no cell is over the limit. Raises TooLarge."""
    for name, column in zip(names, columns, strict=True):
        _check_cells(pc.binary_length(column), name, int(lines[0]) if len(lines) else 0, spool)
    spool.write(columns, lines)


def _check_cells(lengths: pa.Array, name: str, line: int, spool: Spool) -> None:
    longest = pc.max(lengths).as_py() or 0
    if longest > spool.limits.cell_limit_bytes:
        row = line + pc.index(lengths, longest).as_py()
        raise TooLarge(
            f"a cell of column “{name}” has {longest:,} bytes, the limit is {spool.limits.cell_limit_bytes:,}",
            where=f"{spool.name}, row {row:,}" if line else spool.name,
            fix="leave the column out, or have the limit raised (HOURGLASS_CELL_LIMIT_BYTES)",
        )


class Flat:
    """Record batches of one schema on their way into a spool. What they unpack to is counted while they pass.

    packed: the bytes of the file. Call `put` with each batch, then `finish`.
    """

    def __init__(self, schema: pa.Schema, spool: Spool, packed: int) -> None:
        self.spool, self.rows, self.bytes, self._packed = spool, 0, 0, packed
        flat = list(leaves(schema))
        if len(flat) > spool.limits.column_limit:
            spool.start([name for name, _ in flat])  # which refuses
        self.names, self.notices = unique_names([_shown(name) for name, _ in flat])
        for (_, type_), name in zip(flat, self.names, strict=True):
            _check_type(type_, name, spool.name)
        if self.names:
            spool.start(self.names)
        self.step = rows_at_once(len(self.names))

    def put(self, batch: pa.RecordBatch) -> None:
        """Write a batch's rows. Raises FileRefused, TooLarge."""
        for start in range(0, batch.num_rows, self.step):
            columns = flattened(batch.slice(start, self.step))
            for column, name in zip(columns, self.names, strict=True):
                _validate(column, name, f"{self.spool.name}, after row {self.rows:,}")
            for piece in self._pieces(columns):
                self._write(piece)

    def _pieces(self, columns: list[pa.Array]) -> Iterator[list[pa.Array]]:
        """The columns cut so that each piece's text can be made at once, however often a long cell is repeated."""
        total = np.zeros(len(columns[0]), np.int64)
        for column, name in zip(columns, self.names, strict=True):
            if (lengths := lengths_of(column)) is not None:
                _check_cells(lengths, name, self.rows + 1, self.spool)
                total += pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False)
        self._count(int(total.sum()) + 4 * len(columns) * len(total))
        piece = np.cumsum(total) // PIECE
        starts = [0, *(np.flatnonzero(np.diff(piece)) + 1).tolist()]
        for start, stop in zip(starts, [*starts[1:], len(total)], strict=True):
            yield [column.slice(start, stop - start) for column in columns]

    def _count(self, size: int) -> None:
        self.bytes += size
        limit = self.spool.limits.upload_limit_mb * 4_000_000
        if self.bytes > limit:
            raise too_large(f"more than {limit:,} bytes, which is the limit", self.spool.name)
        if self.bytes > max(SUSPECT, RATIO * self._packed):
            raise too_large(
                f"more than {self.bytes:,} bytes from {self._packed:,}, over {RATIO:,} to 1", self.spool.name
            )

    def _write(self, columns: list[pa.Array]) -> None:
        texts = [text_array(column, name, self.spool.name) for column, name in zip(columns, self.names, strict=True)]
        lines = np.arange(self.rows + 1, self.rows + len(columns[0]) + 1)
        self.rows += len(lines)
        put(self.spool, self.names, texts, lines)

    def finish(self) -> tuple[str, ...]:
        """The notices. Raises FileRefused for a table without a row."""
        if self.rows == 0 or not self.names:
            raise FileRefused(
                "the table has no rows", where=self.spool.name, fix="upload a table with at least one row of data"
            )
        return tuple(self.notices)


def rows_at_once(columns: int) -> int:
    """How many rows of so many columns are decoded, or turned into text, at once."""
    return max(64, min(ROWS, 2_000_000 // max(1, columns)))


class Decoder:
    """A Parquet or Arrow file that a process of its own decodes (core.datasets.parquet_process says why).

    Of a Parquet file ask `metadata` first, then `start` with the rows to decode at once; then `batches`, to the end.
    """

    def __init__(self, process: subprocess.Popen[bytes], what: str, spool: Spool) -> None:
        self._process, self._what, self._spool = process, what, spool
        self._questions, self._answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)

    def metadata(self) -> dict[str, int]:
        """What a Parquet file says of itself: `rows`, `columns`, and its `bytes` when unpacked."""
        line = self._answers.readline()
        if not line.endswith(b"\n"):
            self._refuse()
        said: dict[str, int] = json.loads(line)
        return said

    def start(self, rows: int) -> None:
        """Have a Parquet file decoded, so many rows at once."""
        try:
            self._questions.write(f"{rows}\n".encode())
            self._questions.flush()
        except BrokenPipeError:
            self._refuse()

    def batches(self) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """The schema, and the batches, which raise FileRefused, TooLarge where the file turns out to be damaged."""
        try:
            reader = pa.ipc.open_stream(self._answers)
        except DAMAGED:
            self._refuse()
        return reader.schema, self._until_end(reader)

    def _until_end(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        try:
            yield from reader
        except DAMAGED:
            self._refuse()
        if self._process.wait() != 0:  # a stream that is cut between two batches is none that is broken
            self._refuse()

    def _refuse(self) -> NoReturn:
        self._answers.close()  # whoever still writes stops
        code, where = self._process.wait(), self._spool.name
        if code == -signal.SIGXCPU:
            raise TooLarge(
                f"the {self._what} file takes too long to read",
                where=where,
                fix="upload a part of it, or write it as CSV",
            )
        if code == MEMORY:
            raise TooLarge(
                f"the {self._what} file asks for more than {self._spool.limits.ingest_memory_mb:,} MB of memory, which "
                "is the limit",
                where=where,
                fix="write it again in smaller row groups or batches, or as CSV",
            )
        raise damaged(self._what, where)


@contextmanager
def decoder(path: Path, what: str, spool: Spool) -> Iterator[Decoder]:
    """Have a file decoded. Raises FileRefused, TooLarge."""
    with apart(PROCESS, path, spool.limits.ingest_memory_mb) as process, whole(what, spool.name):
        yield Decoder(process, what, spool)


def damaged(what: str, where: str) -> FileRefused:
    """The error for a file that is not as it should be."""
    return FileRefused(f"the {what} file is damaged", where=where, fix="write it again from its source")


@contextmanager
def whole(what: str, where: str) -> Iterator[None]:
    """Whatever pyarrow says about a file that is not as it should be, as FileRefused; our own errors as they are."""
    try:
        yield
    except HourglassError:
        raise
    except DAMAGED as error:
        raise damaged(what, where) from error


def too_large(what: str, where: str) -> TooLarge:
    """The error for a table that unpacks to too much."""
    return TooLarge(f"the table unpacks to {what}", where=where, fix="upload a part of it, or write it as CSV")


def _validate(column: pa.Array, name: str, where: str) -> None:
    """Offsets and indices may be forged. Raises FileRefused."""
    try:
        column.validate(full=True)
    except pa.ArrowException as error:
        if "utf8" in str(error).lower():
            raise _no_text(name, where) from error
        raise FileRefused(
            f"column “{name}” is damaged", where=where, fix="write the file again from its source"
        ) from error


def lengths_of(column: pa.Array) -> pa.Array | None:
    """The bytes of each text in a column, (N,), null where there is none; None for a column of another type."""
    if pa.types.is_dictionary(column.type):
        lengths = lengths_of(column.dictionary)
        return None if lengths is None else lengths.take(column.indices).cast(pa.int64())
    if pa.types.is_string_view(column.type) or pa.types.is_binary_view(column.type):
        views = np.frombuffer(column.buffers()[1], np.int32)[4 * column.offset :][: 4 * len(column) : 4]
        return pa.array(views.astype(np.int64), mask=column.is_null().to_numpy(zero_copy_only=False))
    if any(is_(column.type) for is_ in TEXTS):
        return pc.binary_length(column).cast(pa.int64())
    return None


def _shown(name: str) -> str:
    return "index" if name.startswith(INDEX) else name


def leaves(schema: pa.Schema) -> Iterator[tuple[str, pa.DataType]]:
    """Names and types of the columns; a column of structs is one column a field, `a.b`."""
    for field in schema:
        yield from _leaves(str(field.name), _storage(field.type), DEPTH)


def _leaves(name: str, type_: pa.DataType, depth: int) -> Iterator[tuple[str, pa.DataType]]:
    if pa.types.is_struct(type_) and depth and type_.num_fields:
        for field in type_.fields:
            yield from _leaves(f"{name}.{field.name}", _storage(field.type), depth - 1)
    else:
        yield name, type_


def _storage(type_: pa.DataType) -> pa.DataType:
    return type_.storage_type if isinstance(type_, pa.BaseExtensionType) else type_


def flattened(batch: pa.RecordBatch) -> list[pa.Array]:
    """A batch's columns in the order of `leaves`."""
    return [leaf for column in batch.columns for leaf in _flattened(column, DEPTH)]


def _flattened(column: pa.Array, depth: int) -> list[pa.Array]:
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_struct(column.type) and depth and column.type.num_fields:
        return [leaf for field in column.flatten() for leaf in _flattened(field, depth - 1)]
    return [column]


def _check_type(type_: pa.DataType, name: str, where: str) -> None:
    inner = type_
    if _is_list(type_):
        inner = type_.value_type
        if pa.types.is_dictionary(inner):
            raise _not_flat(name, type_, where)
    if pa.types.is_nested(inner) or pa.types.is_union(inner) or isinstance(inner, pa.RunEndEncodedType):
        raise _not_flat(name, type_, where)


def _is_list(type_: pa.DataType) -> bool:
    return any(is_(type_) for is_ in LISTS)


def _not_flat(name: str, type_: pa.DataType, where: str) -> FileRefused:
    return FileRefused(
        f"column “{name}” holds {str(type_)[:80]}, which is no flat value",
        where=where,
        fix="flatten the column, or leave it out",
    )


def _no_text(name: str, where: str) -> FileRefused:
    return FileRefused(
        f"column “{name}” holds bytes that are no UTF-8 text", where=where, fix="write the column as text again"
    )


def text_array(column: pa.Array, name: str, where: str) -> pa.Array:
    """A column as text, blank cells null: floats with all their digits, lists of values as “a; b; c”.

    Raises FileRefused for what has no text.
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        text = _text(column)
    except pa.ArrowException as error:
        if any(is_(column.type) for is_ in TEXTS):
            raise _no_text(name, where) from error
        raise _not_flat(name, column.type, where) from error
    try:
        text.validate(full=True)
    except pa.ArrowException as error:
        raise _no_text(name, where) from error
    return blank_to_null(text)


def _text(column: pa.Array) -> pa.Array:
    if _is_list(column.type):
        cells = column.cast(pa.list_(pa.string())).to_pylist()
        joined = [None if cell is None else "; ".join(item or "" for item in cell) for cell in cells]
        return pa.array(joined, pa.string())
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    return column.cast(pa.string())
