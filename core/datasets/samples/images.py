"""Sample images, drawn here by a seeded function: stamped plates of brushed metal, some with a defect."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 48  # pixels
GOOD_TO_TRAIN, GOOD_TO_TEST, SPOILED = 240, 60, 12
DEFECTS = ("scratch", "stain", "missing_hole")
Picture = NDArray[np.float64]  # (SIDE, SIDE) in 0 … 1


def plates(path: Path) -> None:
    """A zip as industrial sets are laid out: train/good, test/good, test/DEFECT. Raises OSError."""
    generator = np.random.default_rng(5)
    folders = [("train/good", "", GOOD_TO_TRAIN), ("test/good", "", GOOD_TO_TEST)]
    folders += [(f"test/{defect}", defect, SPOILED) for defect in DEFECTS]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for folder, defect, count in folders:
            for i in range(count):
                out = io.BytesIO()
                pixels = np.clip(plate(generator, defect) * 255, 0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(out, "PNG")
                archive.writestr(zipfile.ZipInfo(f"plates/{folder}/{i:03d}.png"), out.getvalue())


def plate(generator: np.random.Generator, defect: str = "") -> Picture:
    """One plate: four holes and a ring on brushed metal, placed to within a pixel, with one of DEFECTS or none."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    y, x = y - generator.uniform(-1, 1), x - generator.uniform(-1, 1)
    noise = generator.normal(size=(SIDE, SIDE + 12))
    grain = np.stack([noise[:, k : k + SIDE] for k in range(12)]).mean(axis=0)  # drawn out along the brush
    image = 0.6 + 0.09 * grain
    ring = np.hypot(y - 24, x - 24)
    image -= 0.25 * _soft(abs(ring - 11) < 2.5)
    missing = int(generator.integers(4)) if defect == "missing_hole" else -1
    for i, (row, column) in enumerate(((9, 9), (9, 39), (39, 9), (39, 39))):
        if i != missing:
            image -= 0.4 * _soft(np.hypot(y - row, x - column) < 4)
    row, column = generator.uniform(14, 34, 2)
    if defect == "scratch":
        angle, length = generator.uniform(0.4, 2.7), generator.uniform(6, 12)
        along = (y - row) * np.sin(angle) + (x - column) * np.cos(angle)
        across = (y - row) * np.cos(angle) - (x - column) * np.sin(angle)
        image += 0.35 * np.exp(-((across / 0.8) ** 2)) * (abs(along) < length)
    elif defect == "stain":
        image -= 0.3 * np.exp(-((np.hypot(y - row, x - column) / generator.uniform(2, 4)) ** 2))
    lamp, sensor = generator.uniform(0.94, 1.06), generator.normal(0, 0.015, image.shape)
    return np.asarray(image * lamp + sensor)


def _soft(inside: NDArray[np.bool_]) -> Picture:
    """A shape with an edge of a pixel's width."""
    padded = np.pad(inside.astype(float), 1, mode="edge")
    shifted = [padded[i : i + SIDE, k : k + SIDE] for i in range(3) for k in range(3)]
    return np.asarray(np.mean(shifted, axis=0))
