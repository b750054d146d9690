"""Centre and scale of a column of numbers, whatever stands in it, and two ways to keep its tails finite."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

LARGEST = 1e300  # infinities are treated as this
HUGE = float(np.finfo(np.float32).max)  # 3.4e38, what a network's numbers reach: beyond, all teaches as infinities do
BEND = 10.0  # scales from the centre where `bend` begins
NEAR, FAR = 5.0, 30.0  # scales from the centre: a cell within is never an outlier, one beyond always


def squash(values: Numbers, centre: float | Numbers, scale: float | Numbers) -> Numbers:
    """sign(z)·log(1 + |z|) with z = (x − centre) / scale; finite for every number, infinities included. NaN stays."""
    z = scaled(values, centre, scale)
    size: Numbers = np.abs(z)
    np.log1p(size, out=size)
    return np.copysign(size, z, out=size)


def unsquash(encoded: Numbers, centre: float, scale: float) -> Numbers:
    """The inverse of `squash`."""
    return unscaled(np.sign(encoded) * stretched(np.abs(encoded)), centre, scale)


def bend(z: Numbers) -> Numbers:
    """The same within ±BEND; beyond, it grows as the logarithm does, so that nothing is cut off."""
    size = np.abs(z)
    bent: Numbers = np.minimum(size, BEND) + np.log1p(np.maximum(size - BEND, 0.0))
    return np.copysign(bent, z)


def unbend(encoded: Numbers) -> Numbers:
    """The inverse of `bend`."""
    size = np.abs(encoded)
    return np.copysign(np.minimum(size, BEND) + stretched(np.maximum(size - BEND, 0.0)), encoded)


def scaled(values: Numbers, centre: float | Numbers, scale: float | Numbers) -> Numbers:
    """(x − centre) / scale within ±LARGEST. NaN stays."""
    z = np.clip(values, -LARGEST, LARGEST)
    with np.errstate(over="ignore"):
        z /= scale
        z -= centre / scale
    return np.clip(z, -LARGEST, LARGEST, out=z)


def unscaled(z: Numbers, centre: float, scale: float) -> Numbers:
    """The inverse of `scaled`, always a finite number."""
    with np.errstate(over="ignore"):
        return np.clip(z * scale + centre, -1.7e308, 1.7e308)


def stretched(size: Numbers) -> Numbers:
    """The inverse of log(1 + size), at most LARGEST."""
    return np.expm1(np.minimum(size, math.log(LARGEST)))


def centre_and_scale(values: Numbers) -> tuple[float, float]:
    """Median and interquartile range; where that is 0, the standard deviation with its tail cut off."""
    finite = np.clip(values[np.isfinite(values)], -LARGEST, LARGEST)
    if len(finite) == 0:
        return 0.0, 1.0
    low, centre, high = (float(q) for q in np.quantile(finite, [0.25, 0.5, 0.75], method="nearest"))
    spread = high / 2 - low / 2
    if spread * 2 > 1e-12 * max(abs(centre), 1e-300):
        return centre, min(spread * 2, LARGEST)
    away = np.abs(finite - centre)
    away = away[away > 1e-12 * max(abs(centre), 1e-300)]
    if len(away) == 0:
        return centre, max(abs(centre), 1.0) if centre else 1.0
    cap = float(np.median(away))
    return centre, max(cap * math.sqrt(len(away) / len(finite)), 1e-300)


def without_outliers(z: Numbers, share: float, far: float = LARGEST) -> Numbers:
    """Scaled numbers, (N,), with those pulled in that are beyond NEAR and among the outermost `share`, or beyond `far`.

    The outermost share is never less than one cell an end: one cell alone decides nothing.
    """
    low = np.quantile(z, share, method="higher")
    high = np.quantile(z, 1 - share, method="lower")
    return np.clip(z, max(min(low, -NEAR), -far), min(max(high, NEAR), far))


def mean_and_deviation(values: Numbers) -> tuple[float, float]:
    """Mean and standard deviation, computed with outliers pulled in (NEAR, FAR)."""
    centre, scale = centre_and_scale(values)
    finite = values[~np.isnan(values)]
    if len(finite) == 0:
        return centre, scale
    usual = without_outliers(scaled(finite, centre, scale), 0.01, FAR)
    deviation = float(usual.std())
    wide = scale * deviation if deviation > 0 else scale
    return float(unscaled(usual.mean(), centre, scale)), min(max(wide, 1e-300), LARGEST)
