"""Reading images into a dataset: wall and CPU seconds, and peak memory, each in its own process.

`python -m benchmarks.images`
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.measure import alone, write

GOAL_SECONDS = 60
TURNS = 3
PREPARE = """
from core.datasets.read import read_file
from core.settings import Settings
from core.specs import ReadOptions
"""
# name, images, side, format and how it is saved, rule
SETS: tuple[tuple[str, int, int, str, dict[str, Any], str], ...] = (
    ("10,000 PNG of 64 × 64", 10_000, 64, "PNG", {}, "fit"),
    ("2,500 PNG of 64 × 64", 2_500, 64, "PNG", {}, "fit"),
    ("500 JPEG of 1,024 × 1,024", 500, 1_024, "JPEG", {"quality": 90}, "fit"),
    ("50 PNG of 1,024 × 1,024 in tiles", 50, 1_024, "PNG", {"compress_level": 1}, "tiles"),
)


def main() -> None:
    """Measure, print, keep."""
    rows, record = [], {}
    for name, count, side, form, options, rule in SETS:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "images.zip"
            pack(path, count, side, form, options)
            work = "read_file(Path(sys.argv[1]), 'images.zip', Settings(), ReadOptions(image_rule=sys.argv[2]))"
            turns = [astuple(alone(PREPARE, work, str(path), rule)) for _ in range(TURNS)]
        wall, cpu, peak = (float(figure) for figure in np.median(turns, axis=0))
        rows.append([name, f"{wall:.1f}", f"{cpu:.1f}", f"{peak:,.0f}"])
        record[name] = {"wall": wall, "cpu": cpu, "peak_mb": peak}
    write(
        "images",
        "Images read from a zip",
        [
            f"Goal for the first set: under {GOAL_SECONDS} s, with memory that does not grow with the images. Two threads."
        ],
        ["images", "wall, s", "CPU, s", "peak private memory, MB"],
        rows,
        record,
    )


def pack(path: Path, count: int, side: int, form: str, options: dict[str, Any]) -> None:
    """A zip of smooth colours with noise on them, half of them called good."""
    generator = np.random.default_rng(0)
    slope = np.linspace(0, 80, side)
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(count):
            colour = 60 + generator.uniform(0, 1, 3) * slope[:, None, None] + slope[None, :, None]
            pixels = np.clip(colour + generator.normal(0, 8, (side, side, 1)), 0, 255).astype(np.uint8)
            out = io.BytesIO()
            Image.fromarray(pixels).save(out, form, **options)
            archive.writestr(f"{('good', 'scratch')[i % 2]}/{i:05}.{form.lower()}", out.getvalue())


if __name__ == "__main__":
    main()
