"""Sample tables, from installed packages or drawn here by a seeded function."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Rows = tuple[list[str], Sequence[Sequence[Any]]]  # names, cells


def csv_of(rows: Callable[[], Rows]) -> Callable[[Path], None]:
    """What writes them as CSV. Raises OSError."""

    def write(path: Path) -> None:
        header, cells = rows()
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(cells)

    return write


def breast_cancer() -> Rows:
    """Biopsies, benign and malignant."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    names = [str(name) for name in data.feature_names]
    kinds = ["malignant" if target == 0 else "benign" for target in data.target]
    return [*names, "diagnosis"], [[*row.tolist(), kind] for row, kind in zip(data.data, kinds, strict=True)]


def wine() -> Rows:
    """Bottles of two cultivars, and a few of a third."""
    from sklearn.datasets import load_wine

    data = load_wine()
    usual, odd = np.flatnonzero(data.target != 2), np.flatnonzero(data.target == 2)[:10]
    order = np.random.default_rng(0).permutation(np.concatenate([usual, odd]))
    names = ["first", "second", "third"]
    return [*data.feature_names, "cultivar"], [[*data.data[i].tolist(), names[data.target[i]]] for i in order]


def digits() -> Rows:
    """Small images as pixels, with a few nines among the other digits."""
    from sklearn.datasets import load_digits

    data = load_digits()
    keep = np.flatnonzero(data.target != 9)
    odd = np.flatnonzero(data.target == 9)[:60]
    order = np.random.default_rng(0).permutation(np.concatenate([keep, odd]))
    names = [f"pixel_{i // 8}_{i % 8}" for i in range(64)]
    rows = [[*data.data[i].astype(int).tolist(), "nine" if data.target[i] == 9 else "other digit"] for i in order]
    return [*names, "digit"], rows


def orders() -> Rows:
    """Invented orders with names, numbers and empty cells; some don't add up."""
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
