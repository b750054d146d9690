"""Reading delimited text: polluted files against what should come out, and the cost of a large file beside DuckDB's COPY.

The polluted files are not part of the project: `python -m benchmarks.reading [FOLDER]`, by default the shared one.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.measure import Cost, alone, write
from core.datasets.read import read_file
from core.errors import HourglassError
from core.settings import Settings

POLLUTED = Path(__file__).parents[2] / "shared" / "data" / "messy_csv"
LIMITS = Settings(upload_limit_mb=4_000, row_limit=100_000_000)
LARGE_ROWS = 4_400_000
OURS = (
    "from core.datasets.read import read_file; from core.settings import Settings\n"
    "limits = Settings(upload_limit_mb=4_000, row_limit=100_000_000)",
    "table = read_file(Path(sys.argv[1]), 'large.csv', limits)",
)
PEER = (
    "import duckdb; duck = duckdb.connect(config={'threads': 1}); duck.execute('SET enable_progress_bar = false')",
    "duck.execute(f\"COPY (FROM '{sys.argv[1]}') TO '{sys.argv[2]}' (FORMAT parquet)\")",
)


def main() -> None:
    """Measure, print, keep."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else POLLUTED
    scores = {file.name: score(file, folder / "clean" / file.name) for file in sorted((folder / "files").iterdir())}
    mean = float(np.mean(list(scores.values())))
    below = [f"{name} {value:.3f}" for name, value in scores.items() if value < 9.9995]
    with tempfile.TemporaryDirectory() as scratch:
        large = Path(scratch) / "large.csv"
        write_large(large)
        turns = [(measured(*OURS, large), measured(*PEER, large)) for _ in range(3)]
        ratio = float(np.median([ours.cpu / peer.cpu for ours, peer in turns]))
        memory = max(ours.peak_mb for ours, _ in turns)
        size = large.stat().st_size
    write(
        "reading",
        "Reading delimited text",
        [
            f"Polluted files: {len(scores)}, mean score {mean:.3f} of 10 (goal 9.97). Below 10: {', '.join(below) or 'none'}.",
            "",
            f"A file of {size / 1e6:,.0f} MB to Parquet, CPU seconds with one thread, DuckDB's own COPY in turns with ours.",
        ],
        ["ours, CPU s", "COPY, CPU s", "ratio (goal 1.3)", "peak private memory, MB (goal 600)"],
        [
            [f"{ours.cpu:.2f}", f"{peer.cpu:.2f}", f"{ours.cpu / peer.cpu:.2f}", f"{ours.peak_mb:,.0f}"]
            for ours, peer in turns
        ],
        {
            "score": mean,
            "below": below,
            "cpu_ratio": ratio,
            "peak_mb": memory,
            "turns": [[asdict(ours), asdict(peer)] for ours, peer in turns],
        },
    )


def score(file: Path, clean: Path) -> float:
    """1 for loading, and precision, recall and F1 of header cells, records and cells (Vitagliano et al., 2023)."""
    try:
        raw = read_file(file, file.name, LIMITS)
    except HourglassError:
        return 0.0
    found = [[_plain(name) for name in raw.header]]
    for batch in raw.batches():
        columns = [column.to_pylist() for column in batch.columns]
        found += [[_plain(cell or "") for cell in row] for row in zip(*columns, strict=True)]
    wanted = [
        [_plain(cell) for cell in row] for row in csv.reader(io.StringIO(clean.read_bytes().decode(), newline=""))
    ]
    header, rows = (found[0] if raw.columns else []), found[1:]
    want_header, want_rows = (wanted[0] if wanted else []), wanted[1:]
    return (
        1.0
        + _agreement(header, want_header)
        + _agreement([tuple(row) for row in rows], [tuple(row) for row in want_rows])
        + _agreement([cell for row in rows for cell in row], [cell for row in want_rows for cell in row])
    )


def _agreement(found: list[object], wanted: list[object]) -> float:
    """Precision + recall + F1 of two multisets."""
    if not found and not wanted:
        return 3.0
    same = (Counter(found) & Counter(wanted)).total()
    precision, recall = same / max(1, len(found)), same / max(1, len(wanted))
    return precision + recall + (2 * precision * recall / (precision + recall) if same else 0.0)


def _plain(cell: str) -> str:
    text = cell.strip()
    try:
        return repr(float(text))
    except ValueError:
        return text


def write_large(path: Path) -> None:
    """A table of mixed columns, some quoted, about 700 MB."""
    generator = np.random.default_rng(0)
    block = 100_000
    with path.open("w") as file:
        file.write(",".join(["id", "when", "site", "name", "ok", *(f"v{i}" for i in range(10)), "note"]) + "\n")
        for start in range(0, LARGE_ROWS, block):
            values, sites = generator.normal(size=(block, 10)), generator.integers(0, 50, block)
            good = generator.integers(0, 2, block)
            file.writelines(
                f'{start + i},2024-{1 + i % 12:02d}-{1 + i % 28:02d} 10:{i % 60:02d}:00,site {sites[i]},"Smith, {sites[i]}",'
                f"{'yes' if good[i] else 'no'},{','.join(f'{value:.6g}' for value in values[i])},"
                f'"said ""hi"" {sites[i]}"\n'
                for i in range(block)
            )


def measured(prepare: str, work: str, path: Path) -> Cost:
    """What one way takes."""
    with tempfile.TemporaryDirectory() as scratch:
        return alone(prepare, work, str(path), f"{scratch}/out.parquet")


if __name__ == "__main__":
    main()
