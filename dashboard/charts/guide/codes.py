"""Figures of latent codes, (K, L): some rows' or windows', evenly spaced among all."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.charts import theme
from dashboard.charts.guide.drawn import Drawn
from dashboard.words import percent

POINTS = 2_000  # of a picture or a spread
DIMENSIONS = 64  # of a code that are drawn, the ones that vary most
Codes = NDArray[np.floating[Any]]


def spaced(count: int, most: int = POINTS) -> NDArray[np.int64]:
    """At most so many of `count` places, evenly spaced."""
    return np.arange(0, count, max(1, -(-count // most)))


def _strongest(codes: Codes) -> NDArray[np.int64]:
    """The dimensions that vary most, in their own order."""
    order = np.argsort(-codes.std(axis=0, dtype=np.float64), kind="stable")[:DIMENSIONS]
    return np.sort(order)


def _more(codes: Codes) -> str:
    return f" (the {DIMENSIONS} that vary most of {codes.shape[1]:,})" if codes.shape[1] > DIMENSIONS else ""


def code(codes: Codes, mine: Codes, who: str) -> Drawn:
    """One code, (L,), as bars over the range in which 90 of 100 codes lie."""
    keep = _strongest(codes)
    low, high = np.quantile(codes[:, keep], [0.05, 0.95], axis=0)
    own = mine[keep]
    outside = (own < low) | (own > high)
    made = theme.figure(f"The latent code of {who}", f"number of the code{_more(codes)}", "value")
    made.add_bar(
        x=keep + 1, y=high - low, base=low, marker_color="rgba(124,141,165,0.45)", name="where 90 of 100 codes lie",
        hovertemplate="number %{x}: %{base:.3g} and %{y:.3g} more<extra></extra>",
    )  # fmt: skip
    made.add_scatter(
        x=keep + 1, y=own, mode="markers", name="this code",
        marker={"size": 9, "color": np.where(outside, theme.FLAGGED, theme.VALIDATION).tolist()},
        hovertemplate="number %{x}: %{y:.3g}<extra></extra>",
    )  # fmt: skip
    made.update_xaxes(dtick=max(1, len(keep) // 12))
    table = pd.DataFrame({"number of the code": keep + 1, "value": own, "from": low, "to": high})
    out = int(outside.sum())
    words = f"{out} of its {len(keep)} numbers {'lies' if out == 1 else 'lie'} outside of where most codes have them."
    return Drawn(made, table, words)


def spreads(codes: Codes) -> Drawn:
    """Standard deviation of each latent dimension."""
    keep = _strongest(codes)
    found = codes[:, keep].std(axis=0, dtype=np.float64)
    made = theme.figure(
        "How much each number of the code varies", f"number of the code{_more(codes)}", "standard deviation"
    )
    made.add_bar(
        x=keep + 1, y=found, marker_color=theme.VALIDATION, hovertemplate="number %{x}: %{y:.3g}<extra></extra>"
    )
    made.update_xaxes(dtick=max(1, len(keep) // 12))
    strongest = float(found.max(initial=0))
    silent = int((found < 0.05 * strongest).sum())
    said = (
        "All of them vary."
        if silent == 0
        else f"{silent} of {len(keep)} hardly vary: less than a twentieth of the strongest."
    )
    return Drawn(made, pd.DataFrame({"number of the code": keep + 1, "standard deviation": found}), said)


def directions(codes: Codes) -> Drawn:
    """How much of the codes' variance the strongest directions hold together."""
    centred = np.asarray(codes, np.float64) - codes.mean(axis=0, dtype=np.float64)
    values = np.linalg.eigvalsh(np.atleast_2d(centred.T @ centred))[::-1].clip(0)
    total = float(values.sum())
    share = np.cumsum(values) / total if total > 0 else np.ones(len(values))
    at = np.arange(1, len(share) + 1)
    made = theme.figure(
        "How many directions the code uses", "directions, the strongest first", "share of the code's variance"
    )
    made.add_scatter(
        x=at, y=share, mode="lines+markers" if len(at) <= 40 else "lines", line={"color": theme.VALIDATION}, showlegend=False,
        hovertemplate="%{x} directions: %{y:.1%}<extra></extra>",
    )  # fmt: skip
    made.update_yaxes(tickformat=".0%", range=[0, 1.05])
    needed = int(np.searchsorted(share, 0.95 - 1e-12)) + 1
    words = f"{needed} of {len(at)} directions hold 95 % of what codes vary by."
    return Drawn(made, pd.DataFrame({"directions": at, "share of the variance": share}), words)


def active_units(codes: Codes, target: float | None, *, by_mean: bool = False) -> Drawn:
    """In what share of the rows each unit of the code is above 0, or its mean where units lie in 0 … 1.

    target: what the run was asked for; None for one that is not sparse.
    """
    found = np.sort((codes if by_mean else codes > 0).mean(axis=0, dtype=np.float64))[::-1]
    at = np.arange(1, len(found) + 1)
    title, y = ("How active each unit of the code is", "mean activation") if by_mean else (
        "How often each unit of the code is above 0", "share of rows")  # fmt: skip
    made = theme.figure(title, "unit of the code, the busiest first", y)
    made.add_bar(x=at, y=found, marker_color=theme.VALIDATION, hovertemplate="%{y:.1%}<extra></extra>")
    if target is not None:
        made.add_hline(
            y=target,
            line_dash="dash",
            line_color=theme.FLAGGED,
            annotation_text=f"active share asked for: {percent(target)}",
        )
    made.update_yaxes(tickformat=".0%", range=[0, 1.02])
    mean = f"{percent(float(found.mean()))}"
    words = f"The mean activation is {mean}." if by_mean else f"On average {mean} of the units are above 0 for a row."
    if target is None:
        words += " This run is not sparse: its units go to both sides of 0, and none is meant to be off."
    return Drawn(made, pd.DataFrame({"unit": at, y: found}), words)


def small_map(points: Codes, flagged: NDArray[np.bool_], item: str) -> Drawn:
    """A map as it is stored, (P, 2), flagged points in their colour; at most 2,000 of them."""
    keep = spaced(len(points))
    made = theme.figure(
        "The codes, as a PCA draws them", "first direction of the map", "second direction of the map", height=420
    )
    for name, part, colour in (
        ("not flagged", keep[~flagged[keep]], theme.HEALTHY),
        ("flagged", keep[flagged[keep]], theme.FLAGGED),
    ):
        made.add_scatter(
            x=points[part, 0], y=points[part, 1], mode="markers", name=name, marker={"size": 5, "color": colour},
            customdata=part + 1, hovertemplate=f"{item} %{{customdata:,}}<extra></extra>",
        )  # fmt: skip
    table = pd.DataFrame(
        {
            item: keep + 1,
            "first direction": points[keep, 0],
            "second direction": points[keep, 1],
            "flagged": flagged[keep],
        }
    )
    words = "" if len(keep) == len(points) else f"{len(keep):,} of {len(points):,} points, evenly spaced among them."
    return Drawn(made, table, words)


def prior(codes: Codes, variational: bool) -> Drawn:
    """The codes in their widest dimension beside the bell curve that new codes are drawn from."""
    widest = int(np.argmax(codes.std(axis=0, dtype=np.float64)))
    values = codes[:, widest].astype(np.float64)
    low, high = (float(bound) for bound in np.quantile(values, [0.005, 0.995]))
    span = (min(low, -3.5), max(high, 3.5))
    counts, edges = np.histogram(np.clip(values, *span), bins=40, range=span)
    wide = edges[1] - edges[0]
    density = counts / max(1, counts.sum()) / wide
    middle = (edges[:-1] + edges[1:]) / 2
    bell = np.exp(-0.5 * middle**2) / math.sqrt(2 * math.pi)
    made = theme.figure(f"Codes in dimension {widest + 1}, beside the prior", "value of the code", "density")
    made.add_bar(
        x=middle, y=density, width=wide, marker_color=theme.HEALTHY, name="codes of rows",
        hovertemplate="about %{x:.2f}: %{y:.3f}<extra></extra>",
    )  # fmt: skip
    made.add_scatter(
        x=middle, y=bell, mode="lines", line={"color": theme.FLAGGED, "dash": "dash"}, name="prior, a bell curve"
    )
    made.update_layout(bargap=0)
    words = (
        "This run is variational: codes drawn from the curve should be decoded into plausible rows."
        if variational
        else "This run is not variational: nothing drew its codes towards the curve, so a code drawn from it may be decoded "
        "into nonsense. Train a variational autoencoder to make new rows."
    )
    return Drawn(made, pd.DataFrame({"value": middle, "codes of rows": density, "prior": bell}), words)
