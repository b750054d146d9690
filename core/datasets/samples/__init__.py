"""Data to try things on, from installed packages or drawn here by seeded functions; nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.datasets.samples.images import plates
from core.datasets.samples.series import sensors
from core.datasets.samples.tables import breast_cancer, csv_of, digits, orders, wine
from core.specs import FOUND, ReadOptions
from core.storage.artifacts import storage_error


@dataclass(frozen=True)
class Sample:
    """Built-in data. `write` puts it where it is told."""

    title: str
    summary: str
    label: str  # the column that says what is an anomaly; empty where the data says so itself
    suffix: str  # of its file: .csv, .zip
    draw: Callable[[Path], None]
    options: ReadOptions = FOUND

    def write(self, path: Path) -> None:
        """Raises DiskFull, StorageFailed."""
        try:
            self.draw(path)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise storage_error(error, str(path)) from error


SAMPLES: dict[str, Sample] = {
    "breast_cancer": Sample(
        "Breast cancer",
        "569 biopsies with 30 measurements each, from scikit-learn. The diagnosis is kept as the label.",
        "diagnosis",
        ".csv",
        csv_of(breast_cancer),
    ),
    "wine": Sample(
        "Wine",
        "140 bottles with 13 measurements each, from scikit-learn; 10 of a third cultivar hide among two others.",
        "cultivar",
        ".csv",
        csv_of(wine),
    ),
    "orders": Sample(
        "Orders with gaps",
        "2,000 invented orders with names, numbers and empty cells, drawn by a seeded function; 50 don't add up.",
        "label",
        ".csv",
        csv_of(orders),
    ),
    "digits": Sample(
        "Handwritten digits",
        "1,677 small images, from scikit-learn; 60 nines hide among the other digits.",
        "digit",
        ".csv",
        csv_of(digits),
        ReadOptions(images=True),
    ),
    "plates": Sample(
        "Stamped plates",
        "336 images of metal plates, drawn by a seeded function; 36 have a scratch, a stain or a missing hole.",
        "",
        ".zip",
        plates,
    ),
    "sensors": Sample(
        "Pump with sensors",
        "20,160 minutes of six sensors of a pump, drawn by a seeded function; 12 faults of six kinds hide in them.",
        "fault",
        ".csv",
        csv_of(sensors),
    ),
}
