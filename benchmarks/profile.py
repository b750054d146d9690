"""The profile of a large table and of hostile ones: CPU seconds on one thread and peak memory, each in its own process.

`python -m benchmarks.profile`
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measure import alone, write
from core.datasets.kinds import infer
from core.results import Column
from core.storage.records import to_json

GOAL_SECONDS, GOAL_MB = 60, 1_200
TURNS = 3
PIECE = 100_000
PREPARE = """
import json
from core.datasets.profile.compute import profile
from core.results import Column
from core.storage.records import from_json
columns = from_json(tuple[Column, ...], json.loads(Path(sys.argv[2]).read_text()))
"""


def mixed(generator: np.random.Generator, rows: int, columns: int) -> Iterator[pa.Table]:
    """Numbers of three finenesses, counts, levels and days, one in four columns with gaps."""
    for _ in range(0, rows, PIECE):
        size = min(PIECE, rows)
        arrays = []
        for i in range(columns):
            drawn = _column(i % 6, generator, size).cast(pa.string()).to_numpy(zero_copy_only=False)
            gaps = generator.random(size) < (0.05 if i % 4 == 1 else 0)
            arrays.append(pa.array(drawn, pa.string(), mask=gaps))
        yield pa.table(arrays, names=[f"c{i}" for i in range(columns)])


def _column(kind: int, generator: np.random.Generator, size: int) -> pa.Array:
    if kind == 0:
        return pa.array(generator.lognormal(0, 1, size))
    if kind in (1, 2):
        return pa.array(np.round(generator.normal(50, 9, size), 3 * kind))
    whole = generator.integers(0, (90, 40, 2_000)[kind - 3], size)
    if kind == 4:
        return pa.array([f"level {i}" for i in range(40)]).take(pa.array(whole))
    return pa.array(np.datetime64("2020-01-01") + whole if kind == 5 else whole)


def texts(generator: np.random.Generator, rows: int, columns: int) -> Iterator[pa.Table]:
    """A different text in every row."""
    for start in range(0, rows, PIECE):
        keys = [f"{i} {'lorem ipsum dolor sit amet ' * 15}" for i in range(start, min(rows, start + PIECE))]
        yield pa.table({f"c{i}": keys for i in range(columns)})


TABLES = (
    ("1,000,000 × 30 of all kinds", mixed, 1_000_000, 30),
    ("500,000 × 100 of all kinds", mixed, 500_000, 100),
    ("1,000 × 5,000 of all kinds", mixed, 1_000, 5_000),
    ("2,000,000 different texts of 400 bytes", texts, 2_000_000, 1),
)


def main() -> None:
    """Measure, print, keep."""
    rows, record = [], {}
    for name, draw, size, columns in TABLES:
        with tempfile.TemporaryDirectory() as scratch:
            cells, schema = Path(scratch) / "cells.parquet", Path(scratch) / "columns.json"
            stored(cells, schema, draw(np.random.default_rng(0), size, columns))
            arguments = (str(cells), str(schema), str(size))
            work = "profile(Path(sys.argv[1]), columns, int(sys.argv[3]))"
            turns = [astuple(alone(PREPARE, work, *arguments)) for _ in range(TURNS if not rows else 1)]
        wall, cpu, peak = (float(figure) for figure in np.median(turns, axis=0))
        rows.append([name, f"{wall:.1f}", f"{cpu:.1f}", f"{peak:,.0f}"])
        record[name] = {"wall": wall, "cpu": cpu, "peak_mb": peak}
    write(
        "profile",
        "The profile of a table",
        [f"Goal for the first table: under {GOAL_SECONDS} s; memory under {GOAL_MB:,} MB for each. One thread."],
        ["table", "wall, s", "CPU, s", "peak private memory, MB"],
        rows,
        record,
    )


def stored(cells: Path, schema: Path, pieces: Iterator[pa.Table]) -> None:
    """The table as a dataset's cells lie in the store, and its schema."""
    writer = None
    for piece in pieces:
        writer = writer or pq.ParquetWriter(cells, piece.schema, compression="none", use_dictionary=False)
        writer.write_table(piece, row_group_size=PIECE)
    if writer is not None:
        writer.close()
    file = pq.ParquetFile(cells)
    columns, _ = infer((name, file.read([name]).column(0)) for name in file.schema_arrow.names)
    schema.write_text(json.dumps(to_json(tuple[Column, ...], columns)))


if __name__ == "__main__":
    main()
