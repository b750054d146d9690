"""Tables to try things on, from installed packages or drawn here; nothing is fetched."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.storage.artifacts import storage_error


@dataclass(frozen=True)
class Sample:
    """A built-in table. `write_csv` puts it where it is told."""

    title: str
    summary: str
    label: str
    rows: Callable[[], tuple[list[str], Sequence[Sequence[Any]]]]

    def write_csv(self, path: Path) -> None:
        """Raises DiskFull, StorageFailed."""
        header, rows = self.rows()
        try:
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(header)
                writer.writerows(rows)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise storage_error(error, str(path)) from error


def _breast_cancer() -> tuple[list[str], Sequence[Sequence[Any]]]:
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    names = [str(name) for name in data.feature_names]
    kinds = ["malignant" if target == 0 else "benign" for target in data.target]
    return [*names, "diagnosis"], [[*row.tolist(), kind] for row, kind in zip(data.data, kinds, strict=True)]


def _digits() -> tuple[list[str], Sequence[Sequence[Any]]]:
    from sklearn.datasets import load_digits

    data = load_digits()
    keep = np.flatnonzero(data.target != 9)
    odd = np.flatnonzero(data.target == 9)[:60]
    order = np.random.default_rng(0).permutation(np.concatenate([keep, odd]))
    names = [f"pixel_{i // 8}_{i % 8}" for i in range(64)]
    rows = [[*data.data[i].astype(int).tolist(), "nine" if data.target[i] == 9 else "other digit"] for i in order]
    return [*names, "digit"], rows


def _orders() -> tuple[list[str], Sequence[Sequence[Any]]]:
    generator = np.random.default_rng(7)
    rows: list[list[Any]] = []
    usual = {"Nord": ("truck", 40.0), "Süd": ("truck", 55.0), "Overseas": ("ship", 900.0), "Express": ("air", 12.0)}
    regions = list(usual)
    for number in range(2_000):
        strange = number % 40 == 17
        region = regions[int(generator.choice(4, p=[0.4, 0.3, 0.2, 0.1]))]
        carrier, weight = usual[region]
        kilograms = weight * float(generator.lognormal(0, 0.35))
        price = 20 + 1.8 * kilograms * float(generator.normal(1, 0.08)) + (200 if carrier == "air" else 0)
        days = {"truck": 3.0, "ship": 30.0, "air": 1.0}[carrier] * float(generator.lognormal(0, 0.2))
        if strange and number % 80 == 17:
            carrier = "air" if carrier != "air" else "ship"
        elif strange:
            price *= 0.12
        cells: list[Any] = [f"A{number:05d}", region, carrier, round(kilograms, 2), round(price, 2), round(days, 1)]
        for column in (3, 5):
            if generator.random() < 0.06:
                cells[column] = ""
        rows.append([*cells, "yes" if generator.random() < 0.2 else "no", "strange" if strange else "usual"])
    return ["order_id", "region", "carrier", "kilograms", "price", "days", "insured", "label"], rows


SAMPLES: dict[str, Sample] = {
    "breast_cancer": Sample(
        "Breast cancer",
        "569 biopsies with 30 measurements each, from scikit-learn. The diagnosis is kept as the label.",
        "diagnosis",
        _breast_cancer,
    ),
    "digits": Sample(
        "Handwritten digits",
        "1,677 small images as 64 pixel columns, from scikit-learn; 60 nines hide among the other digits.",
        "digit",
        _digits,
    ),
    "orders": Sample(
        "Orders with gaps",
        "2,000 invented orders with names, numbers and empty cells, drawn by a seeded function; 50 don't add up.",
        "label",
        _orders,
    ),
}
