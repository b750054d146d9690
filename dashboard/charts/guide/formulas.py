"""Figures that need no run: drawn from formulas, with a run's own setting marked where there is one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.words import count as counted
from dashboard.charts import theme
from dashboard.charts.guide.drawn import Drawn
from dashboard.charts.text import escape, headings
from dashboard.words import percent

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
_erf = np.vectorize(math.erf)
ACTIVATIONS: dict[str, Curve] = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "gelu": lambda x: 0.5 * x * (1 + _erf(x / math.sqrt(2))),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "linear": lambda x: x,
}
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
HUBER = 1.0  # core.models.heads: from here on an error counts in proportion
LOSSES: dict[str, Curve] = {
    "squared": lambda x: x**2,
    "absolute": np.abs,
    "huber": lambda x: np.where(np.abs(x) <= HUBER, 0.5 * x**2, HUBER * (np.abs(x) - 0.5 * HUBER)),
}
SILENCED = [[0.0, "rgba(124,141,165,0.25)"], [1.0, theme.FLAGGED]]  # what is hidden, in the colour of what stands out


def _curves(title: str, x: str, y: str, at: NDArray[np.float64], curves: dict[str, Curve], own: str | None) -> Drawn:
    made = theme.figure(title, x, y)
    values = {name: np.asarray(curve(at), float) for name, curve in curves.items()}
    for (name, curve), dash in zip(values.items(), DASHES, strict=False):
        mine = name == own
        made.add_scatter(
            x=at,
            y=curve,
            name=f"{name} (this run's)" if mine else name,
            mode="lines",
            line={"dash": dash, "color": theme.VALIDATION if mine else theme.HEALTHY, "width": 3.5 if mine else 1.5},
        )
    if len(curves) > 4:  # their names need three lines under the title
        made.update_layout(margin={"t": 112}, height=400)
    table = pd.DataFrame({x: at, **values})
    return Drawn(made, table.iloc[:: max(1, len(table) // 20)].reset_index(drop=True))


def activations(own: str | None = None) -> Drawn:
    """The bends, over what goes in."""
    at = np.linspace(-4, 4, 161)
    return _curves(
        "What each activation makes of a number", "number that goes in", "number that comes out", at, ACTIVATIONS, own
    )


def loss_terms(own: str | None = None) -> Drawn:
    """What an error costs, by its size."""
    at = np.linspace(-4, 4, 161)
    drawn = _curves(
        "What a difference costs in the loss", "difference (in spreads of the column)", "loss term", at, LOSSES, own
    )
    others = {"likelihood": "likelihood: as squared, in units of a spread that is learned for each column",
              "cross-entropy": "cross-entropy, for pixels from black to white"}  # fmt: skip
    return Drawn(drawn.figure, drawn.table, f"This run uses {others[own]}." if own in others else "")


def _grid(
    title: str, x: str, y: str, hidden: NDArray[np.bool_], names: Sequence[str], word: str
) -> tuple[Any, pd.DataFrame]:
    made = theme.figure(title, x, y, height=320)
    made.add_heatmap(
        z=hidden.astype(float),
        x=list(range(hidden.shape[1])),
        y=list(range(1, len(hidden) + 1)),
        customdata=np.broadcast_to(np.asarray([escape(name, 40) for name in names], object), hidden.shape),
        text=np.where(hidden, word, "kept"),
        colorscale=SILENCED,
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=1,
        ygap=1,
        hovertemplate="%{customdata}, %{y}: %{text}<extra></extra>",
    )
    made.update_yaxes(autorange="reversed", showgrid=False, dtick=2)
    made.update_xaxes(
        tickmode="array", tickvals=list(range(hidden.shape[1])), ticktext=[escape(name, 14) for name in names],
        tickangle=-45, showgrid=False, automargin=True,
    )  # fmt: skip
    table = pd.DataFrame(np.where(hidden, word, ""), columns=headings(names))
    table.insert(0, "no.", range(1, len(hidden) + 1))
    return made, table


def dropout(share: float, units: int = 24, steps: int = 10) -> Drawn:
    """Which units of a layer are silenced in some steps."""
    silenced = np.random.default_rng(0).random((steps, units)) < share
    made, table = _grid(
        f"Units silenced in {steps} steps, with a dropout of {percent(share)}", "unit of a layer", "step", silenced,
        [f"unit {i}" for i in range(1, units + 1)], "silenced",
    )  # fmt: skip
    shown = list(range(0, units, 4))
    made.update_xaxes(ticktext=[str(i + 1) for i in shown], tickangle=0, tickvals=shown)
    return Drawn(made, table, "Orange units are silent in that step. Afterwards, when rows are scored, none is.")


def hidden_columns(columns: Sequence[str], share: float, what: str = "hidden", rows: int = 10) -> Drawn:
    """Which columns of some rows are taken from the network's sight."""
    names = list(columns)[:20]
    hidden = np.random.default_rng(0).random((rows, len(names))) < share
    made, table = _grid(
        f"Columns {what} in {rows} rows, at a share of {percent(share)}", "source column", "row", hidden, names, what
    )
    return Drawn(
        made, table, "Drawn by the rule, with chance of its own: in training other cells are drawn in each step."
    )


def noise(strength: float) -> Drawn:
    """Where the value of a cell may lie once Gaussian noise was added."""
    at = np.linspace(-4, 4, 161)
    made = theme.figure(
        f"What noise of strength {strength:g} makes of one value",
        "value (in spreads of the column)",
        "density",
        height=320,
    )
    rows = np.exp(-0.5 * at**2) / math.sqrt(2 * math.pi)
    spoilt = np.exp(-0.5 * (at / strength) ** 2) / (strength * math.sqrt(2 * math.pi))
    made.add_scatter(x=at, y=rows, name="a column's values", mode="lines", line={"color": theme.HEALTHY})
    made.add_scatter(
        x=at, y=spoilt, name="where a value of 0 is shown", mode="lines", line={"color": theme.FLAGGED, "dash": "dash"}
    )
    table = pd.DataFrame({"value": at, "a column's values": rows, "where a value of 0 is shown": spoilt})
    return Drawn(
        made, table.iloc[::8].reset_index(drop=True),
        "From the formula, for a column whose values follow a bell curve; the network has to give back 0.",
    )  # fmt: skip


def kl_cost() -> Drawn:
    """What the KL term costs, by how far a cloud's middle is from 0."""
    at = np.linspace(-3, 3, 121)
    made = theme.figure("What the KL term costs in one latent dimension", "mean of the cloud", "KL term (nats)")
    table = pd.DataFrame({"mean": at})
    for spread, dash in ((1.0, "solid"), (0.5, "dash"), (0.1, "dot")):
        cost = 0.5 * (at**2 + spread**2 - 1 - 2 * math.log(spread))
        name = f"spread {spread:g}"
        made.add_scatter(x=at, y=cost, name=name, mode="lines", line={"dash": dash, "color": theme.VALIDATION})
        table[name] = cost
    made.update_yaxes(rangemode="tozero")
    return Drawn(
        made, table.iloc[::6].reset_index(drop=True),
        "From the formula. It costs nothing only where the cloud is the prior itself: mean 0, spread 1, which tells "
        "nothing of a row.",
    )  # fmt: skip


def steps(rows: int, own: int | None) -> Drawn:
    """Steps of an epoch by batch size."""
    sizes = sorted({2**k for k in range(3, 13)} | ({own} if own else set()))
    counts = [math.ceil(rows / size) for size in sizes]
    made = theme.figure(
        f"Steps in one epoch over {counted(rows, 'row')}", "batch size (rows, log scale)", "steps an epoch (log scale)"
    )
    made.add_scatter(
        x=sizes, y=counts, mode="lines+markers", line={"color": theme.HEALTHY}, showlegend=False,
        hovertemplate="%{x:,} rows a batch: %{y:,} steps<extra></extra>",
    )  # fmt: skip
    if own:
        made.add_scatter(
            x=[own], y=[math.ceil(rows / own)], mode="markers", name="this run",
            marker={"color": theme.FLAGGED, "size": 12}, hovertemplate="this run: %{y:,} steps<extra></extra>",
        )  # fmt: skip
    made.update_xaxes(type="log", tickmode="array", tickvals=sizes[::2], ticktext=[f"{size:,}" for size in sizes[::2]])
    made.update_yaxes(type="log", **theme.log_ticks(1, max(2, max(counts))))
    words = f"With {counted(own, 'row')} a batch one epoch has {counted(math.ceil(rows / own), 'step')}." if own else ""
    return Drawn(made, pd.DataFrame({"batch size": sizes, "steps an epoch": counts}), words)


def windows(length: int, stride: int, count: int = 10) -> Drawn:
    """How the first windows lie over the steps of a series."""
    starts = [i * stride for i in range(count)]
    made = theme.figure(
        f"The first {count} windows: {length:,} steps each, one every {stride:,}",
        "step of the series",
        "window",
        height=320,
    )
    made.add_bar(
        x=[length] * count, base=starts, y=list(range(1, count + 1)), orientation="h", marker_color=theme.HEALTHY,
        customdata=[(start + 1, start + length) for start in starts],
        hovertemplate="window %{y}: steps %{customdata[0]:,} to %{customdata[1]:,}<extra></extra>",
    )  # fmt: skip
    made.update_yaxes(autorange="reversed", dtick=1)
    table = pd.DataFrame(
        {
            "window": range(1, count + 1),
            "first step": [s + 1 for s in starts],
            "last step": [s + length for s in starts],
        }
    )
    return Drawn(
        made, table, f"A step in the middle of a series lies in {counted(max(1, length // stride), 'window')}."
    )


def image_sizes(side: int | None, channels: int) -> Drawn:
    """Numbers that go in for one image, by its size."""
    sides = sorted({16, 32, 64, 96, 128, 192, 256} | ({side} if side else set()))
    numbers = [size * size * channels for size in sides]
    made = theme.figure("Numbers that one image is, by its size", "height and width (pixels)", "numbers that go in")
    made.add_bar(
        x=[str(size) for size in sides], y=numbers,
        marker_color=[theme.FLAGGED if size == side else theme.HEALTHY for size in sides],
        hovertemplate="%{x} × %{x} pixels: %{y:,} numbers<extra></extra>",
    )  # fmt: skip
    made.update_xaxes(type="category")
    colour = "in colour, three numbers a pixel" if channels == 3 else "in grey, one number a pixel"
    words = f"For images {colour}." + (f" The orange bar is this run's size, {side}." if side else "")
    return Drawn(made, pd.DataFrame({"pixels a side": sides, "numbers": numbers}), words)
