"""A process of its own for pyarrow, run as a script: a Parquet or Arrow file in, record batches out.

pyarrow ends its process over some damaged files (an exception in one of its threads that nobody catches). So it has
one, under a limit, that knows nothing of Hourglass. Arguments: the file, and the address space in bytes.

Of a Parquet file, the first line on stdout says what its metadata say, as JSON; a line on stdin then says how many rows
to decode at once. An Arrow file begins at once. The batches follow as an Arrow stream, and all is well only where the
process ends with 0.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

CPU_SECONDS = 600
DAMAGED, MEMORY = 3, 4  # exit codes
PIECE = 32_000_000  # bytes of small batches that are sent as one
DELTA = {"DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"}
AFTER_ANOTHER = 128  # rows decoded at once of a column that is stored as DELTA_BYTE_ARRAY


def main(path: str, memory: int) -> None:
    """Send the file's batches. Exits with DAMAGED or MEMORY where that can't be done."""
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_CORE, 0)):
        most = resource.getrlimit(limit)[1]
        least = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (least, most))
    try:
        with Path(path).open("rb") as file:
            head = file.read(6)
        if head.startswith(b"PAR1"):
            send_parquet(path)
        else:
            send_arrow(path, head == b"ARROW1")
    except MemoryError:
        sys.exit(MEMORY)
    except (pa.ArrowException, OSError, ValueError, LookupError, OverflowError):
        sys.exit(DAMAGED)


def send_parquet(path: str) -> None:
    """What the metadata say; then, when it is asked for, the table."""
    with pq.ParquetFile(path) as file:
        meta = file.metadata
        unpacked = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
        texts, after_another = stored_texts(meta)
        print(json.dumps({"rows": meta.num_rows, "columns": meta.num_columns, "bytes": unpacked}), flush=True)
    if not (answer := sys.stdin.readline()):
        return
    step = int(answer)
    # Texts come as dictionaries: a file of 1 kB may repeat one long cell a million times.
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        rows = AFTER_ANOTHER if after_another else step
        batches = file.iter_batches(batch_size=min(rows, step))
        send(file.schema_arrow, together(batches, step) if rows < step else batches)


def stored_texts(meta: pq.FileMetaData) -> tuple[list[str], bool]:
    """The columns of bytes that can be read as dictionaries; and whether one is stored as what is new after a cell.

    Such a one can't be read as a dictionary, and may repeat a long cell too: few of its rows are decoded at once.
    """
    texts, after_another = [], False
    for i in range(meta.num_columns):
        encodings = {e for j in range(meta.num_row_groups) for e in meta.row_group(j).column(i).encodings}
        column = meta.schema.column(i)
        if column.physical_type == "BYTE_ARRAY" and "DELTA_BYTE_ARRAY" in encodings:
            after_another = True
        elif column.physical_type == "BYTE_ARRAY" and column.path == column.name and not encodings & DELTA:
            texts.append(column.path)
    return texts, after_another


def together(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Small batches as larger ones of no more than so many rows, or a piece's bytes."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(len(one) for one in waiting) >= rows or sum(one.nbytes for one in waiting) >= PIECE:
            yield pa.concat_batches(waiting)
            waiting = []
    if waiting:
        yield pa.concat_batches(waiting)


def send_arrow(path: str, random_access: bool) -> None:
    """The batches of an Arrow file, or of a stream."""
    # Not mapped into memory: a file that shrinks while it is read would end the process.
    with pa.OSFile(path) as source:
        if random_access:
            reader = pa.ipc.open_file(source)
            send(reader.schema, (reader.get_batch(i) for i in range(reader.num_record_batches)))
        else:
            stream = pa.ipc.open_stream(source)
            send(stream.schema, iter(stream))


def send(schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
    """One Arrow stream to who asked."""
    out = sys.stdout.buffer
    with pa.ipc.new_stream(out, schema) as writer:
        out.flush()
        for batch in batches:
            writer.write_batch(batch)
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
