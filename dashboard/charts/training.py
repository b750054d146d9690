"""Charts of a network and its training: the hourglass, the live curve, the finished curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.results import Metric
from core.specs import Plan
from dashboard.charts import theme

NAMES = {"train": "training", "validation": "validation"}


def hourglass(plan: Plan) -> go.Figure:
    """The network as a row of layers, each as tall as it is wide in units (square-root scale)."""
    count = len(plan.widths)
    title = "The network"  # in two lines, for a phone is narrow
    said = f"about {plan.parameters:,} parameters, bottleneck of {plan.bottleneck:,}"
    made = theme.figure(f"{title}<br><span style='font-size:13px'>{said}</span>", "", "", height=280)
    widest = max(plan.widths)
    heights = [max(0.06, (width / widest) ** 0.5) for width in plan.widths]
    for i in range(count - 1):
        made.add_scatter(
            x=[i + 0.12, i + 0.88, i + 0.88, i + 0.12, i + 0.12],
            y=[heights[i], heights[i + 1], -heights[i + 1], -heights[i], heights[i]],
            fill="toself",
            mode="none",
            fillcolor="rgba(128,128,128,0.18)",
            hoverinfo="skip",
            showlegend=False,
        )
    middle = count // 2
    words = ["input", *["hidden"] * (count - 2), "output"]
    words[middle] = "bottleneck" if count > 2 else words[middle]
    made.add_bar(
        x=list(range(count)),
        y=[2 * height for height in heights],
        base=[-height for height in heights],
        width=0.24,
        marker_color=[theme.FLAGGED if i == middle else theme.HEALTHY for i in range(count)],
        customdata=[(word, width) for word, width in zip(words, plan.widths, strict=True)],
        hovertemplate="%{customdata[0]}: %{customdata[1]:,} units<extra></extra>",
        showlegend=False,
    )
    made.update_xaxes(
        tickmode="array",
        tickvals=list(range(count)),
        ticktext=[f"{word}<br>{width:,}" for word, width in zip(words, plan.widths, strict=True)],
        showgrid=False,
        fixedrange=True,
    )
    made.update_yaxes(visible=False, range=[-1.1, 1.1], fixedrange=True)
    made.update_layout(bargap=0, margin={"l": 10, "r": 10, "t": 64, "b": 48})
    return made


def _losses(metrics: Sequence[Metric]) -> pd.DataFrame:
    """The two curves that are always there: a row an epoch and curve."""
    return pd.DataFrame(
        [(m.epoch, NAMES[m.name], m.value) for m in metrics if m.name in NAMES], columns=["epoch", "curve", "loss"]
    )


def curve_table(metrics: Sequence[Metric]) -> pd.DataFrame:
    """Losses by epoch: one column a curve."""
    frame = _losses(metrics)
    return frame.pivot_table(index="epoch", columns="curve", values="loss").reset_index()


def live_curve(metrics: Sequence[Metric]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Data and Vega-Lite spec of the curve while it grows."""
    frame = _losses(metrics)
    logarithmic = bool((frame["loss"] > 0).all())
    spec = {
        "mark": {"type": "line", "point": len(frame) < 60, "clip": True},
        "height": 260,
        "encoding": {
            "x": {"field": "epoch", "type": "quantitative", "title": "epoch", "axis": {"tickMinStep": 1}},
            "y": {
                "field": "loss",
                "type": "quantitative",
                "title": "loss (log scale)" if logarithmic else "loss",
                "scale": {"type": "log" if logarithmic else "linear", "zero": False},
            },
            "color": {
                "field": "curve",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["training", "validation"], "range": [theme.TRAIN, theme.VALIDATION]},
                "legend": {"orient": "top"},
            },
        },
    }
    return frame, spec


def learning_curve(metrics: Sequence[Metric], best_epoch: int) -> go.Figure:
    """The finished curve, with the epoch whose weights were kept."""
    losses = [metric.value for metric in metrics if metric.name in NAMES]
    logarithmic = bool(losses) and min(losses) > 0  # a likelihood's loss may be below 0
    made = theme.figure("Loss by epoch", "epoch (passes over the rows)", "loss (log scale)" if logarithmic else "loss")
    for name, colour in (("train", theme.TRAIN), ("validation", theme.VALIDATION)):
        points = [metric for metric in metrics if metric.name == name]
        if points:
            made.add_scatter(
                x=[point.epoch for point in points],
                y=[point.value for point in points],
                name=NAMES[name],
                mode="lines",
                line={"color": colour},
            )
    made.add_vline(x=best_epoch, line_dash="dot", line_color=theme.GREY, annotation_text=f"kept: epoch {best_epoch}")
    if logarithmic:
        made.update_yaxes(type="log", **theme.log_ticks(min(losses), max(losses)))
    return made
