"""Rows to compare, drawn by seed."""

from __future__ import annotations

import numpy as np

from core.drift import Sample

WORDS = np.array(["a", "b", "c", None], object)


def values(rows: int, seed: int, columns: int = 8) -> dict[str, np.ndarray]:
    """Numbers that go together, whole numbers of few values, categories and choices, all with gaps."""
    draw = np.random.default_rng(seed)
    numbers = draw.normal(size=(rows, columns)) + draw.normal(size=(rows, 1))
    numbers[draw.random(numbers.shape) < 0.05] = np.nan
    out: dict[str, np.ndarray] = {f"n{i}": numbers[:, i] for i in range(columns)}
    out["ties"] = draw.integers(0, 4, rows).astype(float)
    out["kind"] = draw.choice(WORDS, rows, p=[0.6, 0.25, 0.1, 0.05])
    out["rare"] = np.where(draw.random(rows) < 0.02, draw.integers(0, 50, rows).astype(str), "usual").astype(object)
    out["likes"] = draw.choice(np.array(["tea; cake", "cake", "tea", "milk; tea"], object), rows)
    return out


def sample(rows: int, seed: int, held: int | None = None) -> Sample:
    """With codes and scores; held: how many of the rows are held back."""
    draw = np.random.default_rng(seed + 10_000)
    return Sample(
        values(rows, seed),
        separators={"likes": ";"},
        codes=draw.normal(size=(rows, 4)),
        scores=draw.lognormal(size=rows),
        held=None if held is None else np.arange(rows) < held,
    )
