"""Extreme value theory: a tail fitted to the highest scores says from where on hardly any row would lie.

Peaks over threshold, as the initial step of SPOT (Siffer, Fouque, Termier, Largouët 2017): what exceeds a high quantile
follows a generalised Pareto distribution (Pickands 1975), here fitted by its likelihood with one unknown left (Grimshaw 1993).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.optimize import brentq, minimize_scalar

from core.errors import SettingsRefused
from core.specs import SettingsModel, unit
from core.thresholds import Given, Method, in_range
from core.words import count as in_words

FEWEST = 20  # exceedances that a tail is fitted to
DISTINCT = 10  # different ones among them
SHORTEST = -0.5  # shape: below it the likelihood has no maximum to rely on (Smith 1985)
GRID = 24  # of the unknown, before the best place is looked for more finely
WHERE = "tail of the scores"


class Tail(SettingsModel):
    """Where the tail begins, and how far out in it the cut lies."""

    share: float = Field(
        1e-3,
        gt=0,
        le=0.05,
        title="Expected share beyond",
        description="Share of rows of the same kind that would be expected at or over the cut; raising it flags more. It may be far "
        "less than one row of those there are.",
        json_schema_extra=unit("%", step=0.0001),
    )
    tail: float = Field(
        0.02,
        gt=0,
        le=0.5,
        title="Tail",
        description="Share of rows, the strangest, that the tail is fitted to; raising it fits more rows, and worse where these are "
        "no longer extreme.",
        json_schema_extra=unit("%", step=0.01, expert=True),
    )


def cut(given: Given, parameters: Tail) -> float:
    """The score over which the fitted tail expects that share. Raises SettingsRefused where too few rows, or too few
    different scores, are in the tail, or where the cut would lie before it."""
    quarters = given.ordered / 4  # exact, and differences of the largest numbers stay finite
    rows = len(quarters)
    start = quarters[rows - 1 - math.floor(parameters.tail * rows + 1e-9)]
    excess = quarters[np.searchsorted(quarters, start, side="right") :] - start  # (E,)
    _refuse(rows, excess, parameters)
    largest = float(excess[-1])
    shape, rate, mean = fit(excess / largest)
    beyond = math.log(parameters.share * rows / len(excess))  # below 0
    try:
        far = -mean * beyond if rate == 0 else math.expm1(-shape * beyond) / rate
    except OverflowError:
        far = math.inf
    return in_range(4 * (float(start) + largest * far))


def fit(excess: NDArray[np.float64]) -> tuple[float, float, float]:
    """Shape, shape ÷ scale, and mean, of the generalised Pareto distribution that exceedances, (E,), up to 1, are most
    likely under, with a shape of at least −1/2. A rate of 0 is the exponential distribution.

    Given the rate, the likelihood is highest at shape = mean of log(1 + rate · excess); the rate is −1 … ∞, here expm1(t).
    """
    mean = float(excess.mean())

    def shape(t: float) -> float:
        return float(np.log1p(math.expm1(t) * excess).mean())

    def loss(t: float) -> float:  # the negative log likelihood of one exceedance, on average
        if abs(t) < 1e-7:
            return math.log(mean) + 1
        return math.log(shape(t) / math.expm1(t)) + shape(t) + 1

    low, high = -30.0, min(30 - math.log(max(float(np.median(excess)), 1e-290)), 700.0)
    if shape(low) < SHORTEST:
        low = float(brentq(lambda t: shape(t) - SHORTEST, low, 0.0))
    grid = np.linspace(low, high, GRID)
    best = int(np.argmin([loss(t) for t in grid]))
    bounds = (grid[max(best - 1, 0)], grid[min(best + 1, GRID - 1)])
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-7})
    t = min((float(found.x), low, 0.0), key=loss)
    return (0.0, 0.0, mean) if abs(t) < 1e-7 else (shape(t), math.expm1(t), mean)


def _refuse(rows: int, excess: NDArray[np.float64], parameters: Tail) -> None:
    different = 1 + int((np.diff(excess) > 0).sum()) if len(excess) else 0
    if len(excess) < FEWEST or different < DISTINCT:
        raise SettingsRefused(
            f"only {in_words(len(excess), 'row')} of {rows:,}, with {in_words(different, 'different score')}, are in the tail: a "
            f"distribution is fitted to at least {FEWEST} with {DISTINCT} different ones",
            where=WHERE,
            fix="raise the tail, or flag by a share or a number instead",
        )
    if parameters.share * rows >= len(excess):
        raise SettingsRefused(
            f"{parameters.share:.3%} of the rows is no less than there are in the tail, {len(excess) / rows:.3%}",
            where=WHERE,
            fix="lower the expected share, or raise the tail",
        )


METHOD = Method(
    "tail of the scores",
    "Fits a distribution of extremes to the highest scores and flags what it would hardly ever bring forth. It takes the tail for "
    "that of healthy rows: anomalies in it move the cut up. It flags nothing where nothing is beyond the tail.",
    Tail,
    cut,
    expert=True,
)
