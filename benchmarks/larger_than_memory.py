"""Training on rows that are read from disk, in groups that are shuffled, beside the same rows in memory.

`python -m benchmarks.larger_than_memory`. Each way in an interpreter of its own, one thread, so that the peak of private
memory is its own too. Encoding is not in it: both have to do it once.
"""

from __future__ import annotations

import statistics
import sys
from tempfile import TemporaryDirectory

from benchmarks.measure import alone, write

SETS = ((1_000_000, 50, 64), (1_000_000, 50, 1_024), (200_000, 500, 64))  # rows, columns, rows a batch
TURNS = 3
PREPARE = """
import numpy as np, torch
torch.set_num_threads(1)
from pathlib import Path
from core.datasets.encoding.on_disk import RowsOnDisk
from core.models.base import build
from core.results import Block, Encoded, Layout
from core.specs import RunSpec, Training
from core.training.loop import Trainer
way, folder, count, width, batch = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
layout = Layout(tuple(Block(f"x{i}", "squared", i, i + 1) for i in range(width)))
def part(number, rows=20_000):
    drawn = np.random.default_rng(number)
    mixed = drawn.normal(size=(rows, 8)) @ np.random.default_rng(0).normal(size=(8, width))
    values = (mixed + 0.1 * drawn.normal(size=(rows, width))).astype(np.float32)
    return Encoded(layout, values, np.broadcast_to(np.True_, values.shape))
parts = (part(number) for number in range(count // 20_000))
if way == "disk":
    data = RowsOnDisk.write(layout, parts, Path(folder))
else:
    data = Encoded(layout, np.empty((count, width), np.float32), np.broadcast_to(np.True_, (count, width)))
    for number, some in enumerate(parts):
        data.values[number * 20_000 : (number + 1) * 20_000] = some.values
peak = 0
"""
WORK = """
spec = RunSpec(training=Training(epochs=2, batch_size=batch)).checked()
torch.manual_seed(0)
held = count // 10
trainer = Trainer(
    build(spec, layout), data, np.arange(held, count), np.arange(held), spec.training, torch.device("cpu")
)
for progress in trainer.epochs():
    pass
print(progress.losses["validation"], file=sys.stderr)
"""


def main() -> None:
    """Measure, print, keep."""
    rows, record = [], {}
    with TemporaryDirectory() as folder:
        for count, width, batch in SETS:
            arguments = (folder, str(count), str(width), str(batch))
            turns = [
                (alone(PREPARE, WORK, "memory", *arguments), alone(PREPARE, WORK, "disk", *arguments))
                for _ in range(TURNS)
            ]
            inside, outside = (statistics.median(2 * 0.9 * count / turn[i].wall for turn in turns) for i in (0, 1))
            ratio = statistics.median(turn[0].wall / turn[1].wall for turn in turns)
            peaks = [max(turn[i].peak_mb for turn in turns) for i in (0, 1)]
            name = f"{count:,} × {width}, batches of {batch:,}"
            size = 4 * count * width / 1e6
            rows.append(
                [
                    name,
                    f"{size:,.0f} MB",
                    f"{inside:,.0f}",
                    f"{outside:,.0f}",
                    f"{ratio:.2f}",
                    f"{peaks[0]:,.0f}",
                    f"{peaks[1]:,.0f}",
                ]
            )
            record[name] = {"memory": inside, "disk": outside, "ratio": ratio, "peaks_mb": peaks}
            print(rows[-1], file=sys.stderr)
    write(
        "larger_than_memory",
        "Training on rows from disk",
        [
            "Two epochs with validation of the fully connected network as it is by default; rows a second by the wall clock, "
            f"one thread for the network and one that reads ahead; median of {TURNS} turns. The file lies in the system's cache.",
            "",
            "Private memory in MB: the rows, the network, the interpreter with torch (about 200 MB).",
        ],
        ["rows", "size", "in memory, rows/s", "from disk, rows/s", "ratio", "peak in memory", "peak from disk"],
        rows,
        record,
    )


if __name__ == "__main__":
    main()
