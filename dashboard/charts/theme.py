"""One look for all charts: a colour a meaning, safe for colour-blind eyes, readable on light and dark."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.colors import sample_colorscale, unlabel_rgb

HEALTHY = "#7c8da5"  # slate
FLAGGED = "#e69f00"  # orange
CONFIRMED = "#d55e00"  # vermilion
DISMISSED = "#009e73"  # green
UNSURE = "#0072b2"
TRAIN = "#7c8da5"
VALIDATION = "#1f8fd6"  # a blue for thin lines: at least 3 to 1 on white and on the dark ground
# Lines that only have to be told apart (Okabe and Ito 2008, without the two that are too light).
SERIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#7c8da5")
SEQUENTIAL = "Cividis"
DIVERGING = "RdBu"
# From −1 over nothing to 1: what is 0 shows the ground, light or dark.
AROUND_GROUND = [
    [0.0, "rgba(0,114,178,1)"],
    [0.5, "rgba(0,114,178,0)"],
    [0.5, "rgba(213,94,0,0)"],
    [1.0, "rgba(213,94,0,1)"],
]
GREY = "#808080"
FEWEST_TICKS = 3  # on an axis
INK = "#1f2733"  # on white paper only

PLOTLY_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "toImageButtonOptions": {"format": "svg", "filename": "hourglass"},
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}
NEARLY_ALL = 0.05  # of scores, which a logarithmic axis need not show
BELOW = 1e-3  # of the next score, down to which it still reaches


def figure(title: str, x: str, y: str, *, height: int = 360) -> go.Figure:
    """An empty figure with its title and axes; both backgrounds are the page's."""
    grid = {"gridcolor": "rgba(128,128,128,0.25)", "zeroline": False}
    # In one go: as updates of a figure the same takes eight times as long.
    return go.Figure(
        layout={
            "title": {
                "text": title,
                "font": {"size": 15},
                "y": 1,
                "yref": "container",
                "yanchor": "top",
                "pad": {"t": 10},
            },
            "height": height,
            "margin": {"l": 60, "r": 20, "t": 68, "b": 48},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "hoverlabel": {"namelength": -1},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": GREY, "activecolor": UNSURE},
            # Under the title, where it fits on a phone too.
            "legend": {"orientation": "h", "y": 1, "x": 0, "xanchor": "left", "yanchor": "bottom"},
            "xaxis": {"title": {"text": x}, **grid},
            "yaxis": {"title": {"text": y}, **grid},
        }
    )


def least_shown(scores: NDArray[np.floating[Any]]) -> float:
    """Where a logarithmic axis of scores begins: with the lowest above 0, but for what lies far below nearly all and would make the
    rest small. Of scores none of which is above 0, with 1."""
    positive = scores[(scores > 0) & np.isfinite(scores)]
    if len(positive) == 0:
        return 1.0
    low, high, most = float(positive.min()), float(positive.max()), float(np.quantile(positive, NEARLY_ALL))
    return max(low, most * BELOW, high * 1e-15)


def coloured(shares: NDArray[np.floating[Any]], scale: str) -> NDArray[np.uint8]:
    """Numbers in 0 … 1 (what is beyond is cut), (H, W), as a colour scale's red, green and blue, (H, W, 3)."""
    table = np.asarray(
        [unlabel_rgb(colour) for colour in sample_colorscale(scale, np.linspace(0, 1, 256).tolist())], np.uint8
    )
    return table[np.rint(np.clip(shares, 0, 1) * 255).astype(np.intp)]


def log_ticks(low: float, high: float) -> dict[str, Any]:
    """Ticks of a logarithmic axis over [low, high], low > 0, written out: 0.02, 0.05, 0.1 rather than 2, 5."""
    first, last = np.floor(np.log10(low)), np.ceil(np.log10(high))
    steps = (1, 2, 5) if last - first <= 4 else (1,)
    values = [step * 10.0**power for power in np.arange(first, last + 1) for step in steps]
    if sum(low <= value <= high for value in values) < FEWEST_TICKS:
        values = _evenly(low, high)
    return {"tickmode": "array", "tickvals": values, "ticktext": [f"{value:,.6g}" for value in values]}


def ticks_within(low: float, high: float) -> list[float]:
    """Those of `log_ticks` that lie in [low, high]."""
    return [value for value in log_ticks(low, high)["tickvals"] if low <= value <= high]


def _evenly(low: float, high: float) -> list[float]:
    """Some round numbers in [low, high], evenly spaced; where there is no room between the two, the lower one."""
    power = 10.0 ** np.floor(np.log10((high - low) / 4)) if high - low > 1e-6 * high else 0.0
    if not power:
        return [low]
    step = next(
        step for step in (5 * power, 2 * power, power) if high // step - np.ceil(low / step) >= FEWEST_TICKS - 1
    )
    return [float(f"{number * step:.12g}") for number in np.arange(np.ceil(low / step), high // step + 1)]
